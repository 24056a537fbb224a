// The Kotlin layer: suspend functions, queries by property references, flows, sources, ends.
package dev.cairn.kotlin

import dev.cairn.CairnException
import dev.cairn.Change
import dev.cairn.Coordinator
import dev.cairn.Database
import dev.cairn.Status
import dev.cairn.Subset
import java.nio.file.Files
import java.nio.file.Path
import java.util.concurrent.CopyOnWriteArrayList
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.take
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import kotlinx.serialization.Serializable
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.Timeout
import org.junit.jupiter.api.io.TempDir

@Serializable
data class Author(val name: String, val age: Int? = null)

@Serializable
data class Task(val id: String, val text: String, val n: Int = 0, val tags: List<String> = emptyList(), val by: Author? = null)

@Timeout(60)
class CairnTest {
    @TempDir
    lateinit var folder: Path

    @AfterEach
    fun nothingIsLeft() = runBlocking { until { Database.liveObjects() == 0L } }

    private suspend fun until(condition: suspend () -> Boolean) = withTimeout(20_000) { while (!condition()) delay(2) }

    private fun withDatabase(body: suspend (CairnDatabase) -> Unit) = runBlocking {
        CairnDatabase.open(folder.resolve("a.cairn")).use { body(it) }
    }

    private suspend fun tasks(database: CairnDatabase, local: Boolean = false) =
        database.collection<Task>("tasks", Task::id) { local(local) }

    private suspend fun failure(body: suspend () -> Unit): Throwable = try {
        withTimeout(20_000) { body() }
        throw AssertionError("it did not fail")
    } catch (e: Exception) {
        generateSequence<Throwable>(e) { it.cause }.last()
    }

    @Test
    fun queries() = withDatabase { database ->
        val tasks = tasks(database)
        tasks.transact {
            for (i in 0 until 100) {
                insert(Task("k$i", "task $i", i % 10, listOf("t${i % 3}"), if (i % 2 == 0) Author("ada", i) else null))
            }
        }
        suspend fun count(query: Query<Task>.() -> Unit) = tasks.list(query).size
        assertEquals(100, count {})
        assertEquals(10, count { where { Task::n eq 3 } })
        assertEquals(90, count { where { Task::n ne 3 } })
        assertEquals(90, count { where { !(Task::n eq 3) } })
        assertEquals(20, count { where { (Task::n gte 4) and (Task::n lt 6) } })
        assertEquals(20, count { where { (Task::n gt 8) or (Task::n lte 0) } })
        assertEquals(30, count { where { Task::n within listOf(1, 2, 3) } })
        assertEquals(11, count { where { Task::text like "task 5%" } })
        assertEquals(11, count { where { Task::text ilike "TASK 5%" } })
        assertEquals(34, count { where { Task::tags has "t0" } })
        assertEquals(50, count { where { Task::by.isNull() } })
        assertEquals(50, count { where { Task::by / Author::name eq "ada" } })
        assertEquals(5, count { where { Task::by / Author::age gte 90 } })
        val page = tasks.list {
            where { Task::n gte 8 }
            orderBy(Task::n.desc(), Task::id.asc())
            offset(1)
            limit(2)
        }
        assertEquals(listOf("k19", "k29"), tasks.list { orderBy(Task::n.desc(), Task::id.asc()); limit(2) }.map { it.id })
        assertEquals(listOf("k29", "k39"), page.map { it.id })
        tasks.ensureIndex("n", Task::n)
        assertEquals(10, count { where { Task::n eq 3 } })
    }

    @Test
    fun rowsAndDeltas() = withDatabase { database ->
        val tasks = tasks(database)
        tasks.put(Task("a", "one"))
        val before = tasks.info().position
        tasks.update("a", Task::text to "uno", Task::tags to listOf("x"))
        tasks.put(Task("b", "two"))
        tasks.delete("b")
        assertEquals(Task("a", "uno", 0, listOf("x")), tasks.get("a"))
        assertNull(tasks.get("b"))
        assertEquals(mapOf("a" to false, "b" to true), tasks.delta(before)!!.associate { it.key() to it.isDeleted })
        assertEquals(listOf("a"), tasks.rows().toList().map { it.key() })
        tasks.transact { for (i in 0 until 10_000) insert(Task("k$i", "x")) }
        assertEquals(3, tasks.rows().take(3).toList().size) // which closes its cursor
        tasks.setMetadata("m", listOf(1))
        assertEquals(mapOf("m" to listOf(1L)), tasks.metadata())
        tasks.reset()
        assertNull(tasks.delta(before))
        assertTrue(database.check().isOk)
        assertEquals(1, database.info().collections().size)
    }

    @Test
    fun aTransactionThatThrowsWritesNothing() = withDatabase { database ->
        val tasks = tasks(database)
        assertEquals("mine", failure {
            tasks.transact {
                insert(Task("a", "one"))
                error("mine")
            }
        }.message)
        assertEquals(0, tasks.info().rows())
    }

    @Test
    fun changesOfALocalCollection() = withDatabase { database ->
        tasks(database, local = true).replica().use { live ->
            live.ready()
            coroutineScope {
                val seen = async(start = CoroutineStart.UNDISPATCHED) { live.changes().take(3).toList().flatten() }
                live.mutate { insert(Task("a", "one")).insert(Task("b", "two")) }
                live.mutate { update("a") { it.copy(text = "uno") } }
                live.mutate { delete("b") }
                assertEquals(listOf("one", "two", "uno", null), seen.await().map { it.value()?.text })
            }
            assertEquals(mapOf<Any, Task>("a" to Task("a", "uno")), live.snapshot())
            assertEquals("uno", live["a"]?.text)
            assertEquals(1, live.size)
        }
    }

