// What changed in the rows that a consumer sees: the row under a key before and after, null where there
// was none or is none any more.
package dev.cairn;

public record Change<T>(Object key, T before, T value) {
  public boolean isDeleted() {
    return value == null;
  }
}
