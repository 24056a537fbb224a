// What a replica is. Methods change it and give it back: for one thread, until it is used.
package dev.cairn;

import dev.cairn.fb.SyncMode;
import dev.cairn.fb.TextEncoding;
import java.nio.ByteBuffer;

public final class ReplicaOptions<T> {
  private Source<T> source;
  private boolean onDemand;
  private boolean fullUpdates;
  private Coordinator coordinator;

  /** Where the rows of a synced collection come from; a local-only one has none. */
  public ReplicaOptions<T> source(Source<T> source) {
    this.source = source;
    return this;
  }

  /** Rows come subset by subset, as they are asked for; else all of them are there at the start. */
  public ReplicaOptions<T> onDemand(boolean onDemand) {
    this.onDemand = onDemand;
    return this;
  }

  /** The source's updates replace rows instead of merging. */
  public ReplicaOptions<T> fullUpdates(boolean fullUpdates) {
    this.fullUpdates = fullUpdates;
    return this;
  }

  /** Tells of other instances, also in other processes; without one the replica is the only one. */
  public ReplicaOptions<T> coordinator(Coordinator coordinator) {
    this.coordinator = coordinator;
    return this;
  }

  Source<T> source() {
    return source;
  }

  boolean isOnDemand() {
    return onDemand;
  }

  boolean isFullUpdates() {
    return fullUpdates;
  }

  Coordinator coordinator() {
    return coordinator;
  }

  ByteBuffer table() {
    return Tables.build(builder -> {
      dev.cairn.fb.ReplicaOptions.startReplicaOptions(builder);
      dev.cairn.fb.ReplicaOptions.addMode(builder, onDemand ? SyncMode.OnDemand : SyncMode.Eager);
      dev.cairn.fb.ReplicaOptions.addSource(builder, source != null);
      dev.cairn.fb.ReplicaOptions.addFullUpdates(builder, fullUpdates);
      dev.cairn.fb.ReplicaOptions.addMetadata(builder, true);
      dev.cairn.fb.ReplicaOptions.addEncoding(builder, TextEncoding.Utf16);
      return dev.cairn.fb.ReplicaOptions.endReplicaOptions(builder);
    });
  }
}
