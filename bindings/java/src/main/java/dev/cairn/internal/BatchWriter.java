// Encodes rows as a row batch (schemas/batch.fbs, core/value/ENCODING.md): objects with the same names form
// a group of columns, texts go into two heaps. A column takes the kind of its first value, and is Tagged
// where another one has a different kind. One thread at a time; one batch each.
package dev.cairn.internal;

import com.google.flatbuffers.FlatBufferBuilder;
import dev.cairn.CairnException;
import dev.cairn.Status;
import dev.cairn.fb.Column;
import dev.cairn.fb.ColumnKind;
import dev.cairn.fb.Group;
import dev.cairn.fb.MetadataOp;
import dev.cairn.fb.Objects;
import dev.cairn.fb.Op;
import dev.cairn.fb.RowBatch;
import dev.cairn.fb.TextEncoding;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

public final class BatchWriter {
  public static final int MAX_BYTES = 64 << 20;
  private static final int MAX_ROWS = 4096;
  private static final int MAX_GROUPS = 256;
  private static final int MAX_COLUMN_DEPTH = 16;
  private static final int MIN_DICTIONARY = 8;

  private final FlatBufferBuilder builder = new FlatBufferBuilder(1 << 14, new Direct());
  private final TextHeap heap = new TextHeap();

  // The engine reads what is written where it stands.
  private static final class Direct extends FlatBufferBuilder.ByteBufferFactory {
    @Override
    public ByteBuffer newByteBuffer(int capacity) {
      return ByteBuffer.allocateDirect(capacity).order(ByteOrder.LITTLE_ENDIAN);
    }
  }

  private BatchWriter() {}

  /** One batch of all rows. */
  public static ByteBuffer batch(List<RowChange> rows) {
    return new BatchWriter().write(rows);
  }

  /** Batches of bounded size. */
  public static List<ByteBuffer> batches(List<RowChange> rows) {
    List<ByteBuffer> out = new ArrayList<>();
    for (int i = 0; i < rows.size(); i += MAX_ROWS) split(rows.subList(i, Math.min(rows.size(), i + MAX_ROWS)), out);
    return out;
  }

  private static void split(List<RowChange> rows, List<ByteBuffer> out) {
    ByteBuffer batch = batch(rows);
    if (batch.remaining() <= MAX_BYTES) {
      out.add(batch);
      return;
    }
    if (rows.size() == 1) throw new CairnException(Status.TOO_LARGE, "row " + rows.get(0).key() + " is too large for a batch");
    split(rows.subList(0, rows.size() / 2), out);
    split(rows.subList(rows.size() / 2, rows.size()), out);
  }

  private ByteBuffer write(List<RowChange> rows) {
    int count = rows.size();
    Object[] keys = new Object[count];
    List<Plain.Fields> values = new ArrayList<>(count);
    List<Object> metadata = new ArrayList<>();
    byte[] ops = new byte[count];
    byte[] metadataOps = new byte[count];
    for (int i = 0; i < count; i++) {
      RowChange row = rows.get(i);
      keys[i] = row.key();
      ops[i] = (byte) row.op();
      metadataOps[i] = (byte) row.metadataOp();
      if (row.op() <= Op.Update) values.add(row.value());
      if (row.metadataOp() == MetadataOp.Set) metadata.add(row.metadata());
    }
    int keyColumn = column(keys, 1);
    int objects = objects(values.toArray(), 1);
    int opVector = isZero(ops) ? 0 : RowBatch.createOpsVector(builder, ops);
    int metadataOpVector = isZero(metadataOps) ? 0 : RowBatch.createMetadataOpsVector(builder, metadataOps);
    int metadataColumn = metadata.isEmpty() ? 0 : column(metadata.toArray(), 2);
    int narrow = RowBatch.createNarrowVector(builder, heap.narrow());
    int wide = heap.wide(builder);
    RowBatch.startRowBatch(builder);
    RowBatch.addWide(builder, wide);
    RowBatch.addNarrow(builder, narrow);
    RowBatch.addMetadata(builder, metadataColumn);
    RowBatch.addMetadataOps(builder, metadataOpVector);
    RowBatch.addValues(builder, objects);
    RowBatch.addOps(builder, opVector);
    RowBatch.addKeys(builder, keyColumn);
    RowBatch.addCount(builder, count);
    RowBatch.addEncoding(builder, TextEncoding.Utf16);
    RowBatch.finishRowBatchBuffer(builder, RowBatch.endRowBatch(builder));
    return builder.dataBuffer();
  }

