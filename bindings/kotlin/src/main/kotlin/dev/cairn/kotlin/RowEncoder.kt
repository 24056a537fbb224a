// Encodes serializable classes as what the Java binding keeps rows of (dev.cairn.internal.Plain). All fields are
// written, defaults too. One thread at a time.
package dev.cairn.kotlin

import dev.cairn.internal.Plain
import java.util.IdentityHashMap
import kotlinx.serialization.ExperimentalSerializationApi
import kotlinx.serialization.SerializationStrategy
import kotlinx.serialization.descriptors.SerialDescriptor
import kotlinx.serialization.descriptors.StructureKind
import kotlinx.serialization.encoding.AbstractEncoder
import kotlinx.serialization.encoding.CompositeEncoder
import kotlinx.serialization.modules.EmptySerializersModule
import kotlinx.serialization.modules.SerializersModule

/** One array of names for each class of a row: rows of one shape are known by it. Any thread. */
@OptIn(ExperimentalSerializationApi::class)
internal class Names {
    // By identity: descriptors of other names may be equal.
    private val known = IdentityHashMap<SerialDescriptor, Array<String>>()

    @Synchronized
    fun of(descriptor: SerialDescriptor): Array<String> =
        known.getOrPut(descriptor) { Array(descriptor.elementsCount, descriptor::getElementName) }
}

@OptIn(ExperimentalSerializationApi::class)
internal class RowEncoder(private val names: Names, private val give: (Any?) -> Unit) : AbstractEncoder(), ValueEncoder {
    override val serializersModule: SerializersModule = EmptySerializersModule()

    override fun encodeAnyValue(value: Any?) = give(Plain.of(value))

    override fun encodeValue(value: Any) = give(Plain.of(value))

    override fun encodeNull() = give(null)

    override fun encodeEnum(enumDescriptor: SerialDescriptor, index: Int) = give(enumDescriptor.getElementName(index))

    override fun <T> encodeSerializableValue(serializer: SerializationStrategy<T>, value: T) =
        if (serializer === BYTES) give(value) else super.encodeSerializableValue(serializer, value)

    override fun beginStructure(descriptor: SerialDescriptor): CompositeEncoder = when (descriptor.kind) {
        StructureKind.LIST -> PartsEncoder(names) { parts -> give(parts.toTypedArray()) }
        StructureKind.MAP -> PartsEncoder(names, isMap = true) { parts -> give(mapOf(parts)) }
        else -> FieldsEncoder(descriptor, names, give)
    }

    private fun mapOf(parts: List<Any?>): Plain.Fields {
        val names = Array(parts.size / 2) { parts[2 * it].toString() }
        return Plain.Fields(names, Array(names.size) { parts[2 * it + 1] })
    }
}

// What cannot be kept is named by its path.
private inline fun within(name: String, encode: () -> Unit) = try {
    encode()
} catch (e: Plain.Unkeepable) {
    throw e.within(name)
}

// The items of a list, or the keys and values of a map.
@OptIn(ExperimentalSerializationApi::class)
private class PartsEncoder(names: Names, private val isMap: Boolean = false, private val end: (List<Any?>) -> Unit) : AbstractEncoder() {
    override val serializersModule: SerializersModule = EmptySerializersModule()
    private val parts = ArrayList<Any?>()
    private val one = RowEncoder(names) { parts.add(it) }

    override fun encodeValue(value: Any) = one.encodeValue(value)

    override fun encodeNull() = one.encodeNull()

    override fun encodeEnum(enumDescriptor: SerialDescriptor, index: Int) = one.encodeEnum(enumDescriptor, index)

    override fun <T> encodeSerializableValue(serializer: SerializationStrategy<T>, value: T) =
        within(if (isMap) parts.lastOrNull().toString() else "[${parts.size}]") { one.encodeSerializableValue(serializer, value) }

    override fun beginStructure(descriptor: SerialDescriptor): CompositeEncoder = one.beginStructure(descriptor)

    override fun endStructure(descriptor: SerialDescriptor) = end(parts)
}

@OptIn(ExperimentalSerializationApi::class)
private class FieldsEncoder(descriptor: SerialDescriptor, all: Names, private val give: (Any?) -> Unit) : AbstractEncoder() {
    override val serializersModule: SerializersModule = EmptySerializersModule()
    private val names = all.of(descriptor)
    private val values = arrayOfNulls<Any?>(names.size)
    private var at = 0
    private val one = RowEncoder(all) { values[at] = it }

    override fun encodeElement(descriptor: SerialDescriptor, index: Int): Boolean {
        at = index
        return true
    }

    override fun shouldEncodeElementDefault(descriptor: SerialDescriptor, index: Int): Boolean = true

    override fun encodeValue(value: Any) = one.encodeValue(value)

    override fun encodeNull() = one.encodeNull()

    override fun encodeEnum(enumDescriptor: SerialDescriptor, index: Int) = one.encodeEnum(enumDescriptor, index)

    override fun <T> encodeSerializableValue(serializer: SerializationStrategy<T>, value: T) =
        within(names[at]) { one.encodeSerializableValue(serializer, value) }

    override fun beginStructure(descriptor: SerialDescriptor): CompositeEncoder = one.beginStructure(descriptor)

    override fun endStructure(descriptor: SerialDescriptor) = give(Plain.Fields(names, values))
}