    @Test
    fun theFlowEndsWithItsReplica() = withDatabase { database ->
        val live = tasks(database, local = true).replica()
        live.ready()
        coroutineScope {
            val all = async(Dispatchers.Default, CoroutineStart.UNDISPATCHED) { live.changes().toList() }
            live.mutate { insert(Task("a", "one")) }
            live.close()
            assertEquals(1, all.await().size)
        }
    }

    @Test
    fun aSourceIsASuspendFunction() = withDatabase { database ->
        val ended = CompletableDeferred<Unit>()
        val tasks = tasks(database)
        val source = source<Task> {
            try {
                transaction {
                    write(Task("a", "one")).write(Task("b", "two"))
                    metadata("cursor", 1)
                }
                ready()
                transaction { update("a", mapOf("text" to "uno")).delete("b") }
                awaitCancellation()
            } finally {
                ended.complete(Unit)
            }
        }
        tasks.replica(source).use { live ->
            live.ready()
            until { live["a"]?.text == "uno" && live.size == 1 && tasks.get("a")?.text == "uno" }
            assertTrue(live.isLeader)
        }
        withTimeout(20_000) { ended.await() }
        val cursors = CopyOnWriteArrayList<Any?>()
        tasks.replica(source<Task> { cursors += metadata["cursor"] }).use { live ->
            live.ready()
            until { cursors.toList() == listOf(1L) }
            assertEquals(1, live.size)
        }
    }

    @Test
    fun whatASourceThrowsReachesTheCaller() = withDatabase { database ->
        tasks(database).replica(source { error("no network") }).use { live ->
            assertEquals("no network", failure { live.ready() }.message)
            assertEquals("no network", live.state.error()?.cause?.message)
        }
    }

    @Test
    fun subsetsOnDemand() = withDatabase { database ->
        val tasks = tasks(database)
        tasks.transact { for (i in 0 until 100) insert(Task("k$i", "disk", i)) }
        val asked = CopyOnWriteArrayList<Subset>()
        val source = object : CairnSource<Task> {
            override suspend fun run(session: CairnSession<Task>) = session.ready()

            override suspend fun loadSubset(session: CairnSession<Task>, subset: Subset) {
                asked += subset
                if (asked.size > 1) error("no such page")
                session.transaction { write(Task("r", "remote", 5)) }
            }
        }
        tasks.replica(source, onDemand = true).use { live ->
            live.ready()
            assertEquals(0, live.size)
            val loaded = live.load { where { Task::n lt 10 } }
            assertEquals(11, live.size)
            assertEquals(1, asked.size)
            loaded.close()
            until { live.size == 1 }
            assertEquals("no such page", failure { live.load { where { Task::n gt 90 } } }.message)
        }
    }

    @Test
    fun twoInstances() = withDatabase { database ->
        CairnDatabase.open(folder.resolve("a.cairn")).use { other ->
            Coordinator.open(database.java).use { here ->
                Coordinator.open(other.java).use { there ->
                    val one = tasks(database, local = true).replica(coordinator = here)
                    val two = tasks(other, local = true).replica(coordinator = there)
                    one.ready()
                    two.ready()
                    coroutineScope {
                        val seen = async(start = CoroutineStart.UNDISPATCHED) { two.changes().first() }
                        one.mutate { insert(Task("a", "one")) }
                        val change: Change<Task> = withTimeout(20_000) { seen.await().single() }
                        assertEquals("one", change.value()?.text)
                    }
                    one.close()
                    two.close()
                }
            }
        }
    }

    @Test
    fun useAfterClose() = withDatabase { database ->
        val tasks = tasks(database, local = true)
        val live = tasks.replica()
        live.ready()
        live.close()
        assertThrows(CairnException::class.java) { runBlocking { live.mutate { delete("a") } } }
        tasks.close()
        database.close()
        for (call in listOf<suspend () -> Any?>({ tasks.get("a") }, { tasks.list() }, { tasks.rows().toList() }, { database.info() },
            { database.collection<Task>("c") })) {
            assertEquals(Status.WRONG_STATE, (failure { call() } as CairnException).status())
        }
    }

    @Test
    fun closingWhileOthersUseIt() = runBlocking {
        repeat(20) {
            val database = CairnDatabase.open(folder.resolve("a.cairn"))
            val tasks = tasks(database, local = true)
            val jobs = List(4) { i ->
                launch(Dispatchers.IO) {
                    assertEquals(Status.WRONG_STATE, (failure { while (true) tasks.put(Task("k$i", "x")) } as CairnException).status())
                }
            }
            delay(3)
            database.close()
            jobs.forEach { it.join() }
        }
    }

    @Test
    @Timeout(400)
    fun tenThousandCycles() = runBlocking {
        fun resident() = Files.readAllLines(Path.of("/proc/self/status")).first { it.startsWith("VmRSS:") }.filter(Char::isDigit).toLong()
        fun files() = Files.list(Path.of("/proc/self/fd")).use { it.count() }
        suspend fun cycle(i: Int) = CairnDatabase.open(folder.resolve("a.cairn")).use { database ->
            val tasks = tasks(database)
            tasks.put(Task("k${i % 10}", "x", i))
            assertEquals(i, tasks.get("k${i % 10}")?.n)
            assertTrue(tasks.list().isNotEmpty())
        }
        repeat(1000) { cycle(it) }
        System.gc()
        val (memory, open) = resident() to files()
        repeat(10_000) { cycle(it) }
        System.gc()
        assertEquals(0, Database.liveObjects())
        assertTrue(files() <= open + 2, "files stay open")
        // The virtual machine's own memory comes and goes; a leak of 4 KiB a cycle would be 40 MiB.
        assertTrue(resident() - memory < 32 shl 10, "memory has grown by ${resident() - memory} KiB")
    }
}
