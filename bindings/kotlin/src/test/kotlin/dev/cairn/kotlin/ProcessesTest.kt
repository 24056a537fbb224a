// Two processes share a file: each writes rows of a local-only collection, and hears of the other's by a Flow.
package dev.cairn.kotlin

import dev.cairn.Coordinator
import dev.cairn.Database
import java.nio.file.Path
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.flow.filter
import kotlinx.coroutines.flow.map
import kotlinx.coroutines.flow.take
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.flow.transform
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeout
import kotlinx.serialization.Serializable
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.Timeout
import org.junit.jupiter.api.io.TempDir

private const val ROWS = 100

@Serializable
data class Note(val id: String, val by: String, val n: Int)

private suspend fun notes(database: CairnDatabase) = database.collection<Note>("notes", Note::id) { local(true) }

/** What each process does; gives what it has heard of the other. `meet` returns when that one listens, too. */
private suspend fun exchange(database: CairnDatabase, me: String, meet: suspend () -> Unit): List<Note> =
    Coordinator.open(database.java).use { coordinator ->
        notes(database).replica(coordinator = coordinator).use { live ->
            live.ready()
            coroutineScope {
                val theirs = async(start = CoroutineStart.UNDISPATCHED) {
                    live.changes().transform { changes -> changes.forEach { emit(it) } }
                        .filter { it.value()?.by != me }.take(ROWS).map { it.value() }.toList()
                }
                meet()
                repeat(ROWS) { n -> live.mutate { insert(Note("$me $n", me, n)) } }
                withTimeout(20_000) { theirs.await() }.also { assertEquals(2 * ROWS, live.size) }
            }
        }
    }

/** The second process: says that it listens, waits for a line, and says whose rows it has heard of. */
object OtherProcess {
    @JvmStatic
    fun main(arguments: Array<String>) = runBlocking {
        val heard = CairnDatabase.open(Path.of(arguments[0])).use { database ->
            exchange(database, "child") {
                println("listens")
                withContext(Dispatchers.IO) { readln() }
            }
        }
        println(heard.map { it.id }.sorted())
    }
}

@Timeout(60)
class ProcessesTest {
    @TempDir
    lateinit var folder: Path

    private fun start(path: Path): Process = ProcessBuilder(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp", System.getProperty("java.class.path"),
        OtherProcess::class.java.name, path.toString(),
    ).redirectErrorStream(true).start()

    private fun notesOf(name: String) = List(ROWS) { "$name $it" }.sorted()

    @Test
    fun twoProcessesHearOfEachOther() = runBlocking {
        val path = folder.resolve("a.cairn")
        CairnDatabase.open(path).use { database ->
            val other = start(path)
            try {
                val heard = exchange(database, "parent") {
                    withContext(Dispatchers.IO) { assertEquals("listens", other.inputReader().readLine()) }
                    other.outputWriter().use { it.write("go\n") }
                }
                assertEquals(notesOf("child"), heard.map { it.id }.sorted())
                assertEquals("${notesOf("parent")}\n", withContext(Dispatchers.IO) { other.inputReader().readText() })
                assertEquals(0, other.waitFor())
            } finally {
                other.destroyForcibly()
            }
            assertEquals(notesOf("child") + notesOf("parent"), notes(database).list().map { it.id }.sorted())
            assertTrue(database.check().isOk)
        }
        assertEquals(0, Database.liveObjects())
    }
}
