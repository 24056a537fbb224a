// Databases and collections with suspend functions: the engine's work runs on Dispatchers.IO, or on the
// dispatcher that a database is opened with. Any thread; closing waits for calls that run, and calls after it
// throw CairnException.
package dev.cairn.kotlin

import dev.cairn.Collection
import dev.cairn.CollectionInfo
import dev.cairn.CollectionOptions
import dev.cairn.CommitResult
import dev.cairn.Database
import dev.cairn.DatabaseInfo
import dev.cairn.DatabaseOptions
import dev.cairn.IndexInfo
import dev.cairn.LoadOptions
import dev.cairn.Position
import dev.cairn.Report
import dev.cairn.Row
import dev.cairn.Rows
import dev.cairn.Transaction
import dev.cairn.TransactionOptions
import java.nio.file.Path
import kotlin.jvm.optionals.getOrNull
import kotlin.reflect.KProperty1
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.flow.flowOn
import kotlinx.coroutines.withContext
import kotlinx.serialization.KSerializer
import kotlinx.serialization.serializer

/** A database: one file, which several threads and processes may have open. */
class CairnDatabase(
    /** The binding for Java, which has what is not here. */
    val java: Database,
    private val dispatcher: CoroutineDispatcher = Dispatchers.IO,
) : AutoCloseable {
    companion object {
        /** Opens a database, and creates it where there is none. */
        suspend fun open(
            path: Path,
            dispatcher: CoroutineDispatcher = Dispatchers.IO,
            options: DatabaseOptions.() -> Unit = {},
        ): CairnDatabase = withContext(dispatcher) {
            CairnDatabase(Database.open(path, DatabaseOptions().apply(options)), dispatcher)
        }

        /** A database whose contents end with it. */
        fun inMemory(): CairnDatabase = CairnDatabase(Database.inMemory())
    }

    /** Opens a collection of rows of a serializable class; `key` is the property that holds each row's key. */
    suspend inline fun <reified T : Any> collection(
        name: String,
        key: KProperty1<T, *>? = null,
        noinline options: CollectionOptions.() -> Unit = {},
    ): CairnCollection<T> = collection(name, serializer<T>(), key?.name, options)

    suspend fun <T : Any> collection(
        name: String,
        serializer: KSerializer<T>,
        key: String?,
        options: CollectionOptions.() -> Unit,
    ): CairnCollection<T> = withContext(dispatcher) {
        val all = CollectionOptions().apply { if (key != null) key(key) }.apply(options)
        CairnCollection(java.collection(name, SerialRows(serializer), all), dispatcher)
    }

    /** Drops a collection with all that belongs to it; whether there was one. */
    suspend fun drop(name: String): Boolean = withContext(dispatcher) { java.drop(name) }

    suspend fun info(): DatabaseInfo = withContext(dispatcher) { java.info() }

    suspend fun check(): Report.Check = withContext(dispatcher) { java.check() }

    suspend fun digest(): Report.Digest = withContext(dispatcher) { java.digest() }

    /** Raises what was committed so far to the durability DISK. */
    suspend fun flush() = withContext(dispatcher) { java.flush() }

    suspend fun compact() = withContext(dispatcher) { java.compact() }

    suspend fun backup(path: Path): Report.Backup = withContext(dispatcher) { java.backup(path) }

    override fun close() = java.close()
}

/** A collection: rows of one class under a unique key. */
class CairnCollection<T : Any>(val java: Collection<T>, private val dispatcher: CoroutineDispatcher) : AutoCloseable {
    val name: String get() = java.name()

    suspend fun get(key: Any): T? = withContext(dispatcher) { java.get(key).getOrNull() }

    /** Inserts or replaces a row under the key that its key property has; gives the row version after it. */
    suspend fun put(row: T): Long = withContext(dispatcher) { java.put(row) }

    suspend fun put(key: Any, row: T): Long = withContext(dispatcher) { java.put(key, row) }

    /** Changes some fields of a row: update("milk", Todo::done to true). */
    suspend fun update(key: Any, vararg changes: Pair<KProperty1<T, *>, Any?>): CommitResult =
        withContext(dispatcher) { java.update(key, changes.associate { it.first.name to it.second }) }

    suspend fun delete(key: Any): Long = withContext(dispatcher) { java.delete(key) }

    /** Runs `body` in a transaction: commits when it returns, rolls back when it throws. */
    suspend fun transact(options: TransactionOptions = TransactionOptions(), body: Transaction<T>.() -> Unit): CommitResult =
        withContext(dispatcher) { java.transact(options) { it.body() } }

    /** The rows of a query. */
    suspend fun list(query: Query<T>.() -> Unit = {}): List<T> = withContext(dispatcher) { java.list(subsetOf(query)) }

    /** The same one by one, in batches of bounded size: one snapshot, as long as the flow is collected. */
    fun rows(query: Query<T>.() -> Unit = {}): Flow<Row<T>> = cursor { java.load(subsetOf(query), LoadOptions()) }

    /** What changed since a position; null where it has to be loaded anew. */
    suspend fun delta(since: Position): List<Row<T>>? = withContext(dispatcher) {
        java.delta(since).use { rows -> if (rows.head().isReload) null else rows.flatten() }
    }

    private fun cursor(open: () -> Rows<T>): Flow<Row<T>> = flow {
        open().use { rows -> for (batch in rows) for (row in batch) emit(row) }
    }.flowOn(dispatcher)

    suspend fun info(): CollectionInfo = withContext(dispatcher) { java.info() }

    suspend fun metadata(): Map<String, Any?> = withContext(dispatcher) { java.metadata() }

    suspend fun setMetadata(key: String, value: Any?): CommitResult = withContext(dispatcher) { java.setMetadata(key, value) }

    suspend fun ensureIndex(signature: String, vararg fields: KProperty1<T, *>): IndexInfo =
        withContext(dispatcher) { java.ensureIndex(signature, *fields.map { it.field.expr }.toTypedArray()) }

    suspend fun removeIndex(signature: String): Boolean = withContext(dispatcher) { java.removeIndex(signature) }

    suspend fun reset() = withContext(dispatcher) { java.reset() }

    override fun close() = java.close()
}
