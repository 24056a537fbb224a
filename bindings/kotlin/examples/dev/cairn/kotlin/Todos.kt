// The example of the README: a few tasks on disk, asked for and watched.
@file:UseSerializers(InstantSerializer::class)

package dev.cairn.kotlin.examples

import dev.cairn.kotlin.CairnDatabase
import dev.cairn.kotlin.InstantSerializer
import dev.cairn.kotlin.replica
import java.nio.file.Path
import java.time.Instant
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.async
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.runBlocking
import kotlinx.serialization.Serializable
import kotlinx.serialization.UseSerializers

@Serializable
data class Todo(val id: String, val title: String, val due: Instant, val done: Boolean = false)

fun main(arguments: Array<String>) = runBlocking {
    CairnDatabase.open(Path.of(arguments[0])).use { database ->
        val todos = database.collection<Todo>("todos", key = Todo::id) { local(true) }

        // Many rows: whole or not at all.
        todos.transact {
            insert(Todo("milk", "buy milk", Instant.parse("2026-05-01T08:00:00Z")))
            insert(Todo("bread", "bake bread", Instant.parse("2026-05-02T08:00:00Z")))
        }
        println(todos.get("milk")?.title)

        val open = todos.list {
            where { Todo::done eq false }
            orderBy(Todo::due.desc())
            limit(10)
        }
        for (todo in open) println("${todo.title} by ${todo.due}")

        // Live rows: this process's changes, and those of others.
        todos.replica().use { live ->
            live.ready()
            val next = async(start = CoroutineStart.UNDISPATCHED) { live.changes().first() }
            live.mutate { update("milk") { it.copy(done = true) } } // returns when it is on the disk
            for (change in next.await()) println("${change.key()} is done: ${change.value().done}")
        }
    }
}
