// Performs the calls of tests/conformance/RUNNERS.md, a line of standard input each, over the generated binding
// and its codecs. One thread.
package dev.cairn;

import static dev.cairn.Words.*;
import static dev.cairn.jni.CairnJni.*;

import dev.cairn.fb.ReplicaEffect;
import dev.cairn.internal.Batch;
import dev.cairn.internal.Buffers;
import dev.cairn.internal.PortableReader;
import dev.cairn.jni.CairnJni;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import java.util.function.ToIntFunction;
import java.util.stream.Stream;

public final class Conformance {
  private record Open(long address, boolean isReplica, LongConsumer close) {}

  private final Words words;
  private final Map<String, Open> open = new HashMap<>();

  public Conformance(Words words) {
    this.words = words;
  }

  private Open known(String id) {
    Open one = open.get(id);
    if (one == null) throw new IllegalArgumentException("no handle " + id);
    return one;
  }

  private long of(String id) {
    return known(id).address;
  }

  // --- what comes of a call ---

  // Errors are thrown by the generated binding; what is none to it, such as CAIRN_NOT_FOUND, is given.
  private static String done(int status) {
    if (status != CAIRN_OK) throw new CairnException(status, cairn_status_name(status), "", 0, false);
    return "CAIRN_OK";
  }

  private static long out(ToIntFunction<long[]> call) {
    long[] out = new long[1];
    done(call.applyAsInt(out));
    return out[0];
  }

  private static String number(ToIntFunction<long[]> call) {
    return "CAIRN_OK\t" + Long.toUnsignedString(out(call));
  }

  private static String result(ToIntFunction<long[]> call) {
    return "CAIRN_OK\t" + word(Buffers.bytes(out(call)));
  }

  private static String found(ToIntFunction<long[]> call) {
    return "CAIRN_OK\t" + Tables.valueToJson(PortableReader.read(Buffers.bytes(out(call))));
  }

  // --- calls of several parts ---

  private String open(String[] w, LongConsumer close, ToIntFunction<long[]> call) {
    open.put(w[1], new Open(out(call), w[0].equals("replica"), close));
    return "CAIRN_OK";
  }

  private String close(String id) {
    Open one = known(id);
    one.close.accept(one.address);
    open.remove(id);
    return "CAIRN_OK";
  }

  private String write(long collection, ByteBuffer options, List<ByteBuffer> batches) {
    long transaction = out(o -> cairn_transaction_begin(collection, options, o));
    try {
      for (ByteBuffer batch : batches) done(cairn_transaction_add(transaction, batch));
      return result(o -> cairn_transaction_commit(transaction, o));
    } finally {
      cairn_transaction_close(transaction);
    }
  }

  private String next(long cursor) {
    long[] out = new long[1];
    int status = cairn_cursor_next(cursor, out);
    if (status == CAIRN_DONE) return "CAIRN_DONE";
    if (status != CAIRN_QUESTION) done(status);
    byte[] bytes = Buffers.bytes(out[0]);
    if (status == CAIRN_QUESTION) return "CAIRN_QUESTION\t" + word(bytes);
    return "CAIRN_OK\t" + word(bytes) + "\t" + words.rows(new Batch(ByteBuffer.wrap(bytes)));
  }

  private String send(Open to, ByteBuffer event) {
    return done(to.isReplica ? cairn_replica_send(to.address, event) : cairn_coordinator_send(to.address, event));
  }

  private String take(Open from) {
    StringBuilder taken = new StringBuilder("CAIRN_OK");
    long[] out = new long[1];
    while (true) {
      int status = from.isReplica ? cairn_replica_next(from.address, out) : cairn_coordinator_next(from.address, out);
      if (status == CAIRN_DONE) return taken.toString();
      done(status);
      byte[] bytes = Buffers.bytes(out[0]);
      taken.append('\t').append(word(bytes));
      if (from.isReplica) taken.append('\t').append(rowsOfEffect(ByteBuffer.wrap(bytes)));
    }
  }

