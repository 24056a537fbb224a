// A row batch that was read: keys, ops, values and metadata. It has let go of the buffer that it was made
// from. One thread at a time.
package dev.cairn.internal;

import dev.cairn.fb.MetadataOp;
import dev.cairn.fb.Op;
import dev.cairn.fb.RowBatch;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

public final class Batch {
  public final int count;
  public final Column keys;
  /** Null where the batch has no values. */
  public final Objects values;
  private final byte[] ops;
  private final byte[] metadataOps;
  private final Column metadata;
  private final long[] versions;
  private int[] valueOf;
  private int[] metadataOf;

  public Batch(ByteBuffer bytes) {
    RowBatch batch = RowBatch.getRootAsRowBatch(bytes.order(ByteOrder.LITTLE_ENDIAN));
    Heaps heaps = new Heaps(batch);
    count = (int) batch.count();
    keys = batch.keys() == null ? null : new Column(batch.keys(), heaps);
    values = batch.values() == null ? null : new Objects(batch.values(), heaps);
    ops = batch.opsAsByteBuffer() == null ? null : Buffers.copy(batch.opsAsByteBuffer());
    metadataOps = batch.metadataOpsAsByteBuffer() == null ? null : Buffers.copy(batch.metadataOpsAsByteBuffer());
    metadata = batch.metadata() == null ? null : new Column(batch.metadata(), heaps);
    versions = versions(batch.versionsAsByteBuffer());
    if (ops != null) placeValues();
    if (metadataOps != null) placeMetadata();
  }

  private static long[] versions(ByteBuffer from) {
    if (from == null) return null;
    long[] out = new long[from.remaining() / 8];
    from.asLongBuffer().get(out);
    return out;
  }

  private void placeValues() {
    valueOf = new int[count];
    int next = 0;
    for (int i = 0; i < count; i++) valueOf[i] = ops[i] <= Op.Update ? next++ : -1;
  }

  private void placeMetadata() {
    metadataOf = new int[count];
    int next = 0;
    for (int i = 0; i < count; i++) metadataOf[i] = metadataOps[i] == MetadataOp.Set ? next++ : -1;
  }

  public Object key(int i) {
    return keys.get(i);
  }

  public int op(int i) {
    return ops == null ? Op.Insert : ops[i];
  }

  /** The position of a row's value in `values`, or -1. */
  public int valueOf(int i) {
    return values == null ? -1 : valueOf == null ? i : valueOf[i];
  }

  /** 0 where versions were not asked for. */
  public long version(int i) {
    return versions == null ? 0 : versions[i];
  }

  public boolean hasMetadata(int i) {
    return metadataOf != null && metadataOf[i] >= 0;
  }

  /** Null where the row has none. */
  public Object metadata(int i) {
    return hasMetadata(i) ? metadata.get(metadataOf[i]) : null;
  }
}
