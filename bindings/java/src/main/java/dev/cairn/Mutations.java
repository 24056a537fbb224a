// Local mutations that are accepted together, or not at all; see Replica.mutate. For one thread.
package dev.cairn;

import dev.cairn.fb.Op;
import dev.cairn.internal.RowChange;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;

public final class Mutations<T> {
  private final Collection<T> collection;
  private final Front<T> front;
  private final Map<Object, T> seen = new LinkedHashMap<>();
  private final Map<Object, RowChange> changes = new LinkedHashMap<>();

  Mutations(Collection<T> collection, Front<T> front) {
    this.collection = collection;
    this.front = front;
  }

  public Mutations<T> insert(T row) {
    return insert(collection.keyOf(row), row);
  }

  public Mutations<T> insert(Object key, T row) {
    RowChange change = collection.insertion(key, row);
    return put(change, row);
  }

  /** Replaces a row by what `change` makes of it. */
  public Mutations<T> update(Object key, UnaryOperator<T> change) {
    return insert(key, change.apply(current(key)));
  }

  /** Changes some fields of a row; Undefined removes one. */
  public Mutations<T> update(Object key, Map<String, ?> fields) {
    return insert(key, front.merged(current(key), RowChange.put(key, fields, Op.Update).value()));
  }

  public Mutations<T> delete(Object key) {
    return put(RowChange.without(key, Op.Delete), null);
  }

  private T current(Object key) {
    Object plain = dev.cairn.internal.Plain.key(key);
    T row = seen.containsKey(plain) ? seen.get(plain) : front.see(plain);
    if (row == null) throw new CairnException(Status.NOT_FOUND, "there is no row " + key + " to update");
    return row;
  }

  private Mutations<T> put(RowChange change, T row) {
    seen.put(change.key(), row);
    changes.put(change.key(), change);
    return this;
  }

  Map<Object, T> seen() {
    return seen;
  }

  Map<Object, RowChange> changes() {
    return changes;
  }
}
