// The conformance runner with the format of the Kotlin binding: rows go through a serializer that takes any value,
// in both directions and by columns. The calls are the Java binding's, over which this one stands. One thread.
package dev.cairn.kotlin

import dev.cairn.Conformance
import dev.cairn.Undefined
import dev.cairn.Words
import dev.cairn.internal.Objects
import dev.cairn.internal.Plain
import java.util.function.IntFunction
import kotlinx.serialization.KSerializer
import kotlinx.serialization.builtins.ListSerializer
import kotlinx.serialization.builtins.MapSerializer
import kotlinx.serialization.builtins.nullable
import kotlinx.serialization.builtins.serializer
import kotlinx.serialization.descriptors.SerialDescriptor
import kotlinx.serialization.descriptors.buildClassSerialDescriptor
import kotlinx.serialization.encoding.CompositeDecoder
import kotlinx.serialization.encoding.Decoder
import kotlinx.serialization.encoding.Encoder

/** A row with fields of these names: what the compiler makes for a class. */
@OptIn(kotlinx.serialization.ExperimentalSerializationApi::class)
private class AnyRow(private val names: List<String>) : KSerializer<Map<String, Any?>> {
    private val values = Nested.nullable

    override val descriptor: SerialDescriptor = buildClassSerialDescriptor("row") {
        for (name in names) element(name, values.descriptor, isOptional = true)
    }

    override fun serialize(encoder: Encoder, value: Map<String, Any?>) {
        val row = encoder.beginStructure(descriptor)
        names.forEachIndexed { i, name -> row.encodeNullableSerializableElement(descriptor, i, Nested, value[name]) }
        row.endStructure(descriptor)
    }

    override fun deserialize(decoder: Decoder): Map<String, Any?> {
        val row = decoder.beginStructure(descriptor)
        val out = LinkedHashMap<String, Any?>()
        while (true) {
            val i = row.decodeElementIndex(descriptor)
            if (i == CompositeDecoder.DECODE_DONE) break
            out[names[i]] = row.decodeNullableSerializableElement(descriptor, i, values)
        }
        row.endStructure(descriptor)
        return out
    }
}

// A value: lists and objects by the serializers that Kotlin has for them, all else as it is.
private object Nested : KSerializer<Any> {
    override val descriptor: SerialDescriptor get() = AnySerializer.descriptor
    private val lists by lazy { ListSerializer(nullable) }
    private val maps by lazy { MapSerializer(String.serializer(), nullable) }

    @Suppress("UNCHECKED_CAST")
    override fun serialize(encoder: Encoder, value: Any) = when (value) {
        is List<*> -> encoder.encodeSerializableValue(lists, value as List<Any?>)
        is Map<*, *> -> encoder.encodeSerializableValue(maps, value as Map<String, Any?>)
        else -> encoder.encodeSerializableValue(AnySerializer, value)
    }

    override fun deserialize(decoder: Decoder): Any = decoder.decodeSerializableValue(AnySerializer)
}

private class KotlinWords : Words() {
    override fun fields(value: Any?, isUpdate: Boolean): Plain.Fields {
        val map = value as? Map<*, *> ?: return super.fields(value, isUpdate)
        // Updates are maps of changes; undefined is no value of a class.
        if (isUpdate || map.containsValue(Undefined.UNDEFINED)) return super.fields(value, isUpdate)
        return SerialRows(AnyRow(map.keys.map { it as String })).fields(map.mapKeys { it.key as String })
    }

    override fun reader(values: Objects): IntFunction<*> = IntFunction { i ->
        val group = values.groupOf(i)
        val names = if (group == Objects.LOOSE) values.get(i).keys.toList() else values.groups[group].names.toList()
        SerialRows(AnyRow(names)).reader(values).apply(i)
    }
}

fun main() = Conformance(KotlinWords()).run()
