// What a transaction is; a TransactionOptions of schemas/requests.fbs. Methods change it and give it back:
// for one thread, until it is used.
package dev.cairn;

import dev.cairn.fb.TransactionMode;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;

public final class TransactionOptions {
  private int mode = TransactionMode.Apply;
  private boolean replace;
  private boolean truncate;
  private String id;
  private String writer;
  private long term;
  private long seq;
  private long rowVersion;
  private String requestId;
  private Durability durability = Durability.DEFAULT;
  private boolean dryRun;
  private boolean reportKeys;
  private final Map<String, Object> metadata = new LinkedHashMap<>();

  /** The rows are a full snapshot: those that it lacks are deleted. */
  public TransactionOptions reconcile() {
    mode = TransactionMode.Reconcile;
    return this;
  }

  /** Updates replace rows instead of merging. */
  public TransactionOptions replace(boolean replace) {
    this.replace = replace;
    return this;
  }

  /** Drops the rows first. */
  public TransactionOptions truncate(boolean truncate) {
    this.truncate = truncate;
    return this;
  }

  /** Names the transaction, for deltas and against applying it twice. */
  public TransactionOptions id(String id) {
    this.id = id;
    return this;
  }

  /** A position of the source's own. */
  public TransactionOptions position(String writer, long term, long seq, long rowVersion) {
    this.writer = writer;
    this.term = term;
    this.seq = seq;
    this.rowVersion = rowVersion;
    return this;
  }

  /** A repeated request gives its first result. */
  public TransactionOptions requestId(String requestId) {
    this.requestId = requestId;
    return this;
  }

  public TransactionOptions durability(Durability durability) {
    this.durability = durability;
    return this;
  }

  /** Reports, then rolls back. */
  public TransactionOptions dryRun(boolean dryRun) {
    this.dryRun = dryRun;
    return this;
  }

  /** Lists the keys in the result. */
  public TransactionOptions reportKeys(boolean reportKeys) {
    this.reportKeys = reportKeys;
    return this;
  }

  /** Sets an entry of the collection's metadata; null removes it. */
  public TransactionOptions metadata(String key, Object value) {
    metadata.put(key, value);
    return this;
  }

  ByteBuffer table() {
    return Tables.build(builder -> {
      int idText = Tables.string(builder, id);
      int writerText = Tables.string(builder, writer);
      int request = Tables.string(builder, requestId);
      int[] entries = Tables.metadata(builder, metadata);
      int vector = entries.length == 0 ? 0 : dev.cairn.fb.TransactionOptions.createMetadataVector(builder, entries);
      return dev.cairn.fb.TransactionOptions.createTransactionOptions(builder, mode, replace, truncate, idText,
          writerText, term, seq, rowVersion, request, durability.ordinal(), dryRun, reportKeys, vector);
    });
  }
}
