// Decodes serializable classes from the columns of a row batch: no map and no boxed value is made on the way.
// A decoder serves all rows of its group or column, one after another. One thread at a time.
package dev.cairn.kotlin

import dev.cairn.fb.ColumnKind
import dev.cairn.internal.Column
import dev.cairn.internal.Objects
import kotlinx.serialization.DeserializationStrategy
import kotlinx.serialization.ExperimentalSerializationApi
import kotlinx.serialization.descriptors.SerialDescriptor
import kotlinx.serialization.descriptors.StructureKind
import kotlinx.serialization.encoding.CompositeDecoder
import kotlinx.serialization.encoding.Decoder
import kotlinx.serialization.modules.EmptySerializersModule
import kotlinx.serialization.modules.SerializersModule

/** The values of a column; `at` says which one is next. */
internal class ColumnDecoder(private val column: Column) : Decoder, ValueDecoder {
    override val serializersModule: SerializersModule = EmptySerializersModule()
    var at = 0
    private val kind = column.kind.toInt()
    private var groups: Array<GroupDecoder?>? = null
    private var groupsOf: SerialDescriptor? = null
    private var list: ListDecoder? = null

    private fun plain() = PlainDecoder(column.get(at))

    override fun decodeAnyValue(): Any? =
        if (kind == ColumnKind.Date.toInt() && !column.isNull(at)) column.getDate(at) else column.get(at)

    @ExperimentalSerializationApi
    override fun decodeNotNullMark(): Boolean = !column.isNull(at)

    @ExperimentalSerializationApi
    override fun decodeNull(): Nothing? = null

    override fun decodeBoolean(): Boolean =
        if (kind == ColumnKind.Bool.toInt() && !column.isNull(at)) column.getBoolean(at) else plain().decodeBoolean()

    override fun decodeByte(): Byte = plain().decodeByte()

    override fun decodeShort(): Short = plain().decodeShort()

    override fun decodeInt(): Int =
        if (kind == ColumnKind.Int32.toInt() && !column.isNull(at)) column.getInt(at) else plain().decodeInt()

    override fun decodeLong(): Long =
        if (kind == ColumnKind.Int32.toInt() && !column.isNull(at)) column.getInt(at).toLong() else plain().decodeLong()

    override fun decodeFloat(): Float = decodeDouble().toFloat()

    override fun decodeDouble(): Double =
        if ((kind == ColumnKind.Float64.toInt() || kind == ColumnKind.Int32.toInt()) && !column.isNull(at)) column.getDouble(at)
        else plain().decodeDouble()

    override fun decodeChar(): Char = plain().decodeChar()

    override fun decodeString(): String {
        if (kind != ColumnKind.Text.toInt() && kind != ColumnKind.TextDict.toInt()) return plain().decodeString()
        return column.getText(at) ?: throw mismatch(null, "a text")
    }

    override fun decodeEnum(enumDescriptor: SerialDescriptor): Int = enumIndex(enumDescriptor, column.get(at))

    override fun decodeInline(descriptor: SerialDescriptor): Decoder = this

    @Suppress("UNCHECKED_CAST")
    override fun <T> decodeSerializableValue(deserializer: DeserializationStrategy<T>): T =
        if (deserializer === BYTES) column.get(at).asKind<ByteArray>("bytes") as T else deserializer.deserialize(this)

    @OptIn(ExperimentalSerializationApi::class)
    override fun beginStructure(descriptor: SerialDescriptor): CompositeDecoder {
        if (descriptor.kind == StructureKind.MAP || column.isNull(at)) return plain().beginStructure(descriptor)
        if (descriptor.kind == StructureKind.LIST) {
            if (kind != ColumnKind.List.toInt()) return plain().beginStructure(descriptor)
            return (list?.takeIf { !it.busy } ?: ListDecoder(column.items()).also { list = it }).over(column.start(at), column.end(at))
        }
        if (kind != ColumnKind.Object.toInt()) return plain().beginStructure(descriptor)
        return structure(descriptor, column.objects(), column.place(at))
    }

    private fun structure(descriptor: SerialDescriptor, objects: Objects, place: Int): CompositeDecoder {
        if (groupsOf !== descriptor) {
            groups = arrayOfNulls(objects.groups.size)
            groupsOf = descriptor
        }
        val number = objects.groupOf(place)
        if (number == Objects.LOOSE) return FieldsDecoder(objects.get(place))
        val known = groups!![number]
        val group = if (known != null && !known.busy) known
        else GroupDecoder(objects.groups[number], descriptor).also { if (known == null) groups!![number] = it }
        return group.over(objects.placeOf(place))
    }
}

