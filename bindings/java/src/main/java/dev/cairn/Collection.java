// A collection: rows of one type under a unique key, a text or a finite number. Several threads may use it
// at once, and any may close it.
package dev.cairn;

import dev.cairn.fb.DeltaRequest;
import dev.cairn.fb.IndexRequest;
import dev.cairn.fb.MetadataReport;
import dev.cairn.fb.Op;
import dev.cairn.fb.TextEncoding;
import dev.cairn.internal.Buffers;
import dev.cairn.internal.Handle;
import dev.cairn.internal.Native;
import dev.cairn.internal.Plain;
import dev.cairn.internal.PortableReader;
import dev.cairn.internal.PortableWriter;
import dev.cairn.internal.RowChange;
import dev.cairn.internal.RowType;
import dev.cairn.jni.CairnJni;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

public final class Collection<T> implements AutoCloseable {
  static final class NativeCollection extends Handle {
    NativeCollection(Handle parent, long address) {
      super("collection", parent, address, CairnJni::cairn_collection_close, false);
    }
  }

  final NativeCollection handle;
  final RowType<T> type;
  private final Database database;
  private final String name;
  private final String keyField;

  Collection(Database database, long address, String name, RowType<T> type, String keyField) {
    this.database = database;
    this.name = name;
    this.type = type;
    this.keyField = keyField;
    handle = new NativeCollection(database.handle, address);
  }

  public String name() {
    return name;
  }

  public Database database() {
    return database;
  }

  // --- one row ---

  @SuppressWarnings("unchecked")
  public Optional<T> get(Object key) {
    ByteBuffer bytes = portable(Plain.key(key));
    long buffer = Database.out(handle, (address, out) -> CairnJni.cairn_collection_get(address, bytes, out));
    if (buffer == 0) return Optional.empty();
    try {
      return Optional.of(type.fromMap((Map<String, Object>) PortableReader.read(Buffers.bytes(buffer))));
    } catch (Plain.Unkeepable e) {
      throw new CairnException(Status.INVALID_VALUE, "row " + key + ": " + e.getMessage(), e);
    }
  }

  /** Inserts or replaces a row under the key that its key field has; gives the row version after it. */
  public long put(T row) {
    return put(insertion(row));
  }

  public long put(Object key, T row) {
    return put(insertion(key, row));
  }

  private long put(RowChange row) {
    ByteBuffer[] in = Buffers.direct(PortableWriter.bytes(row.key()), PortableWriter.bytes(row.value()));
    return Database.out(handle, (address, out) -> CairnJni.cairn_collection_put(address, in[0], in[1], out));
  }

  /** Changes some fields of a row, in a transaction of its own. */
  public CommitResult update(Object key, Map<String, ?> changes) {
    return transact(transaction -> transaction.update(key, changes));
  }

  /** Deletes a row; gives the row version after it. */
  public long delete(Object key) {
    ByteBuffer bytes = portable(Plain.key(key));
    return Database.out(handle, (address, out) -> CairnJni.cairn_collection_remove(address, bytes, out));
  }

  private static ByteBuffer portable(Object plain) {
    return Buffers.direct(PortableWriter.bytes(plain));
  }

  RowChange insertion(T row) {
    Plain.Fields fields = fieldsOf(row);
    return RowChange.put(keyIn(fields), fields, Op.Insert);
  }

  RowChange insertion(Object key, T row) {
    return RowChange.put(key, () -> type.fields(row));
  }

  /** The key of a row, by the collection's key field. */
  public Object keyOf(T row) {
    return row instanceof Map<?, ?> map && keyField != null ? map.get(keyField) : keyIn(fieldsOf(row));
  }

  private Plain.Fields fieldsOf(T row) {
    try {
      return type.fields(row);
    } catch (Plain.Unkeepable e) {
      Object key = row instanceof Map<?, ?> map ? map.get(keyField) : null;
      throw Plain.invalid((key == null ? "" : "row " + (key instanceof String ? "\"" + key + "\"" : key) + ": ") + e.getMessage());
    }
  }

  private Object keyIn(Plain.Fields fields) {
    if (keyField == null) {
      throw new CairnException(Status.INVALID_ARGUMENT,
          "the collection \"" + name + "\" was opened without a key field: give keys with rows");
    }
    int at = Arrays.asList(fields.names()).indexOf(keyField);
    return at < 0 ? null : fields.values()[at];
  }

  // --- many rows ---

  public Transaction<T> begin() {
    return begin(new TransactionOptions());
  }

