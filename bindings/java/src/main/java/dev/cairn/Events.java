// Events into a replica, as tables of schemas/replica.fbs. Any thread.
package dev.cairn;

import com.google.flatbuffers.FlatBufferBuilder;
import dev.cairn.fb.EventKind;
import dev.cairn.fb.ReplicaEvent;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;

final class Events {
  private Events() {}

  static ByteBuffer of(int kind, long number) {
    return Tables.build(builder -> {
      begin(builder, kind, number);
      return ReplicaEvent.endReplicaEvent(builder);
    });
  }

  private static void begin(FlatBufferBuilder builder, int kind, long number) {
    ReplicaEvent.startReplicaEvent(builder);
    ReplicaEvent.addNumber(builder, number);
    ReplicaEvent.addKind(builder, kind);
  }

  static ByteBuffer tick(long nowMs) {
    return Tables.build(builder -> {
      begin(builder, EventKind.Tick, 0);
      ReplicaEvent.addNowMs(builder, nowMs);
      return ReplicaEvent.endReplicaEvent(builder);
    });
  }

  static ByteBuffer loadSubset(long number, long id, Subset subset) {
    ByteBuffer bytes = subset.table();
    return Tables.build(builder -> {
      int vector = ReplicaEvent.createSubsetVector(builder, bytes);
      begin(builder, EventKind.LoadSubset, number);
      ReplicaEvent.addSubsetId(builder, id);
      ReplicaEvent.addSubset(builder, vector);
      return ReplicaEvent.endReplicaEvent(builder);
    });
  }

  static ByteBuffer unloadSubset(long number, long id) {
    return Tables.build(builder -> {
      begin(builder, EventKind.UnloadSubset, number);
      ReplicaEvent.addSubsetId(builder, id);
      return ReplicaEvent.endReplicaEvent(builder);
    });
  }

  static ByteBuffer write(long number, ByteBuffer batch) {
    return Tables.build(builder -> {
      int vector = batch(builder, batch);
      begin(builder, EventKind.SourceWrite, number);
      ReplicaEvent.addBatch(builder, vector);
      return ReplicaEvent.endReplicaEvent(builder);
    });
  }

  // Aligned as a buffer of its own, so that the engine reads it where it stands.
  private static int batch(FlatBufferBuilder builder, ByteBuffer batch) {
    builder.createUnintializedVector(1, batch.remaining(), 16).put(batch.duplicate());
    return builder.endVector();
  }

  static ByteBuffer commit(long number, Map<String, Object> metadata) {
    return Tables.build(builder -> {
      int[] entries = Tables.metadata(builder, metadata);
      int vector = entries.length == 0 ? 0 : ReplicaEvent.createMetadataVector(builder, entries);
      begin(builder, EventKind.SourceCommit, number);
      ReplicaEvent.addMetadata(builder, vector);
      return ReplicaEvent.endReplicaEvent(builder);
    });
  }

  static ByteBuffer mutate(long number, String id, List<String> mutationIds, ByteBuffer batch) {
    return Tables.build(builder -> {
      int rows = batch(builder, batch);
      int name = Tables.string(builder, id);
      int ids = Tables.strings(builder, mutationIds);
      begin(builder, EventKind.Mutate, number);
      ReplicaEvent.addBatch(builder, rows);
      ReplicaEvent.addId(builder, name);
      ReplicaEvent.addMutationIds(builder, ids);
      return ReplicaEvent.endReplicaEvent(builder);
    });
  }

  static ByteBuffer done(long number, long effect) {
    return Tables.build(builder -> {
      begin(builder, EventKind.EffectDone, number);
      ReplicaEvent.addEffect(builder, effect);
      return ReplicaEvent.endReplicaEvent(builder);
    });
  }

  static ByteBuffer failed(int kind, long number, long effect, String message) {
    return Tables.build(builder -> {
      int text = builder.createString(message);
      begin(builder, kind, number);
      ReplicaEvent.addEffect(builder, effect);
      ReplicaEvent.addMessage(builder, text);
      return ReplicaEvent.endReplicaEvent(builder);
    });
  }
}
