// How a database is opened; a DatabaseOptions of schemas/requests.fbs. Methods change it and give it back:
// for one thread, until it is used.
package dev.cairn;

import dev.cairn.fb.DamagePolicy;
import java.nio.ByteBuffer;
import java.time.Duration;

public final class DatabaseOptions {
  private boolean readOnly;
  private boolean inMemory;
  private Durability durability = Durability.DEFAULT;
  private long busyTimeoutMs = 5000;
  private boolean background = true;
  private boolean refuseDamage;
  private boolean check;

  public DatabaseOptions readOnly(boolean readOnly) {
    this.readOnly = readOnly;
    return this;
  }

  /** The path is ignored, and contents end with the handle. */
  public DatabaseOptions inMemory(boolean inMemory) {
    this.inMemory = inMemory;
    return this;
  }

  public DatabaseOptions durability(Durability durability) {
    this.durability = durability;
    return this;
  }

  /** How long to wait for another writer. */
  public DatabaseOptions busyTimeout(Duration timeout) {
    busyTimeoutMs = timeout.toMillis();
    return this;
  }

  /** Upkeep on a thread of the engine's own; else call Database.maintain. */
  public DatabaseOptions background(boolean background) {
    this.background = background;
    return this;
  }

  /** A damaged file is an error; else it is set aside, and a new one begins. */
  public DatabaseOptions refuseDamage(boolean refuse) {
    refuseDamage = refuse;
    return this;
  }

  /** Has pages, rows and hashes checked when opening. */
  public DatabaseOptions check(boolean check) {
    this.check = check;
    return this;
  }

  ByteBuffer table() {
    return Tables.build(builder -> dev.cairn.fb.DatabaseOptions.createDatabaseOptions(builder, readOnly, inMemory,
        durability.ordinal(), busyTimeoutMs, background, 0, refuseDamage ? DamagePolicy.Refuse : DamagePolicy.SetAside,
        check));
  }
}