  public Transaction<T> begin(TransactionOptions options) {
    ByteBuffer table = options.table();
    return new Transaction<>(this, handle, Database.out(handle,
        (address, out) -> CairnJni.cairn_transaction_begin(address, table, out)));
  }

  /** Runs `body` in a transaction: commits when it returns, rolls back when it throws. */
  public CommitResult transact(Consumer<Transaction<T>> body) {
    return transact(new TransactionOptions(), body);
  }

  public CommitResult transact(TransactionOptions options, Consumer<Transaction<T>> body) {
    try (Transaction<T> transaction = begin(options)) {
      body.accept(transaction);
      return transaction.commit();
    }
  }

  /** The same on another thread; completes when the transaction is on the disk. */
  public CompletableFuture<CommitResult> transactAsync(Consumer<Transaction<T>> body) {
    return CompletableFuture.supplyAsync(
        () -> transact(new TransactionOptions().durability(Durability.DISK), body), Ahead.THREADS);
  }

  /** Opens a cursor over a subset. */
  public Rows<T> load(Subset subset) {
    return load(subset, new LoadOptions());
  }

  public Rows<T> load(Subset subset, LoadOptions options) {
    ByteBuffer table = options.table(subset);
    return new Rows<>(handle, Database.out(handle,
        (address, out) -> CairnJni.cairn_collection_load(address, table, out)), type);
  }

  /** The values of a subset. */
  public List<T> list(Subset subset) {
    try (Rows<T> rows = load(subset)) {
      return rows.toList();
    }
  }

  public List<T> list() {
    return list(Subset.all());
  }

  /** Opens a cursor over what changed since a position; its head says whether to load instead. */
  public Rows<T> delta(Position since) {
    ByteBuffer table = Tables.build(builder -> DeltaRequest.createDeltaRequest(builder, since.rowVersion(),
        since.resetEpoch(), false, true, TextEncoding.Utf16, 4 << 20, 4096));
    return new Rows<>(handle, Database.out(handle,
        (address, out) -> CairnJni.cairn_collection_delta(address, table, out)), type);
  }

  // --- the collection ---

  public CollectionInfo info() {
    return Buffers.take(Database.out(handle, CairnJni::cairn_collection_info), CollectionInfo::of);
  }

  public Map<String, Object> metadata() {
    return Buffers.take(Database.out(handle, CairnJni::cairn_collection_metadata), bytes -> {
      MetadataReport table = MetadataReport.getRootAsMetadataReport(bytes);
      return Tables.metadata(table.entriesLength(), table::entries);
    });
  }

  /** Sets an entry of the metadata, null to remove it, in a transaction of its own. */
  public CommitResult setMetadata(String key, Object value) {
    return transact(new TransactionOptions().metadata(key, value), transaction -> { });
  }

  /** Makes an index, and keeps it in step from then on. */
  public IndexInfo ensureIndex(String signature, Expr... expressions) {
    return ensureIndex(signature, null, expressions);
  }

  /** An index of the rows for which `where` is true. */
  public IndexInfo ensureIndex(String signature, Expr where, Expr[] expressions) {
    ByteBuffer request = Tables.build(builder -> {
      int text = Tables.string(builder, signature);
      int[] trees = Arrays.stream(expressions).mapToInt(one -> one.put(builder)).toArray();
      int vector = IndexRequest.createExpressionsVector(builder, trees);
      int condition = where == null ? 0 : where.put(builder);
      return IndexRequest.createIndexRequest(builder, text, vector, 0, condition, 0, 0);
    });
    long buffer = Database.out(handle, (address, out) -> CairnJni.cairn_collection_ensure_index(address, request, out));
    return Buffers.take(buffer, bytes -> IndexInfo.of(dev.cairn.fb.IndexInfo.getRootAsIndexInfo(bytes)));
  }

  /** Whether there was such an index. */
  public boolean removeIndex(String signature) {
    byte[] utf8 = Native.utf8(signature);
    return handle.use(address -> CairnJni.cairn_collection_remove_index(address, utf8)) == CairnJni.CAIRN_OK;
  }

  /** Rows, log, row version and metadata go together. */
  public void reset() {
    handle.run(CairnJni::cairn_collection_reset);
  }

  /** Opens a replica: the live rows of this collection, in memory. Start it with start(). */
  public Replica<T> replica(ReplicaOptions<T> options) {
    return new Replica<>(this, options);
  }

  public boolean isClosed() {
    return handle.isClosed();
  }

  @Override
  public void close() {
    handle.close();
  }
}
