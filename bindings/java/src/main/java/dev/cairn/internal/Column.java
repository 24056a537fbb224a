// One column of a row batch (schemas/batch.fbs), as arrays of its own: the batch's buffer may be freed
// when it has been made. Texts are made when the first one is asked for. One thread at a time.
package dev.cairn.internal;

import dev.cairn.fb.ColumnKind;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

public final class Column {
  public final int kind;
  public final int count;
  private final Heaps heaps;
  private final byte[] nulls; // null where there are none
  private byte[] data;
  private int[] ints;
  private double[] doubles;
  private int[] ends;
  private Column child;
  private Objects objects;
  private int[] places; // of objects: their positions among those that are not null
  private int narrowStart;
  private int wideStart;
  private String[] texts;

  Column(dev.cairn.fb.Column table, Heaps heaps) {
    kind = table.kind();
    count = (int) table.count();
    this.heaps = heaps;
    nulls = table.nullsAsByteBuffer() == null ? null : bytes(table.nullsAsByteBuffer());
    switch (kind) {
      case ColumnKind.Bool -> data = bytes(table.dataAsByteBuffer());
      case ColumnKind.Int32 -> ints = ints(table.intsAsByteBuffer());
      case ColumnKind.Float64, ColumnKind.Date -> doubles = doubles(table.doublesAsByteBuffer());
      case ColumnKind.Text -> {
        ends = ints(table.endsAsByteBuffer());
        narrowStart = (int) table.narrowStart();
        wideStart = (int) table.wideStart();
      }
      case ColumnKind.TextDict -> {
        child = new Column(table.child(), heaps);
        ints = codes(table);
      }
      case ColumnKind.Bytes, ColumnKind.Tagged -> {
        ends = ints(table.endsAsByteBuffer());
        data = bytes(table.dataAsByteBuffer());
      }
      case ColumnKind.List -> {
        ends = ints(table.endsAsByteBuffer());
        child = new Column(table.child(), heaps);
      }
      case ColumnKind.Object -> {
        objects = new Objects(table.objects(), heaps);
        places = nulls == null ? null : places();
      }
      default -> { }
    }
  }

  private static byte[] bytes(ByteBuffer from) {
    return from == null ? new byte[0] : Buffers.copy(from);
  }

  private static int[] ints(ByteBuffer from) {
    if (from == null) return new int[0];
    int[] out = new int[from.remaining() / 4];
    from.asIntBuffer().get(out);
    return out;
  }

  private static double[] doubles(ByteBuffer from) {
    if (from == null) return new double[0];
    double[] out = new double[from.remaining() / 8];
    from.asDoubleBuffer().get(out);
    return out;
  }

  private static int[] codes(dev.cairn.fb.Column table) {
    int[] out = new int[(int) table.count()];
    ByteBuffer narrow = table.codesAsByteBuffer();
    ByteBuffer wide = table.codes16AsByteBuffer();
    if (narrow != null) {
      int from = narrow.position();
      for (int i = 0; i < out.length; i++) out[i] = narrow.get(from + i) & 0xFF;
    } else if (wide != null) {
      int from = wide.position();
      for (int i = 0; i < out.length; i++) out[i] = wide.getShort(from + 2 * i) & 0xFFFF;
    }
    return out;
  }

  private int[] places() {
    int[] out = new int[count];
    int next = 0;
    for (int i = 0; i < count; i++) out[i] = isNull(i) ? -1 : next++;
    return out;
  }

  public boolean isNull(int i) {
    return kind == ColumnKind.Null || nulls != null && (nulls[i >> 3] >> (i & 7) & 1) != 0;
  }

  public boolean getBoolean(int i) {
    return data[i] != 0;
  }

  public int getInt(int i) {
    return ints[i];
  }

  public double getDouble(int i) {
    return kind == ColumnKind.Int32 ? ints[i] : doubles[i];
  }

  public Instant getDate(int i) {
    return Instant.ofEpochMilli((long) doubles[i]);
  }

  /** Of Text and TextDict; null where there is none. */
  public String getText(int i) {
    if (kind == ColumnKind.TextDict) return isNull(i) ? null : child.texts()[ints[i]];
    return texts()[i];
  }

  /** The position of a list's first item in `items`; that of the next list is where it ends. */
  public int start(int i) {
    return i == 0 ? 0 : ends[i - 1];
  }

  public int end(int i) {
    return ends[i];
  }

  public Column items() {
    return child;
  }

  public Objects objects() {
    return objects;
  }

  /** The position in `objects` of a value that is not null. */
  public int place(int i) {
    return places == null ? i : places[i];
  }

  private String[] texts() {
    if (texts != null) return texts;
    texts = heaps.texts(ends, narrowStart, wideStart);
    for (int i = 0; nulls != null && i < count; i++) if (isNull(i)) texts[i] = null;
    return texts;
  }

  /** Any value as PortableReader gives it. */
  public Object get(int i) {
    if (isNull(i)) return null;
    return switch (kind) {
      case ColumnKind.Bool -> data[i] != 0;
      case ColumnKind.Int32 -> (long) ints[i];
      case ColumnKind.Float64 -> PortableReader.number(doubles[i]);
      case ColumnKind.Date -> getDate(i);
      case ColumnKind.Text, ColumnKind.TextDict -> getText(i);
      case ColumnKind.Bytes -> Arrays.copyOfRange(data, start(i), ends[i]);
      case ColumnKind.List -> list(i);
      case ColumnKind.Object -> objects.get(place(i));
      case ColumnKind.Tagged -> new PortableReader(data, start(i)).value();
      default -> throw new IllegalStateException("no kind of a column: " + kind);
    };
  }

  private List<Object> list(int i) {
    int end = ends[i];
    List<Object> out = new ArrayList<>(end - start(i));
    for (int k = start(i); k < end; k++) out.add(child.get(k));
    return out;
  }
}
