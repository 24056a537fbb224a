// What a source is given: where the collection stands, and begin, write, commit, truncate, ready. Rows are
// seen when their transaction is committed, and saved with its metadata, in which a source keeps its resume
// cursor. Any thread; a transaction is for one thread at a time.
package dev.cairn;

import dev.cairn.fb.Op;
import dev.cairn.internal.RowChange;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

public final class SourceSession<T> {
  private final Replica<T> replica;
  private final Map<String, Object> metadata;
  private final Position position;
  private volatile boolean ended;

  SourceSession(Replica<T> replica, Map<String, Object> metadata, Position position) {
    this.replica = replica;
    this.metadata = metadata;
    this.position = position;
  }

  /** The collection's metadata when the session began. */
  public Map<String, Object> metadata() {
    return metadata;
  }

  public Position position() {
    return position;
  }

  public boolean isEnded() {
    return ended;
  }

  void end() {
    ended = true;
  }

  public Transaction begin() {
    return new Transaction();
  }

  /** The source has brought all that there is. */
  public void ready() {
    if (!ended) replica.sourceReady();
  }

  /** The source cannot go on; the app sees the error. */
  public void error(Throwable cause) {
    if (!ended) replica.sourceFailed(cause);
  }

  /** A transaction of the source; one that is dropped without commit() has written nothing. */
  public final class Transaction {
    private final Map<String, Object> metadata = new LinkedHashMap<>();
    private List<Replica.Write<T>> writes = new ArrayList<>();
    private boolean truncates;
    private boolean closed;

    private Transaction() {}

    /** Inserts or replaces a row, under the key that its key field has. */
    public Transaction write(T row) {
      return write(replica.collection().keyOf(row), row);
    }

    public Transaction write(Object key, T row) {
      return add(new Replica.Write<>(replica.collection().insertion(key, row), row));
    }

    /** The same with row metadata. */
    public Transaction write(Object key, T row, Object metadata) {
      return add(new Replica.Write<>(replica.collection().insertion(key, row).withMetadata(metadata), row));
    }

    /** Changes some fields of a row; Undefined removes one. */
    public Transaction update(Object key, Map<String, ?> changes) {
      return add(new Replica.Write<>(RowChange.put(key, changes, Op.Update), null));
    }

    public Transaction delete(Object key) {
      return add(new Replica.Write<>(RowChange.without(key, Op.Delete), null));
    }

    /** Drops all rows, and what this transaction has written so far. */
    public Transaction truncate() {
      checkOpen();
      writes = new ArrayList<>();
      truncates = true;
      return this;
    }

    /** Sets an entry of the collection's metadata, null to remove it. */
    public Transaction metadata(String key, Object value) {
      checkOpen();
      metadata.put(key, value);
      return this;
    }

    /** Has it seen at once. The future completes when it is saved, or at once where another instance
     *  leads and saves the same. */
    public CompletableFuture<Void> commit() {
      checkOpen();
      closed = true;
      if (ended) {
        return CompletableFuture.failedFuture(new CairnException(Status.CANCELLED,
            "the source's session has ended: its next one begins from what is saved"));
      }
      return replica.commit(new Replica.SourceCommit<>(truncates, writes, metadata));
    }

    private Transaction add(Replica.Write<T> write) {
      checkOpen();
      writes.add(write);
      return this;
    }

    private void checkOpen() {
      if (closed) throw new CairnException(Status.WRONG_STATE, "the source's transaction was committed");
    }
  }
}
