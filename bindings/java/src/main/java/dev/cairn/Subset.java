// What is asked for: Subset.where(field("done").eq(false)).orderBy(field("at").desc()).limit(50). Absent
// parts do not restrict. Immutable; each method gives a new one.
package dev.cairn;

import com.google.flatbuffers.FlatBufferBuilder;
import dev.cairn.fb.Cursor;
import dev.cairn.internal.PortableReader;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;

public final class Subset {
  private static final long UNLIMITED = -1; // 2^64 - 1
  private static final Subset ALL = new Subset();

  private List<?> keys;
  private Expr where;
  private List<OrderBy> orderBy = List.of();
  private long limit = UNLIMITED;
  private long offset;
  private List<?> boundary;
  private Object boundaryKey;

  private Subset() {}

  private Subset copy() {
    Subset copy = new Subset();
    copy.keys = keys;
    copy.where = where;
    copy.orderBy = orderBy;
    copy.limit = limit;
    copy.offset = offset;
    copy.boundary = boundary;
    copy.boundaryKey = boundaryKey;
    return copy;
  }

  public static Subset all() {
    return ALL;
  }

  public static Subset where(Expr predicate) {
    return ALL.filter(predicate);
  }

  public static Subset keys(Collection<?> keys) {
    Subset copy = new Subset();
    copy.keys = List.copyOf(keys);
    return copy;
  }

  /** And also this. */
  public Subset filter(Expr predicate) {
    Subset copy = copy();
    copy.where = where == null ? predicate : where.and(predicate);
    return copy;
  }

  public Subset orderBy(OrderBy... clauses) {
    Subset copy = copy();
    copy.orderBy = List.copyOf(Arrays.asList(clauses));
    return copy;
  }

  public Subset limit(long limit) {
    Subset copy = copy();
    copy.limit = limit;
    return copy;
  }

  public Subset offset(long offset) {
    Subset copy = copy();
    copy.offset = offset;
    return copy;
  }

  /** What comes after a row, by its values of the order's clauses and its key. */
  public Subset after(List<?> values, Object key) {
    Subset copy = copy();
    copy.boundary = new ArrayList<>(values);
    copy.boundaryKey = key;
    return copy;
  }

  /** The predicate, or null. */
  public Expr predicate() {
    return where;
  }

  public List<OrderBy> order() {
    return orderBy;
  }

  /** The keys, or null. */
  public List<?> keys() {
    return keys;
  }

  /** At most so many rows; -1: no limit. */
  public long limit() {
    return limit;
  }

  public long offset() {
    return offset;
  }

  int put(FlatBufferBuilder builder) {
    int keyVector = keys == null ? 0 : Tables.portable(builder, keys, "a key");
    int tree = where == null ? 0 : where.put(builder);
    int[] clauses = orderBy.stream().mapToInt(clause -> clause.put(builder)).toArray();
    int order = clauses.length == 0 ? 0 : dev.cairn.fb.Subset.createOrderByVector(builder, clauses);
    int cursor = 0;
    if (boundary != null) {
      int values = Tables.portable(builder, boundary, "a boundary");
      int key = boundaryKey == null ? 0 : Tables.portable(builder, boundaryKey, "a boundary");
      cursor = Cursor.createCursor(builder, values, key);
    }
    return dev.cairn.fb.Subset.createSubset(builder, keyVector, tree, order, limit, offset, cursor);
  }

  ByteBuffer table() {
    return Tables.build(this::put);
  }

  static Subset read(ByteBuffer bytes) {
    dev.cairn.fb.Subset table = dev.cairn.fb.Subset.getRootAsSubset(bytes);
    Subset out = new Subset();
    out.keys = (List<?>) PortableReader.read(table.keysAsByteBuffer());
    out.where = table.where() == null ? null : Expr.read(table.where());
    List<OrderBy> clauses = new ArrayList<>();
    for (int i = 0; i < table.orderByLength(); i++) clauses.add(OrderBy.read(table.orderBy(i)));
    out.orderBy = List.copyOf(clauses);
    out.limit = table.limit();
    out.offset = table.offset();
    if (table.cursor() != null) {
      out.boundary = (List<?>) PortableReader.read(table.cursor().valuesAsByteBuffer());
      out.boundaryKey = PortableReader.read(table.cursor().keyAsByteBuffer());
    }
    return out;
  }
}
