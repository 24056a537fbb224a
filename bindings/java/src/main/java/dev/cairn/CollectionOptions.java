// How a collection is opened; a CollectionOptions of schemas/requests.fbs, and the field that holds each
// row's key. Methods change it and give it back: for one thread, until it is used.
package dev.cairn;

import dev.cairn.fb.MismatchPolicy;
import java.nio.ByteBuffer;
import java.time.Duration;

public final class CollectionOptions {
  private String keyField;
  private long schemaVersion = 1;
  private boolean local;
  private int mismatch = MismatchPolicy.Default;
  private Durability durability = Durability.DEFAULT;
  private long logTransactions = 1000;
  private long logSeconds = 86400;

  /** The field that holds each row's key. */
  public CollectionOptions key(String field) {
    keyField = field;
    return this;
  }

  public CollectionOptions schemaVersion(long version) {
    schemaVersion = version;
    return this;
  }

  /** No sync source: the only copy of the data is here. */
  public CollectionOptions local(boolean local) {
    this.local = local;
    return this;
  }

  /** Where the stored schema version is another one: reset the collection, or fail. */
  public CollectionOptions resetOnMismatch(boolean reset) {
    mismatch = reset ? MismatchPolicy.Reset : MismatchPolicy.Error;
    return this;
  }

  public CollectionOptions durability(Durability durability) {
    this.durability = durability;
    return this;
  }

  /** How much the log keeps, for deltas: so many transactions, for so long; 0: no limit. */
  public CollectionOptions log(long transactions, Duration time) {
    logTransactions = transactions;
    logSeconds = time.toSeconds();
    return this;
  }

  String keyField() {
    return keyField;
  }

  ByteBuffer table() {
    return Tables.build(builder -> dev.cairn.fb.CollectionOptions.createCollectionOptions(builder, schemaVersion,
        local, mismatch, durability.ordinal(), logTransactions, logSeconds));
  }
}
