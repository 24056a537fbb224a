// Serializable classes as rows: every kind of field, alone and in columns, with fields missing and of other kinds.
@file:UseSerializers(InstantSerializer::class, BigIntegerSerializer::class)

package dev.cairn.kotlin

import dev.cairn.CairnException
import dev.cairn.Database
import java.math.BigInteger
import java.time.Instant
import kotlinx.coroutines.runBlocking
import kotlinx.serialization.SerialName
import kotlinx.serialization.Serializable
import kotlinx.serialization.SerializationException
import kotlinx.serialization.UseSerializers
import kotlinx.serialization.json.Json
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertArrayEquals
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

enum class Level { LOW, @SerialName("very high") HIGH }

@Serializable
@JvmInline
value class Id(val text: String)

@Serializable
data class Inner(val n: Int, val list: List<Double> = emptyList())

@Serializable
sealed interface Shape {
    @Serializable
    @SerialName("circle")
    data class Circle(val r: Double) : Shape

    @Serializable
    @SerialName("square")
    data class Square(val a: Double) : Shape
}

@Serializable
data class Tree(val name: String, val children: List<Tree> = emptyList())

@Serializable
data class Everything(
    val id: Id,
    val bool: Boolean,
    val byte: Byte,
    val short: Short,
    val int: Int,
    val long: Long,
    val float: Float,
    val double: Double,
    val char: Char,
    val text: String,
    val nothing: String?,
    val maybe: Int?,
    val date: Instant,
    val maybeDate: Instant?,
    val big: BigInteger,
    val level: Level,
    val inner: Inner,
    val maybeInner: Inner?,
    val inners: List<Inner>,
    val texts: Set<String>,
    val nulls: List<Int?>,
    val lists: List<List<Long>>,
    val map: Map<String, Inner>,
    val numbers: Map<Int, String>,
    val shape: Shape,
    val tree: Tree,
    val pair: Pair<String, Int>,
)

@Serializable
class Blob(val id: String, val bytes: ByteArray, val maybe: ByteArray?)

private fun everything(i: Int) = Everything(
    Id("k$i"), i % 2 == 0, (i % 100).toByte(), (-i).toShort(), i, Long.MAX_VALUE - i, i + 0.5f, i / 3.0, 'ü', "text $i é 🚀",
    null, if (i % 2 == 0) i else null, Instant.ofEpochMilli(i * 1000L), if (i % 3 == 0) Instant.EPOCH else null,
    BigInteger.TEN.pow(i % 40), if (i % 2 == 0) Level.HIGH else Level.LOW, Inner(i, listOf(i / 2.0)),
    if (i % 4 == 0) Inner(i) else null, List(i % 3) { Inner(it) }, setOf("a", "b$i"), listOf(1, null, i),
    listOf(listOf(1L), emptyList(), listOf(i.toLong(), 1L shl 60)), mapOf("x$i" to Inner(i)), mapOf(i to "n"),
    if (i % 2 == 0) Shape.Circle(i.toDouble()) else Shape.Square(0.5), Tree("root", listOf(Tree("a", listOf(Tree("b"))), Tree("c$i"))),
    "p" to i,
)

class RowsTest {
    private val database = CairnDatabase.inMemory()

    @AfterEach
    fun close() {
        database.close()
        assertEquals(0, Database.liveObjects())
    }

    @Test
    fun everyKindOfField() = runBlocking {
        val rows = database.collection<Everything>("e", Everything::id)
        val all = List(300, ::everything)
        rows.transact { all.forEach { insert(it) } }
        assertEquals(all, rows.list())
        assertEquals(all[7], rows.get("k7"))
        rows.put(all[8].copy(int = 1000))
        assertEquals(1000, rows.get("k8")!!.int)
    }

    @Test
    fun bytes() = runBlocking {
        val rows = database.collection<Blob>("b", Blob::id)
        rows.transact { for (i in 0..20) insert(Blob("k$i", byteArrayOf(i.toByte(), -1), if (i % 2 == 0) null else byteArrayOf())) }
        val read = rows.list()
        assertArrayEquals(byteArrayOf(5, -1), read[5].bytes)
        assertArrayEquals(byteArrayOf(), read[5].maybe)
        assertEquals(null, read[4].maybe)
        assertArrayEquals(byteArrayOf(6, -1), rows.get("k6")!!.bytes)
        assertTrue(database.java.collection("b", dev.cairn.CollectionOptions()).get("k1").get()["bytes"] is ByteArray)
    }

    @Test
    fun fieldsThatARowLacksHaveTheirDefaults() = runBlocking {
        val maps = database.java.collection("i", dev.cairn.CollectionOptions())
        maps.put("a", mapOf("n" to 1, "other" to true))
        maps.put("b", mapOf("list" to listOf(1, 2.5)))
        val rows = database.collection<Inner>("i")
        assertEquals(Inner(1), rows.get("a"))
        assertThrows(SerializationException::class.java) { runBlocking { rows.get("b") } }
        assertThrows(SerializationException::class.java) { runBlocking { rows.list() } }
        maps.delete("b")
        assertEquals(listOf(Inner(1)), rows.list())
    }

    @Test
    fun whatDoesNotFitIsAnError() = runBlocking {
        val maps = database.java.collection("i", dev.cairn.CollectionOptions())
        val rows = database.collection<Inner>("i")
        for (wrong in listOf(1.5, 1L shl 40, "1", true, null, listOf(1))) {
            maps.put("a", mapOf("n" to wrong))
            val alone = assertThrows(SerializationException::class.java) { runBlocking { rows.get("a") } }
            val many = assertThrows(SerializationException::class.java) { runBlocking { rows.list() } }
            assertTrue(alone.message!!.contains("an Int is wanted"), alone.message)
            assertEquals(alone.message, many.message)
        }
    }

    @Test
    fun columnsOfMixedKinds() = runBlocking {
        val maps = database.java.collection("i", dev.cairn.CollectionOptions())
        maps.transact {
            it.insert("a", mapOf("n" to 1, "list" to listOf(1, 2.5)))
            it.insert("b", mapOf("n" to 2, "list" to emptyList<Any>()))
            it.insert("c", mapOf("list" to listOf(3), "n" to 3))
            it.insert("d", mapOf("n" to 4, "list" to null, "x" to "y"))
            it.delete("d")
        }
        assertEquals(listOf(Inner(1, listOf(1.0, 2.5)), Inner(2), Inner(3, listOf(3.0))), database.collection<Inner>("i").list())
    }

    @Test
    fun datesCannotBeFinerThanMilliseconds() = runBlocking {
        val rows = database.collection<Everything>("e", Everything::id)
        val e = assertThrows(CairnException::class.java) { runBlocking { rows.put(everything(1).copy(date = Instant.ofEpochSecond(0, 1))) } }
        assertEquals(dev.cairn.Status.INVALID_VALUE, e.status())
    }

    @Test
    fun theSameClassIsWrittenAsJson() {
        val one = everything(3)
        assertEquals(one, Json.decodeFromString(Everything.serializer(), Json.encodeToString(Everything.serializer(), one)))
    }
}