  private static boolean isZero(byte[] bytes) {
    for (byte one : bytes) if (one != 0) return false;
    return true;
  }

  // --- objects ---

  private static final class Shape {
    final String[] names;
    final List<Object[]> rows = new ArrayList<>();

    Shape(String[] names) {
      this.names = names;
    }
  }

  // Objects whose fields have `depth` containers around them.
  private int objects(Object[] values, int depth) {
    Map<List<String>, Integer> byNames = new HashMap<>();
    List<Shape> shapes = new ArrayList<>();
    List<Object> loose = new ArrayList<>();
    short[] groupOf = new short[values.length];
    String[] last = null;
    int lastGroup = 0;
    for (int i = 0; i < values.length; i++) {
      Plain.Fields fields = (Plain.Fields) values[i];
      if (fields.names() != last) {
        last = fields.names();
        lastGroup = groupOf(last, byNames, shapes);
      }
      groupOf[i] = (short) lastGroup;
      if (lastGroup == dev.cairn.internal.Objects.LOOSE) loose.add(fields);
      else shapes.get(lastGroup).rows.add(fields.values());
    }
    int[] groups = new int[shapes.size()];
    for (int i = 0; i < groups.length; i++) groups[i] = group(shapes.get(i), depth);
    boolean isUniform = groups.length == 1 && loose.isEmpty();
    int looseColumn = loose.isEmpty() ? 0 : tagged(loose.toArray());
    int numbers = isUniform || values.length == 0 ? 0 : shorts(groupOf);
    int groupVector = Objects.createGroupsVector(builder, groups);
    Objects.startObjects(builder);
    Objects.addCount(builder, values.length);
    Objects.addGroupOf(builder, numbers);
    Objects.addGroups(builder, groupVector);
    Objects.addLoose(builder, looseColumn);
    return Objects.endObjects(builder);
  }

  private static int groupOf(String[] names, Map<List<String>, Integer> byNames, List<Shape> shapes) {
    List<String> key = Arrays.asList(names);
    Integer known = byNames.get(key);
    if (known != null) return known;
    if (shapes.size() == MAX_GROUPS) return dev.cairn.internal.Objects.LOOSE;
    byNames.put(key, shapes.size());
    shapes.add(new Shape(names));
    return shapes.size() - 1;
  }

  private int group(Shape shape, int depth) {
    int count = shape.rows.size();
    int[] columns = new int[shape.names.length];
    Object[] values = new Object[count];
    for (int k = 0; k < columns.length; k++) {
      for (int i = 0; i < count; i++) values[i] = shape.rows.get(i)[k];
      columns[k] = column(values, depth);
    }
    int fields = Group.createFieldsVector(builder, PortableWriter.bytes(shape.names));
    int vector = Group.createColumnsVector(builder, columns);
    Group.startGroup(builder);
    Group.addFields(builder, fields);
    Group.addCount(builder, count);
    Group.addColumns(builder, vector);
    return Group.endGroup(builder);
  }

  // --- columns ---

  // What a column's table is made of; 0 where it has no such part.
  private static final class Parts {
    int kind;
    int nulls;
    int data;
    int ints;
    int doubles;
    int ends;
    int codes;
    int codes16;
    int child;
    int objects;
    int narrowStart;
    int wideStart;
  }

  private int column(Object[] values, int depth) {
    Object first = null;
    for (int i = 0; i < values.length && first == null; i++) first = values[i];
    if (first == null) return table(parts(ColumnKind.Null), values.length, 0);
    Parts parts = typed(first, values, depth);
    if (parts == null) return tagged(values);
    return table(parts, values.length, nulls(values));
  }

