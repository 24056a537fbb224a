// Writing many rows, whole or not at all: inserts, updates and deletions are gathered and handed to the
// engine in batches, commit() writes them, close() without it rolls back. It holds the database's write
// lock. For one thread at a time; it may be closed by any.
package dev.cairn;

import dev.cairn.fb.Op;
import dev.cairn.internal.BatchWriter;
import dev.cairn.internal.Buffers;
import dev.cairn.internal.Handle;
import dev.cairn.internal.RowChange;
import dev.cairn.jni.CairnJni;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

public final class Transaction<T> implements AutoCloseable {
  private static final int FLUSHED_ROWS = 4096;

  static final class Native extends Handle {
    Native(Handle parent, long address) {
      super("transaction", parent, address, CairnJni::cairn_transaction_close, true);
    }
  }

  private final Collection<T> collection;
  private final Native handle;
  private List<RowChange> rows = new ArrayList<>();

  Transaction(Collection<T> collection, Handle parent, long address) {
    this.collection = collection;
    handle = new Native(parent, address);
  }

  /** Inserts or replaces a row, under the key that its key field has. */
  public Transaction<T> insert(T row) {
    return add(collection.insertion(row));
  }

  public Transaction<T> insert(Object key, T row) {
    return add(collection.insertion(key, row));
  }

  /** Changes some fields of a row; Undefined removes one. */
  public Transaction<T> update(Object key, Map<String, ?> changes) {
    return add(RowChange.put(key, changes, Op.Update));
  }

  public Transaction<T> delete(Object key) {
    return add(RowChange.without(key, Op.Delete));
  }

  /** Sets a row's metadata, null to remove it; the row itself stays. */
  public Transaction<T> setRowMetadata(Object key, Object metadata) {
    RowChange row = RowChange.without(key, Op.Touch);
    return add(metadata == null ? row.withoutMetadata() : row.withMetadata(metadata));
  }

  /** Inserts or replaces a row with metadata. */
  public Transaction<T> insert(Object key, T row, Object metadata) {
    return add(collection.insertion(key, row).withMetadata(metadata));
  }

  private Transaction<T> add(RowChange row) {
    if (handle.isClosed()) throw new CairnException(Status.WRONG_STATE, "the transaction is closed");
    rows.add(row);
    if (rows.size() >= FLUSHED_ROWS) flush();
    return this;
  }

  private void flush() {
    List<RowChange> gathered = rows;
    rows = new ArrayList<>();
    for (ByteBuffer batch : BatchWriter.batches(gathered)) {
      handle.run(address -> CairnJni.cairn_transaction_add(address, batch));
    }
  }

  /** Commits, closes it, and says what was done. If it fails nothing was written. */
  public CommitResult commit() {
    try (this) {
      flush();
      long buffer = handle.use(address -> {
        long[] out = new long[1];
        CairnJni.cairn_transaction_commit(address, out);
        return out[0];
      });
      return Buffers.take(buffer, CommitResult::of);
    }
  }

  /** Rolls back unless it was committed. */
  @Override
  public void close() {
    handle.close();
  }
}
