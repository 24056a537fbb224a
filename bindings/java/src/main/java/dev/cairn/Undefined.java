// Stands for a field that an update removes; it can be in no other value. Immutable.
package dev.cairn;

public enum Undefined {
  UNDEFINED;

  @Override
  public String toString() {
    return "undefined";
  }
}
