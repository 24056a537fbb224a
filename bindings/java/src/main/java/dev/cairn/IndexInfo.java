// An index, and how much of its collection it has taken in.
package dev.cairn;

public record IndexInfo(String signature, boolean isReady, long rowsDone, long rowsTotal, long entries,
    String definition) {
  static IndexInfo of(dev.cairn.fb.IndexInfo table) {
    return new IndexInfo(table.signature(), table.ready(), table.rowsDone(), table.rowsTotal(), table.entries(),
        table.definition());
  }
}
