// What a commit did, where the collection stands after it, and what durability it has reached.
package dev.cairn;

import dev.cairn.internal.PortableReader;
import java.nio.ByteBuffer;
import java.util.List;

public record CommitResult(Outcome outcome, Position position, long previousVersion, Durability durability,
    long inserted, long updated, long deleted, long unchanged, List<Object> insertedKeys, List<Object> updatedKeys,
    List<Object> deletedKeys) {
  public enum Outcome {
    APPLIED,
    /** Nothing differed: no row was written. */
    UNCHANGED,
    /** The position counts as applied already. */
    IGNORED,
    /** The request id was seen before: its first result. */
    REPEATED
  }

  static CommitResult of(ByteBuffer bytes) {
    dev.cairn.fb.CommitResult table = dev.cairn.fb.CommitResult.getRootAsCommitResult(bytes);
    return new CommitResult(Outcome.values()[table.outcome()], Position.of(table.position()), table.previousVersion(),
        Durability.of(table.durability()), table.inserted(), table.updated(), table.deleted(), table.unchanged(),
        keys(table.insertedKeysAsByteBuffer()), keys(table.updatedKeysAsByteBuffer()),
        keys(table.deletedKeysAsByteBuffer()));
  }

  @SuppressWarnings("unchecked")
  private static List<Object> keys(ByteBuffer bytes) {
    Object keys = PortableReader.read(bytes);
    return keys == null ? List.of() : (List<Object>) keys;
  }
}
