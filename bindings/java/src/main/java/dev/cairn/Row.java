// A row that was read: its key and value, and what else was asked for. In a delta, a row without a value
// was deleted.
package dev.cairn;

public record Row<T>(Object key, T value, long version, Object metadata) {
  public boolean isDeleted() {
    return value == null;
  }
}
