// Encodes serializable classes as what the Java binding keeps rows of (dev.cairn.internal.Plain). All fields are
// written, defaults too. One thread at a time.
package dev.cairn.kotlin

import dev.cairn.internal.Plain
import kotlinx.serialization.ExperimentalSerializationApi
import kotlinx.serialization.SerializationStrategy
import kotlinx.serialization.descriptors.SerialDescriptor
import kotlinx.serialization.descriptors.StructureKind
import kotlinx.serialization.encoding.AbstractEncoder
import kotlinx.serialization.encoding.CompositeEncoder
import kotlinx.serialization.modules.EmptySerializersModule
import kotlinx.serialization.modules.SerializersModule
import java.util.concurrent.ConcurrentHashMap

// One array of names for a class: rows of one shape are known by it.
private val NAMES = ConcurrentHashMap<SerialDescriptor, Array<String>>()

@OptIn(ExperimentalSerializationApi::class)
private fun namesOf(descriptor: SerialDescriptor): Array<String> =
    NAMES.getOrPut(descriptor) { Array(descriptor.elementsCount, descriptor::getElementName) }

@OptIn(ExperimentalSerializationApi::class)
internal class RowEncoder(private val give: (Any?) -> Unit) : AbstractEncoder(), ValueEncoder {
    override val serializersModule: SerializersModule = EmptySerializersModule()

    override fun encodeAnyValue(value: Any?) = give(Plain.of(value))

    override fun encodeValue(value: Any) = give(Plain.of(value))

    override fun encodeNull() = give(null)

    override fun encodeEnum(enumDescriptor: SerialDescriptor, index: Int) = give(enumDescriptor.getElementName(index))

    override fun <T> encodeSerializableValue(serializer: SerializationStrategy<T>, value: T) =
        if (serializer === BYTES) give(value) else super.encodeSerializableValue(serializer, value)

    override fun beginStructure(descriptor: SerialDescriptor): CompositeEncoder = when (descriptor.kind) {
        StructureKind.LIST -> PartsEncoder { parts -> give(parts.toTypedArray()) }
        StructureKind.MAP -> PartsEncoder { parts -> give(mapOf(parts)) }
        else -> FieldsEncoder(descriptor, give)
    }

    private fun mapOf(parts: List<Any?>): Plain.Fields {
        val names = Array(parts.size / 2) { parts[2 * it].toString() }
        return Plain.Fields(names, Array(names.size) { parts[2 * it + 1] })
    }
}

// The items of a list, or the keys and values of a map.
@OptIn(ExperimentalSerializationApi::class)
private class PartsEncoder(private val end: (List<Any?>) -> Unit) : AbstractEncoder() {
    override val serializersModule: SerializersModule = EmptySerializersModule()
    private val parts = ArrayList<Any?>()
    private val one = RowEncoder { parts.add(it) }

    override fun encodeValue(value: Any) = one.encodeValue(value)

    override fun encodeNull() = one.encodeNull()

    override fun encodeEnum(enumDescriptor: SerialDescriptor, index: Int) = one.encodeEnum(enumDescriptor, index)

    override fun <T> encodeSerializableValue(serializer: SerializationStrategy<T>, value: T) =
        one.encodeSerializableValue(serializer, value)

    override fun beginStructure(descriptor: SerialDescriptor): CompositeEncoder = one.beginStructure(descriptor)

    override fun endStructure(descriptor: SerialDescriptor) = end(parts)
}

@OptIn(ExperimentalSerializationApi::class)
private class FieldsEncoder(descriptor: SerialDescriptor, private val give: (Any?) -> Unit) : AbstractEncoder() {
    override val serializersModule: SerializersModule = EmptySerializersModule()
    private val names = namesOf(descriptor)
    private val values = arrayOfNulls<Any?>(names.size)
    private var at = 0
    private val one = RowEncoder { values[at] = it }

    override fun encodeElement(descriptor: SerialDescriptor, index: Int): Boolean {
        at = index
        return true
    }

    override fun shouldEncodeElementDefault(descriptor: SerialDescriptor, index: Int): Boolean = true

    override fun encodeValue(value: Any) = one.encodeValue(value)

    override fun encodeNull() = one.encodeNull()

    override fun encodeEnum(enumDescriptor: SerialDescriptor, index: Int) = one.encodeEnum(enumDescriptor, index)

    override fun <T> encodeSerializableValue(serializer: SerializationStrategy<T>, value: T) =
        one.encodeSerializableValue(serializer, value)

    override fun beginStructure(descriptor: SerialDescriptor): CompositeEncoder = one.beginStructure(descriptor)

    override fun endStructure(descriptor: SerialDescriptor) = give(Plain.Fields(names, values))
}
