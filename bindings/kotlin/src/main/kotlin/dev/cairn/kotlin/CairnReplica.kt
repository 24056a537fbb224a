// Live rows with coroutines: changes as a Flow, mutations and subsets as suspend functions, a source as a suspend
// function. No thread of the engine runs Kotlin code. Any thread.
package dev.cairn.kotlin

import dev.cairn.Change
import dev.cairn.Coordinator
import dev.cairn.LoadedSubset
import dev.cairn.Mutations
import dev.cairn.Position
import dev.cairn.Replica
import dev.cairn.ReplicaOptions
import dev.cairn.Source
import dev.cairn.SourceSession
import dev.cairn.Subset
import java.util.concurrent.CompletionStage
import kotlin.jvm.optionals.getOrNull
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.cancel
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.future.await
import kotlinx.coroutines.future.future
import kotlinx.coroutines.launch

/** Opens a replica and starts it. Without a source the collection is local-only. */
fun <T : Any> CairnCollection<T>.replica(
    source: CairnSource<T>? = null,
    onDemand: Boolean = false,
    coordinator: Coordinator? = null,
): CairnReplica<T> {
    val options = ReplicaOptions<T>().onDemand(onDemand)
    if (source != null) options.source(Running(source))
    if (coordinator != null) options.coordinator(coordinator)
    return CairnReplica(java.replica(options).start())
}

/** The live rows of a collection. */
class CairnReplica<T : Any>(val java: Replica<T>) : AutoCloseable {
    /** Returns when the rows can be read; throws what the source has thrown. */
    suspend fun ready() {
        java.ready().await()
    }

    operator fun get(key: Any): T? = java.get(key).getOrNull()

    fun snapshot(): Map<Any, T> = java.snapshot()

    val size: Int get() = java.size()

    val isLeader: Boolean get() = java.isLeader

    val state: Replica.State get() = java.state()

    val metadata: Map<String, Any?> get() = java.metadata()

    /** What changes from when it is collected on, in parts that became visible together. */
    fun changes(): Flow<List<Change<T>>> = flow {
        java.changes().use { stream ->
            val told = Channel<Unit>(Channel.CONFLATED)
            stream.onReady { told.trySend(Unit) }
            for (unit in told) {
                while (true) emit(stream.poll() ?: break)
                if (stream.isEnded) break
            }
        }
    }

    /** Changes rows of a local-only collection: seen at once. Returns when that is as durable as promised. */
    suspend fun mutate(body: Mutations<T>.() -> Unit) {
        java.mutate { it.body() }.await()
    }

    /** On demand: returns when the rows of a query are there; they stay until what this gives is closed. */
    suspend fun load(query: Query<T>.() -> Unit = {}): LoadedSubset {
        val loaded = java.load(subsetOf(query))
        try {
            loaded.ready().await()
        } catch (e: Throwable) {
            loaded.close()
            throw e
        }
        return loaded
    }

    fun retry() = java.retry()

    override fun close() = java.close()
}

/** Where a synced collection's rows come from. */
interface CairnSource<T : Any> {
    /** Runs from the start of a session to its end, when it is cancelled. What it throws reaches the app. */
    suspend fun run(session: CairnSession<T>)

    /** On demand: brings the rows of a subset. */
    suspend fun loadSubset(session: CairnSession<T>, subset: Subset) {}

    suspend fun unloadSubset(session: CairnSession<T>, subset: Subset) {}
}

/** A source that is one function. */
fun <T : Any> source(run: suspend CairnSession<T>.() -> Unit): CairnSource<T> = object : CairnSource<T> {
    override suspend fun run(session: CairnSession<T>) = session.run()
}

/** What a source is given. */
class CairnSession<T : Any>(val java: SourceSession<T>) {
    val metadata: Map<String, Any?> get() = java.metadata()
    val position: Position get() = java.position()

    /** Commits what `body` has written: seen at once. Returns when it is saved. */
    suspend fun transaction(body: SourceSession<T>.Transaction.() -> Unit) {
        java.begin().apply(body).commit().await()
    }

    /** The source has brought all that there is. */
    fun ready() = java.ready()

    fun error(cause: Throwable) = java.error(cause)
}

// Runs a source in coroutines of its own.
private class Running<T : Any>(private val source: CairnSource<T>) : Source<T> {
    private var scope: CoroutineScope? = null

    override fun start(session: SourceSession<T>) {
        val started = CoroutineScope(SupervisorJob() + Dispatchers.Default)
        scope = started
        started.launch {
            try {
                source.run(CairnSession(session))
            } catch (e: CancellationException) {
                throw e
            } catch (e: Throwable) {
                session.error(e)
            }
        }
    }

    override fun loadSubset(session: SourceSession<T>, subset: Subset): CompletionStage<*>? =
        scope?.future { source.loadSubset(CairnSession(session), subset) }

    override fun unloadSubset(session: SourceSession<T>, subset: Subset) {
        scope?.launch {
            try {
                source.unloadSubset(CairnSession(session), subset)
            } catch (e: CancellationException) {
                throw e
            } catch (e: Throwable) {
                session.error(e)
            }
        }
    }

    override fun stop() {
        scope?.cancel()
        scope = null
    }
}
