// Rows of a serializable class for the Java binding. Any thread.
package dev.cairn.kotlin

import dev.cairn.internal.Objects
import dev.cairn.internal.Plain
import dev.cairn.internal.RowType
import java.util.function.IntFunction
import kotlinx.serialization.ExperimentalSerializationApi
import kotlinx.serialization.KSerializer

/** How a serializable class becomes rows, and rows it. */
@OptIn(ExperimentalSerializationApi::class)
class SerialRows<T : Any>(private val serializer: KSerializer<T>) : RowType<T> {
    private val names = Names()

    override fun reader(objects: Objects): IntFunction<T> {
        val groups = objects.groups.map { GroupDecoder(it, serializer.descriptor) }
        val whole = WholeDecoder()
        return IntFunction { i ->
            val group = objects.groupOf(i)
            if (group == Objects.LOOSE) fromMap(objects.get(i))
            else serializer.deserialize(whole.over(groups[group].over(objects.placeOf(i))))
        }
    }

    override fun fromMap(row: Map<String, Any?>): T = serializer.deserialize(PlainDecoder(row))

    override fun fields(row: T): Plain.Fields {
        var fields: Any? = null
        RowEncoder(names) { fields = it }.encodeSerializableValue(serializer, row)
        return fields as? Plain.Fields ?: throw Plain.invalid("a row must be an object, not ${serializer.descriptor.serialName}")
    }
}
