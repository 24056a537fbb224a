// The `todo` data set of benchmarks/data/todo.cpp, row by row the same. One generator a row; any thread.
package dev.cairn.kotlin.benchmarks

import java.time.Instant

private val WORDS = ("Review the invoice for spring report Call plumber about room Write up draft of launch notes Buy milk " +
    "and bread Prep talk team lunch Fix login bug on phone Plan summer trip Renew garage permit Send contract to legal " +
    "today").split(" ")
private val WIDE_WORDS = listOf("Café", "Zürich", "naïve", "東京", "Übung", "🚀")
private val TAGS = "home work urgent later shop mail call wait some money gym kids".split(" ")
private val SOURCES = "web ios droid file api".split(" ")
private val PEOPLE = "ada brian chloe dmitri eve farid grace hiro".split(" ")
private const val FIRST_DAY = 1672531200000L // 2023-01-01T00:00:00Z
private const val TWO_YEARS = 2L * 365 * 86400 * 1000

// SplitMix64, as benchmarks/data/random.h.
private class Random(stream: Int) {
    private var state = 0x5EEDCA1245L xor stream * -0x2ecbcebbd1026a6bL

    init {
        next()
    }

    fun next(): Long {
        state += -0x61c8864680b583ebL
        var z = state
        z = (z xor (z ushr 30)) * -0x40a7b892e31b1a47L
        z = (z xor (z ushr 27)) * -0x6b2fb644ecceee15L
        return z xor (z ushr 31)
    }

    fun below(bound: Long): Long = java.lang.Long.remainderUnsigned(next(), bound)

    fun <T> of(list: List<T>): T = list[below(list.size.toLong()).toInt()]
}

private fun id(random: Random): String {
    val high = random.next()
    val low = random.next()
    return "%08x-%04x-4%03x-%04x-%012x".format(
        high ushr 32, high ushr 16 and 0xFFFF, high and 0xFFF, 0x8000L or (low ushr 48 and 0x3FFF), low and 0xFFFFFFFFFFFF)
}

private fun title(random: Random): String {
    val words = mutableListOf(random.of(WORDS))
    repeat(2 + random.below(2).toInt()) { words += random.of(WORDS) }
    if (random.below(100) < 3) words += random.of(WIDE_WORDS)
    return words.joinToString(" ")
}

fun todo(row: Int): Todo {
    val random = Random(row)
    val id = id(random)
    val title = title(random)
    val completed = random.below(3) == 0L
    val priority = random.below(5).toInt()
    val list = random.below(25)
    val createdAt = FIRST_DAY + random.below(TWO_YEARS)
    val updatedAt = createdAt + random.below(30L * 86400 * 1000)
    val tags = List(random.below(5).toInt()) { random.of(TAGS) }
    val meta = Meta(random.of(SOURCES), random.of(PEOPLE), random.below(20).toInt())
    return Todo(id, title, completed, priority, "l$list", Instant.ofEpochMilli(createdAt), Instant.ofEpochMilli(updatedAt), tags, meta)
}