  private static Parts parts(int kind) {
    Parts parts = new Parts();
    parts.kind = kind;
    return parts;
  }

  // Null where the column has to be Tagged.
  private Parts typed(Object first, Object[] values, int depth) {
    if (first instanceof String) return all(values, String.class) ? texts(values) : null;
    if (first instanceof Long || first instanceof Double) return all(values, Long.class, Double.class) ? numbers(values) : null;
    if (first instanceof Boolean) return all(values, Boolean.class) ? bools(values) : null;
    if (first instanceof Instant) return all(values, Instant.class) ? dates(values) : null;
    if (first instanceof byte[]) return all(values, byte[].class) ? byteStrings(values) : null;
    if (depth >= MAX_COLUMN_DEPTH) return null;
    if (first instanceof Object[]) return all(values, Object[].class) ? lists(values, depth) : null;
    if (first instanceof Plain.Fields) return all(values, Plain.Fields.class) ? nested(values, depth) : null;
    return null;
  }

  private static boolean all(Object[] values, Class<?> type) {
    for (Object value : values) if (value != null && !type.isInstance(value)) return false;
    return true;
  }

  private static boolean all(Object[] values, Class<?> one, Class<?> other) {
    for (Object value : values) if (value != null && value.getClass() != one && value.getClass() != other) return false;
    return true;
  }

  private int nulls(Object[] values) {
    byte[] bits = null;
    for (int i = 0; i < values.length; i++) {
      if (values[i] != null) continue;
      if (bits == null) bits = new byte[(values.length + 7) >> 3];
      bits[i >> 3] |= 1 << (i & 7);
    }
    return bits == null ? 0 : Column.createNullsVector(builder, bits);
  }

  private int table(Parts parts, int count, int nulls) {
    Column.startColumn(builder);
    Column.addNulls(builder, nulls);
    Column.addData(builder, parts.data);
    Column.addInts(builder, parts.ints);
    Column.addDoubles(builder, parts.doubles);
    Column.addEnds(builder, parts.ends);
    Column.addCodes(builder, parts.codes);
    Column.addCodes16(builder, parts.codes16);
    Column.addChild(builder, parts.child);
    Column.addObjects(builder, parts.objects);
    Column.addNarrowStart(builder, parts.narrowStart);
    Column.addWideStart(builder, parts.wideStart);
    Column.addCount(builder, count);
    Column.addKind(builder, parts.kind);
    return Column.endColumn(builder);
  }

  private int shorts(short[] values) {
    builder.createUnintializedVector(2, values.length, 2).asShortBuffer().put(values);
    return builder.endVector();
  }

  private int ints(int[] values) {
    builder.createUnintializedVector(4, values.length, 4).asIntBuffer().put(values);
    return builder.endVector();
  }

  private int doubles(double[] values) {
    builder.createUnintializedVector(8, values.length, 8).asDoubleBuffer().put(values);
    return builder.endVector();
  }

  private Parts bools(Object[] values) {
    byte[] out = new byte[values.length];
    for (int i = 0; i < out.length; i++) out[i] = (byte) (Boolean.TRUE.equals(values[i]) ? 1 : 0);
    Parts parts = parts(ColumnKind.Bool);
    parts.data = Column.createDataVector(builder, out);
    return parts;
  }

  private Parts numbers(Object[] values) {
    int[] ints = new int[values.length];
    for (int i = 0; i < ints.length; i++) {
      if (values[i] == null) continue;
      double number = ((Number) values[i]).doubleValue();
      ints[i] = (int) number;
      if (ints[i] != number || ints[i] == 0 && Double.doubleToRawLongBits(number) != 0) return float64(values);
    }
    Parts parts = parts(ColumnKind.Int32);
    parts.ints = ints(ints);
    return parts;
  }

  private Parts float64(Object[] values) {
    double[] out = new double[values.length];
    for (int i = 0; i < out.length; i++) if (values[i] != null) out[i] = ((Number) values[i]).doubleValue();
    Parts parts = parts(ColumnKind.Float64);
    parts.doubles = doubles(out);
    return parts;
  }

