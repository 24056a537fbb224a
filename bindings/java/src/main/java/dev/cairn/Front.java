// The front of a replica (core/replica/FRONT.md): numbers events, keeps the rows that the consumer sees, and
// drops what is older than what its source has written since. All methods but the readers are called under
// the lock, which the replica takes.
package dev.cairn;

import dev.cairn.fb.Op;
import dev.cairn.internal.Batch;
import dev.cairn.internal.Plain;
import dev.cairn.internal.RowChange;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;

final class Front<T> {
  final ReentrantLock lock = new ReentrantLock();
  private final Collection<T> collection;
  private final List<ChangeStream<T>> streams = new ArrayList<>();
  private final Map<Object, Row<T>> rows = new LinkedHashMap<>();
  private final Map<Object, Long> written = new HashMap<>();
  private final Map<Long, Map<Object, T>> pending = new LinkedHashMap<>(); // a null value: deleted
  private Set<Object> mentioned; // while everything is replaced
  private Map<Object, T> before; // of the keys that are being changed
  private long last;
  private long truncated;
  private long starting;

  Front(Collection<T> collection) {
    this.collection = collection;
  }

  long number() {
    return ++last;
  }

  long start() {
    starting = ++last;
    written.clear();
    truncated = 0;
    return starting;
  }

  /** Whether an effect is one of a run before the last start. */
  boolean isOfFormerRun(boolean isStarted, long seen) {
    if (isStarted && seen == starting) starting = 0;
    return starting != 0;
  }

  // --- what the consumer sees ---

  T see(Object key) {
    T value = null;
    boolean isPending = false;
    for (Map<Object, T> one : pending.values()) {
      if (!one.containsKey(key)) continue;
      isPending = true;
      value = one.get(key);
    }
    if (isPending) return value;
    Row<T> row = rows.get(key);
    return row == null ? null : row.value();
  }

  Row<T> row(Object key) {
    return rows.get(key);
  }

  Map<Object, T> all() {
    Map<Object, T> out = new LinkedHashMap<>(rows.size() * 4 / 3 + 1);
    rows.forEach((key, row) -> out.put(key, row.value()));
    for (Map<Object, T> one : pending.values()) {
      one.forEach((key, value) -> {
        if (value == null) out.remove(key);
        else out.put(key, value);
      });
    }
    return out;
  }

  int size() {
    return pending.isEmpty() ? rows.size() : all().size();
  }

  void listen(ChangeStream<T> stream) {
    streams.add(stream);
  }

  void unlisten(ChangeStream<T> stream) {
    streams.remove(stream);
  }

  void end() {
    for (ChangeStream<T> stream : List.copyOf(streams)) stream.end();
    streams.clear();
  }

  // Runs a change of rows, and tells what it has changed for the consumer.
  private void changing(Runnable body) {
    before = streams.isEmpty() ? null : new LinkedHashMap<>();
    body.run();
    if (before == null || before.isEmpty()) return;
    List<Change<T>> changes = new ArrayList<>();
    before.forEach((key, value) -> {
      T now = see(key);
      if (!java.util.Objects.equals(value, now)) changes.add(new Change<>(key, value, now));
    });
    before = null;
    if (!changes.isEmpty()) for (ChangeStream<T> stream : streams) stream.add(changes);
  }

  private void touch(Object key) {
    if (before != null && !before.containsKey(key)) before.put(key, see(key));
  }

  private void set(Object key, Row<T> row) {
    touch(key);
    if (row == null) rows.remove(key);
    else rows.put(key, row);
  }

  // --- the source ---

  /** A committed transaction of the source, whose events have these numbers; 0: it does not truncate. */
  void write(Replica.SourceCommit<T> commit, long truncateNumber, long writeNumber, boolean replaces) {
    changing(() -> {
      if (commit.truncates()) {
        truncated = truncateNumber;
        for (Object key : List.copyOf(rows.keySet())) set(key, null);
      }
      for (Replica.Write<T> write : commit.writes()) {
        written.put(write.change().key(), writeNumber);
        set(write.change().key(), rowOf(write, replaces));
      }
    });
  }

  private Row<T> rowOf(Replica.Write<T> write, boolean replaces) {
    RowChange change = write.change();
    if (change.op() == Op.Delete) return null;
    Object metadata = change.metadata() == null ? null : Plain.generic(change.metadata());
    if (change.op() == Op.Insert) return new Row<>(change.key(), write.row(), 0, metadata);
    Row<T> old = rows.get(change.key());
    Object kept = old == null ? null : old.metadata();
    return new Row<>(change.key(), merged(replaces ? null : old == null ? null : old.value(), change.value()), 0, kept);
  }

  /** A row with some fields changed. */
  T merged(T row, Plain.Fields changes) {
    Map<String, Object> fields = row == null ? new LinkedHashMap<>() : Plain.map(collection.type.fields(row));
    for (int i = 0; i < changes.names().length; i++) {
      Object value = changes.values()[i];
      if (value instanceof Undefined) fields.remove(changes.names()[i]);
      else fields.put(changes.names()[i], Plain.generic(value));
    }
    return collection.type.fromMap(fields);
  }

  // --- effects ---

  private boolean isOlder(Object key, long seen) {
    return truncated > seen || written.getOrDefault(key, 0L) > seen;
  }

  /** Rows, Changes or a part of Replace. */
  void take(Batch batch, long seen, boolean isFirst, boolean isLast) {
    changing(() -> {
      if (isFirst) mentioned = new HashSet<>();
      if (batch != null) put(Rows.rows(batch, collection.type), seen);
      if (isLast) endReplace(seen);
    });
  }

  private void put(List<Row<T>> batch, long seen) {
    for (Row<T> row : batch) {
      if (mentioned != null) mentioned.add(row.key());
      if (!isOlder(row.key(), seen)) set(row.key(), row.isDeleted() ? null : row);
    }
  }

  private void endReplace(long seen) {
    if (mentioned == null) return;
    for (Object key : List.copyOf(rows.keySet())) {
      if (!mentioned.contains(key) && !isOlder(key, seen)) set(key, null);
    }
    mentioned = null;
  }

  /** No later effect is older than this. */
  void saved(long seen) {
    written.values().removeIf(number -> number <= seen);
  }

  // --- local mutations ---

  void mutate(long number, Map<Object, T> changes) {
    changing(() -> {
      changes.keySet().forEach(this::touch);
      pending.put(number, changes);
    });
  }

  /** Confirmed or rejected. */
  void settle(long number) {
    changing(() -> {
      Map<Object, T> changes = pending.get(number);
      if (changes == null) return;
      changes.keySet().forEach(this::touch);
      pending.remove(number);
    });
  }
}
