// The objects of a row batch or of one of its columns: groups of columns, and loose ones that carry their
// names. Objects stand in the order of the rows. One thread at a time.
package dev.cairn.internal;

import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

public final class Objects {
  public static final int LOOSE = 65535;

  /** Objects that share their field names. */
  public static final class Group {
    public final String[] names;
    public final Column[] columns;
    public final int count;

    Group(dev.cairn.fb.Group table, Heaps heaps) {
      count = (int) table.count();
      List<?> fields = (List<?>) PortableReader.read(table.fieldsAsByteBuffer());
      names = fields == null ? new String[0] : fields.toArray(new String[0]);
      columns = new Column[names.length];
      for (int i = 0; i < columns.length; i++) columns[i] = new Column(table.columns(i), heaps);
    }

    /** The column of a name, or null. */
    public Column column(String name) {
      for (int i = 0; i < names.length; i++) if (names[i].equals(name)) return columns[i];
      return null;
    }

    Map<String, Object> get(int i) {
      Map<String, Object> out = new LinkedHashMap<>(names.length * 4 / 3 + 1);
      for (int k = 0; k < names.length; k++) out.put(names[k], columns[k].get(i));
      return out;
    }
  }

  public final int count;
  public final Group[] groups;
  private final Column loose;
  private char[] groupOf; // null: all are in the first group
  private int[] placeOf;

  Objects(dev.cairn.fb.Objects table, Heaps heaps) {
    count = (int) table.count();
    groups = new Group[table.groupsLength()];
    for (int i = 0; i < groups.length; i++) groups[i] = new Group(table.groups(i), heaps);
    loose = table.loose() == null ? null : new Column(table.loose(), heaps);
    ByteBuffer numbers = table.groupOfAsByteBuffer();
    if (numbers != null) place(numbers);
  }

  private void place(ByteBuffer numbers) {
    groupOf = new char[count];
    numbers.asCharBuffer().get(groupOf);
    placeOf = new int[count];
    int[] next = new int[groups.length + 1];
    for (int i = 0; i < count; i++) {
      placeOf[i] = next[groupOf[i] == LOOSE ? groups.length : groupOf[i]]++;
    }
  }

  /** Whether all objects are in the first group, at their own positions. */
  public boolean isUniform() {
    return groupOf == null;
  }

  /** The group of an object, or LOOSE. */
  public int groupOf(int i) {
    return groupOf == null ? 0 : groupOf[i];
  }

  /** Its position in its group. */
  public int placeOf(int i) {
    return placeOf == null ? i : placeOf[i];
  }

  /** An object as a map. */
  @SuppressWarnings("unchecked")
  public Map<String, Object> get(int i) {
    int group = groupOf(i);
    if (group == LOOSE) return (Map<String, Object>) loose.get(placeOf(i));
    return groups[group].get(placeOf(i));
  }
}
