// Reads all rows of the todo set into data classes, beside what one would write without Cairn: JSON in a table
// of SQLite, over JDBC, parsed by kotlinx.serialization. Both are warmed up in the same way, and take turns. Run
// it with bindings/kotlin/benchmark.sh [--quick].
@file:UseSerializers(InstantSerializer::class)

package dev.cairn.kotlin.benchmarks

import dev.cairn.Collection
import dev.cairn.CollectionOptions
import dev.cairn.Database
import dev.cairn.kotlin.InstantSerializer
import dev.cairn.kotlin.SerialRows
import java.nio.file.Files
import java.sql.Connection
import java.sql.DriverManager
import java.time.Instant
import kotlinx.serialization.Serializable
import kotlinx.serialization.UseSerializers
import kotlinx.serialization.json.Json

@Serializable
data class Meta(val src: String, val by: String, val pts: Int)

@Serializable
data class Todo(
    val id: String,
    val title: String,
    val completed: Boolean,
    val priority: Int,
    val listId: String,
    val createdAt: Instant,
    val updatedAt: Instant,
    val tags: List<String>,
    val meta: Meta,
)

private fun fill(connection: Connection, rows: Int) {
    connection.createStatement().use {
        it.execute("PRAGMA journal_mode = WAL")
        it.execute("CREATE TABLE todos (id TEXT PRIMARY KEY, value TEXT NOT NULL)")
    }
    connection.autoCommit = false
    connection.prepareStatement("INSERT INTO todos VALUES (?, ?)").use { insert ->
        for (i in 0 until rows) {
            val todo = todo(i)
            insert.setString(1, todo.id)
            insert.setString(2, Json.encodeToString(Todo.serializer(), todo))
            insert.addBatch()
            if (i % 1000 == 999) insert.executeBatch()
        }
        insert.executeBatch()
    }
    connection.commit()
}

private fun viaJdbc(connection: Connection): List<Todo> {
    val out = ArrayList<Todo>()
    connection.prepareStatement("SELECT value FROM todos").use { select ->
        select.executeQuery().use { rows ->
            while (rows.next()) out.add(Json.decodeFromString(Todo.serializer(), rows.getString(1)))
        }
    }
    return out
}

private fun timed(body: () -> List<Todo>): Double {
    System.gc()
    val start = System.nanoTime()
    val rows = body()
    val end = System.nanoTime()
    check(rows.isNotEmpty())
    return (end - start) / 1e6
}

private fun median(times: List<Double>) = times.sorted()[times.size / 2]

fun main(arguments: Array<String>) {
    val quick = "--quick" in arguments
    val rows = if (quick) 10_000 else 100_000
    val folder = Files.createTempDirectory("cairn-benchmark")
    try {
        Database.open(folder.resolve("todos.cairn")).use { database ->
            DriverManager.getConnection("jdbc:sqlite:${folder.resolve("todos.sqlite")}").use { connection ->
                val todos: Collection<Todo> =
                    database.collection("todos", SerialRows(Todo.serializer()), CollectionOptions().key("id"))
                todos.transact { for (i in 0 until rows) it.insert(todo(i)) }
                fill(connection, rows)
                check(todos.list().sortedBy(Todo::id) == viaJdbc(connection).sortedBy(Todo::id)) { "the two ways differ" }
                val (warmUp, runs) = if (quick) 3 to 3 else 10 to 15
                val times = List(warmUp + runs) { timed { todos.list() } to timed { viaJdbc(connection) } }.drop(warmUp)
                val (cairn, jdbc) = median(times.map { it.first }) to median(times.map { it.second })
                println("hydrate %,d todo rows into data classes, warm, medians".format(rows))
                println("  cairn                                %8.1f ms".format(cairn))
                println("  JDBC sqlite and kotlinx.serialization%8.1f ms".format(jdbc))
                println("  ratio                                %8.2f".format(jdbc / cairn))
            }
        }
    } finally {
        folder.toFile().deleteRecursively()
    }
}
