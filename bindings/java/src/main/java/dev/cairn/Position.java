// Where a collection stands: the term, sequence number and row version of its last transaction, and how
// often it was reset.
package dev.cairn;

public record Position(long term, long seq, long rowVersion, long resetEpoch) {
  static Position of(dev.cairn.fb.Position table) {
    if (table == null) return new Position(0, 0, 0, 0);
    return new Position(table.term(), table.seq(), table.rowVersion(), table.resetEpoch());
  }
}
