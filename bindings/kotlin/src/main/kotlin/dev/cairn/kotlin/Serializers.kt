// Serializers for values that Kotlin has no own ones for: dates, big integers, and whatever a row may hold. In
// other formats, such as JSON, the first two are texts. Put them above a file with rows:
// @file:UseSerializers(InstantSerializer::class, BigIntegerSerializer::class). Any thread.
package dev.cairn.kotlin

import java.math.BigInteger
import java.time.Instant
import kotlinx.serialization.KSerializer
import kotlinx.serialization.SerializationException
import kotlinx.serialization.descriptors.PrimitiveKind
import kotlinx.serialization.descriptors.PrimitiveSerialDescriptor
import kotlinx.serialization.descriptors.SerialDescriptor
import kotlinx.serialization.encoding.Decoder
import kotlinx.serialization.encoding.Encoder

/** Implemented by this format's decoders: a value as Java has it, of any kind. */
interface ValueDecoder {
    fun decodeAnyValue(): Any?
}

/** Implemented by this format's encoders. */
interface ValueEncoder {
    fun encodeAnyValue(value: Any?)
}

object InstantSerializer : KSerializer<Instant> {
    override val descriptor: SerialDescriptor = PrimitiveSerialDescriptor("dev.cairn.Instant", PrimitiveKind.STRING)

    override fun serialize(encoder: Encoder, value: Instant) =
        if (encoder is ValueEncoder) encoder.encodeAnyValue(value) else encoder.encodeString(value.toString())

    override fun deserialize(decoder: Decoder): Instant =
        if (decoder is ValueDecoder) decoder.decodeAnyValue().asKind("a date") else Instant.parse(decoder.decodeString())
}

object BigIntegerSerializer : KSerializer<BigInteger> {
    override val descriptor: SerialDescriptor = PrimitiveSerialDescriptor("dev.cairn.BigInteger", PrimitiveKind.STRING)

    override fun serialize(encoder: Encoder, value: BigInteger) =
        if (encoder is ValueEncoder) encoder.encodeAnyValue(value) else encoder.encodeString(value.toString())

    override fun deserialize(decoder: Decoder): BigInteger {
        if (decoder !is ValueDecoder) return BigInteger(decoder.decodeString())
        val value = decoder.decodeAnyValue()
        return if (value is Long) BigInteger.valueOf(value) else value.asKind("a bigint")
    }
}

/** Any value: what Map<String, Any?> rows have. Only in this format. */
object AnySerializer : KSerializer<Any> {
    override val descriptor: SerialDescriptor = PrimitiveSerialDescriptor("dev.cairn.Any", PrimitiveKind.STRING)

    override fun serialize(encoder: Encoder, value: Any) =
        (encoder as? ValueEncoder ?: throw SerializationException("only Cairn writes values of any kind")).encodeAnyValue(value)

    override fun deserialize(decoder: Decoder): Any =
        (decoder as? ValueDecoder ?: throw SerializationException("only Cairn reads values of any kind")).decodeAnyValue()!!
}

internal inline fun <reified V> Any?.asKind(wanted: String): V = this as? V ?: throw mismatch(this, wanted)

internal fun mismatch(value: Any?, wanted: String): SerializationException {
    val has = if (value is Number || value is Boolean || value == null) "$value" else "a ${value.javaClass.simpleName}"
    return SerializationException("the row has $has where $wanted is wanted")
}

internal fun longOf(value: Any?, range: LongRange, wanted: String): Long {
    val number = when {
        value is Long -> value
        value is BigInteger && value.bitLength() < 64 -> value.toLong()
        else -> throw mismatch(value, wanted)
    }
    if (number !in range) throw mismatch(value, wanted)
    return number
}

internal fun doubleOf(value: Any?): Double = if (value is Long) value.toDouble() else value.asKind("a number")