  private Parts dates(Object[] values) {
    double[] out = new double[values.length];
    for (int i = 0; i < out.length; i++) if (values[i] != null) out[i] = ((Instant) values[i]).toEpochMilli();
    Parts parts = parts(ColumnKind.Date);
    parts.doubles = doubles(out);
    return parts;
  }

  private Parts texts(Object[] values) {
    Parts coded = values.length < MIN_DICTIONARY ? null : dictionary(values);
    return coded != null ? coded : plainTexts(values);
  }

  private Parts plainTexts(Object[] values) {
    Parts parts = parts(ColumnKind.Text);
    parts.narrowStart = heap.narrowSize();
    parts.wideStart = heap.wideSize();
    int[] ends = new int[values.length];
    for (int i = 0; i < ends.length; i++) ends[i] = values[i] == null ? heap.narrowSize() << 1 : heap.add((String) values[i]);
    parts.ends = ints(ends);
    return parts;
  }

  // Null where too few texts repeat.
  private Parts dictionary(Object[] values) {
    Map<String, Integer> distinct = new HashMap<>();
    List<Object> texts = new ArrayList<>();
    short[] codes = new short[values.length];
    int count = 0;
    for (int i = 0; i < values.length; i++) {
      if (values[i] == null) continue;
      count++;
      Integer code = distinct.putIfAbsent((String) values[i], texts.size());
      if (code == null) {
        code = texts.size();
        texts.add(values[i]);
        // Most texts are new: a plain column is smaller and written faster.
        if (code >= 65535 || code > 48 + i / 3) return null;
      }
      codes[i] = code.shortValue();
    }
    return texts.size() > count / 2 ? null : coded(codes, texts);
  }

  private Parts coded(short[] codes, List<Object> texts) {
    Parts parts = parts(ColumnKind.TextDict);
    if (texts.size() > 256) {
      parts.codes16 = shorts(codes);
    } else {
      byte[] narrow = new byte[codes.length];
      for (int i = 0; i < narrow.length; i++) narrow[i] = (byte) codes[i];
      parts.codes = Column.createCodesVector(builder, narrow);
    }
    parts.child = table(plainTexts(texts.toArray()), texts.size(), 0);
    return parts;
  }

  private Parts byteStrings(Object[] values) {
    int[] ends = new int[values.length];
    int end = 0;
    for (int i = 0; i < ends.length; i++) ends[i] = end += values[i] == null ? 0 : ((byte[]) values[i]).length;
    byte[] data = new byte[end];
    end = 0;
    for (Object value : values) {
      if (!(value instanceof byte[] bytes)) continue;
      System.arraycopy(bytes, 0, data, end, bytes.length);
      end += bytes.length;
    }
    Parts parts = parts(ColumnKind.Bytes);
    parts.ends = ints(ends);
    parts.data = Column.createDataVector(builder, data);
    return parts;
  }

  private Parts lists(Object[] values, int depth) {
    int[] ends = new int[values.length];
    List<Object> items = new ArrayList<>();
    for (int i = 0; i < ends.length; i++) {
      if (values[i] != null) items.addAll(Arrays.asList((Object[]) values[i]));
      ends[i] = items.size();
    }
    Parts parts = parts(ColumnKind.List);
    parts.ends = ints(ends);
    parts.child = column(items.toArray(), depth + 1);
    return parts;
  }

  private Parts nested(Object[] values, int depth) {
    Parts parts = parts(ColumnKind.Object);
    parts.objects = objects(Arrays.stream(values).filter(value -> value != null).toArray(), depth + 1);
    return parts;
  }

  private int tagged(Object[] values) {
    PortableWriter writer = new PortableWriter();
    int[] ends = new int[values.length];
    for (int i = 0; i < ends.length; i++) {
      writer.value(values[i]);
      ends[i] = writer.size;
    }
    Parts parts = parts(ColumnKind.Tagged);
    parts.ends = ints(ends);
    parts.data = Column.createDataVector(builder, Arrays.copyOf(writer.bytes, writer.size));
    return table(parts, values.length, nulls(values));
  }
}
