// Decodes serializable classes from values as Java has them: single rows, and what stands in columns of mixed
// kinds. One thread at a time.
package dev.cairn.kotlin

import kotlinx.serialization.DeserializationStrategy
import kotlinx.serialization.ExperimentalSerializationApi
import kotlinx.serialization.builtins.ByteArraySerializer
import kotlinx.serialization.descriptors.SerialDescriptor
import kotlinx.serialization.descriptors.StructureKind
import kotlinx.serialization.encoding.AbstractDecoder
import kotlinx.serialization.encoding.CompositeDecoder
import kotlinx.serialization.modules.EmptySerializersModule
import kotlinx.serialization.modules.SerializersModule

internal val BYTES = ByteArraySerializer()

@OptIn(ExperimentalSerializationApi::class)
internal class PlainDecoder(private val value: Any?) : AbstractDecoder(), ValueDecoder {
    override val serializersModule: SerializersModule = EmptySerializersModule()

    override fun decodeAnyValue(): Any? = value

    override fun decodeNotNullMark(): Boolean = value != null

    override fun decodeNull(): Nothing? = null

    override fun decodeBoolean(): Boolean = value.asKind("a boolean")

    override fun decodeByte(): Byte = longOf(value, Byte.MIN_VALUE.toLong()..Byte.MAX_VALUE, "a Byte").toByte()

    override fun decodeShort(): Short = longOf(value, Short.MIN_VALUE.toLong()..Short.MAX_VALUE, "a Short").toShort()

    override fun decodeInt(): Int = longOf(value, Int.MIN_VALUE.toLong()..Int.MAX_VALUE, "an Int").toInt()

    override fun decodeLong(): Long = longOf(value, Long.MIN_VALUE..Long.MAX_VALUE, "a Long")

    override fun decodeFloat(): Float = doubleOf(value).toFloat()

    override fun decodeDouble(): Double = doubleOf(value)

    override fun decodeChar(): Char = value.asKind<String>("a text").single()

    override fun decodeString(): String = value.asKind("a text")

    override fun decodeEnum(enumDescriptor: SerialDescriptor): Int = enumIndex(enumDescriptor, value)

    override fun decodeElementIndex(descriptor: SerialDescriptor): Int = 0

    @Suppress("UNCHECKED_CAST")
    override fun <T> decodeSerializableValue(deserializer: DeserializationStrategy<T>): T =
        if (deserializer === BYTES) value.asKind<ByteArray>("bytes") as T else super.decodeSerializableValue(deserializer)

    override fun beginStructure(descriptor: SerialDescriptor): CompositeDecoder = when (descriptor.kind) {
        StructureKind.LIST -> ItemsDecoder(value.asKind<List<*>>("a list"))
        StructureKind.MAP -> ItemsDecoder(value.asKind<Map<*, *>>("an object").flatMap { listOf(it.key, it.value) }, 2)
        else -> FieldsDecoder(value.asKind<Map<*, *>>("an object"))
    }
}

@OptIn(ExperimentalSerializationApi::class)
internal fun enumIndex(descriptor: SerialDescriptor, value: Any?): Int {
    val index = if (value is String) descriptor.getElementIndex(value) else CompositeDecoder.UNKNOWN_NAME
    if (index == CompositeDecoder.UNKNOWN_NAME) throw mismatch(value, "one of ${descriptor.serialName}")
    return index
}

// A structure whose elements are single values.
@OptIn(ExperimentalSerializationApi::class)
internal abstract class ValuesDecoder : CompositeDecoder {
    override val serializersModule: SerializersModule = EmptySerializersModule()

    abstract fun element(descriptor: SerialDescriptor, index: Int): PlainDecoder

    override fun endStructure(descriptor: SerialDescriptor) {}

    override fun decodeBooleanElement(descriptor: SerialDescriptor, index: Int) = element(descriptor, index).decodeBoolean()

    override fun decodeByteElement(descriptor: SerialDescriptor, index: Int) = element(descriptor, index).decodeByte()

    override fun decodeShortElement(descriptor: SerialDescriptor, index: Int) = element(descriptor, index).decodeShort()

    override fun decodeIntElement(descriptor: SerialDescriptor, index: Int) = element(descriptor, index).decodeInt()

    override fun decodeLongElement(descriptor: SerialDescriptor, index: Int) = element(descriptor, index).decodeLong()

    override fun decodeFloatElement(descriptor: SerialDescriptor, index: Int) = element(descriptor, index).decodeFloat()

    override fun decodeDoubleElement(descriptor: SerialDescriptor, index: Int) = element(descriptor, index).decodeDouble()

    override fun decodeCharElement(descriptor: SerialDescriptor, index: Int) = element(descriptor, index).decodeChar()

    override fun decodeStringElement(descriptor: SerialDescriptor, index: Int) = element(descriptor, index).decodeString()

    override fun decodeInlineElement(descriptor: SerialDescriptor, index: Int) = element(descriptor, index)

    override fun <T> decodeSerializableElement(
        descriptor: SerialDescriptor,
        index: Int,
        deserializer: DeserializationStrategy<T>,
        previousValue: T?,
    ): T = element(descriptor, index).decodeSerializableValue(deserializer)

    override fun <T : Any> decodeNullableSerializableElement(
        descriptor: SerialDescriptor,
        index: Int,
        deserializer: DeserializationStrategy<T?>,
        previousValue: T?,
    ): T? {
        val one = element(descriptor, index)
        return if (one.decodeNotNullMark() || deserializer.descriptor.isNullable) one.decodeSerializableValue(deserializer) else null
    }
}

internal class ItemsDecoder(private val items: List<*>, private val perEntry: Int = 1) : ValuesDecoder() {
    private var next = 0

    override fun decodeElementIndex(descriptor: SerialDescriptor): Int =
        if (next < items.size) next++ else CompositeDecoder.DECODE_DONE

    override fun decodeCollectionSize(descriptor: SerialDescriptor): Int = items.size / perEntry

    override fun element(descriptor: SerialDescriptor, index: Int): PlainDecoder {
        val key = items[index]
        return PlainDecoder(if (perEntry == 2 && index % 2 == 0) keyOf(descriptor, key as String) else key)
    }
}

// An object's names are texts; a map's keys may be numbers.
@OptIn(ExperimentalSerializationApi::class)
private fun keyOf(descriptor: SerialDescriptor, name: String): Any = when (descriptor.getElementDescriptor(0).kind) {
    kotlinx.serialization.descriptors.PrimitiveKind.INT,
    kotlinx.serialization.descriptors.PrimitiveKind.LONG,
    kotlinx.serialization.descriptors.PrimitiveKind.SHORT,
    kotlinx.serialization.descriptors.PrimitiveKind.BYTE -> name.toLong()
    else -> name
}

@OptIn(ExperimentalSerializationApi::class)
internal class FieldsDecoder(private val fields: Map<*, *>) : ValuesDecoder() {
    private var next = 0

    // Fields that the row lacks have their defaults; those that the class lacks are left out.
    override fun decodeElementIndex(descriptor: SerialDescriptor): Int {
        while (next < descriptor.elementsCount) if (fields.containsKey(descriptor.getElementName(next++))) return next - 1
        return CompositeDecoder.DECODE_DONE
    }

    override fun element(descriptor: SerialDescriptor, index: Int) = PlainDecoder(fields[descriptor.getElementName(index)])
}
