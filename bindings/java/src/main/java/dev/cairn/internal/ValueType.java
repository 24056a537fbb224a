// How a value that was read becomes one of an app's type. Any thread.
package dev.cairn.internal;

import java.util.function.IntFunction;

abstract class ValueType {
  /** Of a value as PortableReader gives it; null becomes null, or what a primitive type has instead. */
  abstract Object typed(Object value);

  /** Of the values of a column, by position. */
  IntFunction<Object> getter(Column column) {
    return i -> typed(column.get(i));
  }

  static Plain.Unkeepable mismatch(Object value, String wanted) {
    return new Plain.Unkeepable("the row has " + Plain.describe(value) + " where " + wanted + " is wanted");
  }
}
