// How rows of a batch become objects of an app's class, and back: maps, records and classes in Java
// (Types), serializable classes in Kotlin. Any thread.
package dev.cairn.internal;

import java.util.Map;
import java.util.function.IntFunction;

public interface RowType<T> {
  /** Gives the rows of a batch by their positions. */
  IntFunction<T> reader(Objects objects);

  /** One row. */
  T fromMap(Map<String, Object> row);

  /** What is kept of a row: what Plain.row gives. */
  Plain.Fields fields(T row);

  /** Rows as maps. */
  RowType<Map<String, Object>> MAPS = new RowType<>() {
    @Override
    public IntFunction<Map<String, Object>> reader(Objects objects) {
      return objects::get;
    }

    @Override
    public Map<String, Object> fromMap(Map<String, Object> row) {
      return row;
    }

    @Override
    public Plain.Fields fields(Map<String, Object> row) {
      return Plain.row(row, false);
    }
  };
}