  private String rowsOfEffect(ByteBuffer bytes) {
    ByteBuffer batch = ReplicaEffect.getRootAsReplicaEffect(bytes).batchAsByteBuffer();
    return batch == null ? "" : words.rows(new Batch(batch.slice()));
  }

  // --- calls ---

  private String perform(String[] w) {
    return switch (w[0]) {
      case "open" -> open(w, CairnJni::cairn_database_close, o -> cairn_database_open(bytes(w[2]), table(w[3]), o));
      case "collection" -> open(w, CairnJni::cairn_collection_close, o -> cairn_collection_open(of(w[2]), bytes(w[3]), table(w[4]), o));
      case "write" -> write(of(w[1]), table(w[2]), Stream.of(w).skip(3).map(words::batch).toList());
      case "batch_from_json" -> result(o -> cairn_batch_from_json(bytes(w[1]), bytes(w[2]), o));
      case "put" -> number(o -> cairn_collection_put(of(w[1]), value(w[2]), value(w[3]), o));
      case "remove" -> number(o -> cairn_collection_remove(of(w[1]), value(w[2]), o));
      case "get" -> found(o -> cairn_collection_get(of(w[1]), value(w[2]), o));
      case "load" -> open(w, CairnJni::cairn_cursor_close, o -> cairn_collection_load(of(w[2]), table(w[3]), o));
      case "delta" -> open(w, CairnJni::cairn_cursor_close, o -> cairn_collection_delta(of(w[2]), table(w[3]), o));
      case "head" -> result(o -> cairn_cursor_head(of(w[1]), o));
      case "next" -> next(of(w[1]));
      case "answer" -> done(cairn_cursor_answer(of(w[1]), table(w[2])));
      case "explain" -> result(o -> cairn_cursor_explain(of(w[1]), o));
      case "reset" -> done(cairn_collection_reset(of(w[1])));
      case "drop" -> done(cairn_collection_drop(of(w[1]), bytes(w[2])));
      case "metadata" -> result(o -> cairn_collection_metadata(of(w[1]), o));
      case "info" -> result(o -> cairn_collection_info(of(w[1]), o));
      case "database" -> result(o -> cairn_database_info(of(w[1]), o));
      case "check" -> result(o -> cairn_database_check(of(w[1]), table(w[2]), o));
      case "digest" -> result(o -> cairn_database_digest(of(w[1]), o));
      case "flush" -> done(cairn_database_flush(of(w[1])));
      case "compact" -> done(cairn_database_compact(of(w[1])));
      case "backup" -> result(o -> cairn_database_backup(of(w[1]), bytes(w[2]), o));
      case "ensure_index" -> result(o -> cairn_collection_ensure_index(of(w[1]), table(w[2]), o));
      case "remove_index" -> done(cairn_collection_remove_index(of(w[1]), bytes(w[2])));
      case "coordinator" -> open(w, CairnJni::cairn_coordinator_close, o -> cairn_coordinator_open(of(w[2]), table(w[3]), o));
      case "replica" -> open(w, CairnJni::cairn_replica_close,
          o -> cairn_replica_open(of(w[2]), w[3].isEmpty() ? 0 : of(w[3]), table(w[4]), o));
      case "send" -> send(known(w[1]), table(w[2]));
      case "take" -> take(known(w[1]));
      case "close" -> close(w[1]);
      case "live" -> "CAIRN_OK\t" + cairn_live_objects();
      default -> throw new IllegalArgumentException("no call " + w[0]);
    };
  }

  private String answer(String request) {
    try {
      return perform(request.split("\t", -1));
    } catch (CairnException e) {
      return e.codeName() + "\t" + word(e.getMessage().getBytes(StandardCharsets.UTF_8));
    }
  }

  /** Until the input ends. */
  public void run() {
    new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)).lines().forEach(request -> {
      System.out.writeBytes((answer(request) + "\n").getBytes(StandardCharsets.UTF_8));
      System.out.flush();
    });
  }

  public static void main(String[] arguments) {
    new Conformance(new Words()).run();
  }
}
