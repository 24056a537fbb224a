// One row of a batch that is written: a key, what happens to its value, and to its metadata. What Plain
// gives, checked already. Immutable.
package dev.cairn.internal;

import dev.cairn.fb.MetadataOp;
import dev.cairn.fb.Op;

public record RowChange(Object key, int op, Plain.Fields value, int metadataOp, Object metadata) {
  public static RowChange of(Object key, int op, Plain.Fields value) {
    return new RowChange(key, op, value, MetadataOp.Keep, null);
  }

  /** Of an app's key and value; an error names the row. */
  public static RowChange put(Object key, Object value, int op) {
    Object plainKey = Plain.key(key);
    try {
      return of(plainKey, op, value instanceof Plain.Fields fields ? fields : Plain.row(value, op == Op.Update));
    } catch (Plain.Unkeepable e) {
      throw Plain.invalid(plainKey, e);
    }
  }

  public static RowChange put(Object key, java.util.function.Supplier<Plain.Fields> value) {
    Object plainKey = Plain.key(key);
    try {
      return of(plainKey, Op.Insert, value.get());
    } catch (Plain.Unkeepable e) {
      throw Plain.invalid(plainKey, e);
    }
  }

  public static RowChange without(Object key, int op) {
    return of(Plain.key(key), op, null);
  }

  public RowChange withMetadata(Object value) {
    try {
      return new RowChange(key, op, this.value, MetadataOp.Set, Plain.of(value));
    } catch (Plain.Unkeepable e) {
      throw Plain.invalid(key, e.within("metadata"));
    }
  }

  public RowChange withoutMetadata() {
    return new RowChange(key, op, value, MetadataOp.Remove, null);
  }
}