/** The items of one list after another. */
internal class ListDecoder(items: Column) : ColumnsDecoder() {
    private val decoder = ColumnDecoder(items)
    private var next = 0
    private var end = 0
    private var start = 0

    fun over(start: Int, end: Int): ListDecoder {
        busy = true
        this.start = start
        next = start
        this.end = end
        return this
    }

    override fun decodeElementIndex(descriptor: SerialDescriptor): Int =
        if (next < end) next++ - start else CompositeDecoder.DECODE_DONE

    override fun decodeCollectionSize(descriptor: SerialDescriptor): Int = end - start

    override fun element(index: Int): ColumnDecoder {
        decoder.at = start + index
        return decoder
    }
}

/** The objects of one group as a class. */
@OptIn(ExperimentalSerializationApi::class)
internal class GroupDecoder(group: Objects.Group, descriptor: SerialDescriptor) : ColumnsDecoder() {
    private val columns = Array(descriptor.elementsCount) { i -> group.column(descriptor.getElementName(i))?.let(::ColumnDecoder) }
    private val isWhole = columns.all { it != null }
    private var next = 0
    private var at = 0

    fun over(at: Int): GroupDecoder {
        busy = true
        this.at = at
        next = 0
        return this
    }

    override fun decodeSequentially(): Boolean = isWhole

    override fun decodeElementIndex(descriptor: SerialDescriptor): Int {
        while (next < columns.size) if (columns[next++] != null) return next - 1
        return CompositeDecoder.DECODE_DONE
    }

    override fun element(index: Int): ColumnDecoder {
        val column = columns[index]!!
        column.at = at
        return column
    }
}

// A structure whose elements stand in columns.
@OptIn(ExperimentalSerializationApi::class)
internal abstract class ColumnsDecoder : CompositeDecoder {
    override val serializersModule: SerializersModule = EmptySerializersModule()
    var busy = false // a class may hold lists of itself

    abstract fun element(index: Int): ColumnDecoder

    override fun endStructure(descriptor: SerialDescriptor) {
        busy = false
    }

    override fun decodeBooleanElement(descriptor: SerialDescriptor, index: Int) = element(index).decodeBoolean()

    override fun decodeByteElement(descriptor: SerialDescriptor, index: Int) = element(index).decodeByte()

    override fun decodeShortElement(descriptor: SerialDescriptor, index: Int) = element(index).decodeShort()

    override fun decodeIntElement(descriptor: SerialDescriptor, index: Int) = element(index).decodeInt()

    override fun decodeLongElement(descriptor: SerialDescriptor, index: Int) = element(index).decodeLong()

    override fun decodeFloatElement(descriptor: SerialDescriptor, index: Int) = element(index).decodeFloat()

    override fun decodeDoubleElement(descriptor: SerialDescriptor, index: Int) = element(index).decodeDouble()

    override fun decodeCharElement(descriptor: SerialDescriptor, index: Int) = element(index).decodeChar()

    override fun decodeStringElement(descriptor: SerialDescriptor, index: Int) = element(index).decodeString()

    override fun decodeInlineElement(descriptor: SerialDescriptor, index: Int): Decoder = element(index)

    override fun <T> decodeSerializableElement(
        descriptor: SerialDescriptor,
        index: Int,
        deserializer: DeserializationStrategy<T>,
        previousValue: T?,
    ): T = element(index).decodeSerializableValue(deserializer)

    override fun <T : Any> decodeNullableSerializableElement(
        descriptor: SerialDescriptor,
        index: Int,
        deserializer: DeserializationStrategy<T?>,
        previousValue: T?,
    ): T? {
        val one = element(index)
        return if (one.decodeNotNullMark() || deserializer.descriptor.isNullable) one.decodeSerializableValue(deserializer) else null
    }
}

/** A whole row: the structure that it is given. */
@OptIn(ExperimentalSerializationApi::class)
internal class WholeDecoder : kotlinx.serialization.encoding.AbstractDecoder() {
    override val serializersModule: SerializersModule = EmptySerializersModule()
    private var row: CompositeDecoder? = null

    fun over(row: CompositeDecoder): WholeDecoder {
        this.row = row
        return this
    }

    override fun decodeElementIndex(descriptor: SerialDescriptor): Int = CompositeDecoder.DECODE_DONE

    override fun beginStructure(descriptor: SerialDescriptor): CompositeDecoder = row!!
}
