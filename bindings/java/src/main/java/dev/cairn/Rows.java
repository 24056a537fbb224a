// A cursor over rows, in batches of bounded size: one snapshot of the collection. It may be closed at any
// time by any thread; read it by one thread at a time.
package dev.cairn;

import dev.cairn.fb.CursorHead;
import dev.cairn.internal.Batch;
import dev.cairn.internal.Buffers;
import dev.cairn.internal.Handle;
import dev.cairn.internal.RowType;
import dev.cairn.jni.CairnJni;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.function.IntFunction;
import java.util.function.LongFunction;
import java.util.stream.Stream;

public final class Rows<T> implements AutoCloseable, Iterable<List<Row<T>>> {
  /** Where the snapshot stands, and what a delta gives beside its rows. */
  public record Head(Position position, boolean isReload, String reloadReason, long changed, long deleted,
      List<String> transactionIds, Map<String, Object> metadata) {}

  static final class Cursor extends Handle {
    Cursor(Handle parent, long address) {
      super("cursor", parent, address, CairnJni::cairn_cursor_close, true);
    }

    long take(LongFunction<Long> call) {
      return use(call);
    }
  }

  private final Cursor cursor;
  private final RowType<T> type;

  Rows(Handle parent, long address, RowType<T> type) {
    cursor = new Cursor(parent, address);
    this.type = type;
  }

  public Head head() {
    long buffer = cursor.use(address -> {
      long[] out = new long[1];
      CairnJni.cairn_cursor_head(address, out);
      return out[0];
    });
    return Buffers.take(buffer, bytes -> {
      CursorHead table = CursorHead.getRootAsCursorHead(bytes);
      List<String> ids = new ArrayList<>();
      for (int i = 0; i < table.transactionIdsLength(); i++) ids.add(table.transactionIds(i));
      return new Head(Position.of(table.position()), table.reload(), table.reloadReason(), table.changed(),
          table.deleted(), ids, Tables.metadata(table.metadataLength(), table::metadata));
    });
  }

  /** How the engine gets the rows, and what it has read up to now, as one line of JSON. */
  public String explain() {
    long buffer = cursor.use(address -> {
      long[] out = new long[1];
      CairnJni.cairn_cursor_explain(address, out);
      return out[0];
    });
    return Buffers.take(buffer, bytes -> Tables.toJson("Explanation", bytes));
  }

  /** The next batch, or null after the last one. */
  private Batch nextBatch() {
    long buffer = cursor.use(address -> {
      long[] out = new long[1];
      CairnJni.cairn_cursor_next(address, out);
      return out[0];
    });
    return buffer == 0 ? null : Buffers.take(buffer, Batch::new);
  }

  /** The next batch of rows, or null after the last one. */
  public List<Row<T>> next() {
    Batch batch = nextBatch();
    return batch == null ? null : rows(batch, type);
  }

  static <T> List<Row<T>> rows(Batch batch, RowType<T> type) {
    IntFunction<T> values = batch.values == null ? i -> null : type.reader(batch.values);
    List<Row<T>> out = new ArrayList<>(batch.count);
    for (int i = 0; i < batch.count; i++) {
      int at = batch.valueOf(i);
      out.add(new Row<>(batch.key(i), at < 0 ? null : at(values, at, batch, i), batch.version(i), batch.metadata(i)));
    }
    return out;
  }

  private static <T> T at(IntFunction<T> values, int at, Batch batch, int i) {
    try {
      return values.apply(at);
    } catch (dev.cairn.internal.Plain.Unkeepable e) {
      throw new CairnException(Status.INVALID_VALUE, "row " + batch.key(i) + ": " + e.getMessage(), e);
    }
  }

  /** The values of the next batch without their keys, or null after the last one. */
  public List<T> nextValues() {
    Batch batch = nextBatch();
    return batch == null ? null : values(batch);
  }

  private List<T> values(Batch batch) {
    List<T> out = new ArrayList<>(batch.count);
    if (batch.values == null) return out;
    IntFunction<T> values = type.reader(batch.values);
    for (int i = 0; i < batch.count; i++) if (batch.valueOf(i) >= 0) out.add(at(values, batch.valueOf(i), batch, i));
    return out;
  }

  /** Batch by batch, once. */
  @Override
  public Iterator<List<Row<T>>> iterator() {
    return new Iterator<>() {
      private List<Row<T>> ahead;

      @Override
      public boolean hasNext() {
        if (ahead == null) ahead = Rows.this.next();
        return ahead != null;
      }

      @Override
      public List<Row<T>> next() {
        if (!hasNext()) throw new NoSuchElementException();
        List<Row<T>> batch = ahead;
        ahead = null;
        return batch;
      }
    };
  }

  /** Row by row; close the cursor after it. */
  public Stream<Row<T>> stream() {
    return java.util.stream.StreamSupport.stream(spliterator(), false).flatMap(List::stream).onClose(this::close);
  }

  /** All values that are left. The engine reads the next batch while this one is turned into objects. */
  public List<T> toList() {
    List<T> out = new ArrayList<>();
    Ahead ahead = new Ahead(this::nextBatch);
    for (Batch batch; (batch = ahead.next()) != null; ) out.addAll(values(batch));
    return out;
  }

  @Override
  public void close() {
    cursor.close();
  }
}
