// The steps of a scenario; tests/conformance/README.md documents them. One thread.
package dev.cairn;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.internal.Batch;
import dev.cairn.internal.Buffers;
import dev.cairn.internal.Native;
import dev.cairn.internal.PortableReader;
import dev.cairn.jni.CairnJni;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToIntFunction;

final class Scenario extends OpenHandles {
  Scenario(Corpus corpus, Path folder, Path main) {
    super(corpus, folder, main);
  }

  // --- writing ---

  private void write(JsonNode step, String mode, List<ByteBuffer> batches) {
    JsonNode options = step.has("options") ? step.get("options").deepCopy() : Corpus.NODES.objectNode();
    if (mode != null) ((ObjectNode) options).put("mode", mode);
    ByteBuffer table = Corpus.table("TransactionOptions", options);
    long transaction = out(o -> CairnJni.cairn_transaction_begin(in(step), table, o));
    try {
      for (ByteBuffer batch : batches) call(CairnJni.cairn_transaction_add(transaction, batch));
      result(step, "CommitResult", o -> CairnJni.cairn_transaction_commit(transaction, o));
    } finally {
      CairnJni.cairn_transaction_close(transaction);
    }
  }

  private List<ByteBuffer> batches(JsonNode step, String field, boolean areRows) {
    List<ByteBuffer> out = new ArrayList<>();
    JsonNode lists = step.has("batches") ? step.get("batches") : Corpus.NODES.arrayNode().add(step.path(field));
    for (JsonNode list : lists) {
      if (Corpus.isRaw(list)) out.add(ByteBuffer.wrap(Corpus.raw(list)));
      else if (!list.isEmpty()) out.add(corpus.batch(areRows ? Corpus.inserts(list) : list));
    }
    return out;
  }

  private void fill(JsonNode step) {
    ArrayNode rows = Corpus.NODES.arrayNode();
    int start = step.path("start").asInt(0);
    for (int i = start; i < start + step.get("count").asInt(); i++) {
      ObjectNode value = rows.addArray().add("insert").add(text(step, "prefix", "k") + i).addObject().put("n", i + step.path("add").asInt(0));
      if (step.has("text")) value.put("t", "x".repeat(step.get("text").asInt()));
    }
    write(step, null, List.of(corpus.batch(rows)));
  }

  private void store(JsonNode step) {
    write(step, null, List.of(corpus.batch(Corpus.inserts(step.get("rows")))));
    drain(step, cursor(step), true);
    for (JsonNode row : step.get("rows")) get(step, row.get(0), row.get(1));
    JsonNode report = Corpus.json("DigestReport", bytes(o -> CairnJni.cairn_database_digest(database(step), o)));
    for (JsonNode one : report.get("collections")) {
      if (one.get("name").asText().equals(text(step, "in", "c"))) corpus.expectFields(step.get("digest"), one.get("digest"));
    }
  }

  private void get(JsonNode step, JsonNode key, JsonNode value) {
    corpus.expectValue(value, PortableReader.read(bytes(o -> CairnJni.cairn_collection_get(in(step), portable(key), o))));
  }

  private static ObjectNode version(long version) {
    return Corpus.NODES.objectNode().put("row_version", version);
  }

  // --- cursors ---

  private long cursor(JsonNode step) {
    ObjectNode request = step.has("request") && step.get("request").isObject() ? step.get("request").deepCopy() : Corpus.NODES.objectNode();
    long collection = in(step);
    if (!step.has("since")) {
      return out(o -> CairnJni.cairn_collection_load(collection, Corpus.table("LoadRequest", request), o));
    }
    JsonNode info = Corpus.json("CollectionInfo", bytes(o -> CairnJni.cairn_collection_info(collection, o)));
    if (!Corpus.isRaw(request)) {
      request.set("since", step.get("since"));
      request.put("reset_epoch", info.path("position").path("reset_epoch").asLong(0) - step.path("epochs_ago").asInt(0));
    }
    return out(o -> CairnJni.cairn_collection_delta(collection, Corpus.table("DeltaRequest", request), o));
  }

  private int next(long cursor, byte[][] out) {
    long[] buffer = new long[1];
    int status = CairnJni.cairn_cursor_next(cursor, buffer);
    out[0] = buffer[0] == 0 ? null : Buffers.bytes(buffer[0]);
    return status;
  }

  private void drain(JsonNode step, long cursor, boolean closes) {
    try {
      List<Object> rows = new ArrayList<>();
      JsonNode answers = step.path("answers");
      int asked = 0;
      byte[][] part = new byte[1][];
      for (int status; (status = next(cursor, part)) != CairnJni.CAIRN_DONE; ) {
        if (status == CairnJni.CAIRN_OK) {
          rows.addAll(corpus.rows(new Batch(ByteBuffer.wrap(part[0]))));
        } else if (status == CairnJni.CAIRN_QUESTION) {
          corpus.expectFields(answers.get(asked).get("question"), Corpus.json("Question", part[0]));
          call(CairnJni.cairn_cursor_answer(cursor, Corpus.table("Answer", answers.get(asked++).get("answer"))));
        } else {
          call(status);
        }
      }
      if (asked != answers.size()) throw new Corpus.Mismatch(answers.size() + " questions", asked);
      if (step.has("rows")) corpus.expectRows(step.get("rows"), rows, step.path("any_order").asBoolean(step.has("since")));
      if (step.has("row_count")) corpus.expectFields(step.get("row_count"), Corpus.NODES.numberNode(rows.size()));
      JsonNode explained = Corpus.json("Explanation", bytes(o -> CairnJni.cairn_cursor_explain(cursor, o)));
      corpus.expectFields(step.get("explain"), explained);
    } finally {
      if (closes) CairnJni.cairn_cursor_close(cursor);
    }
  }

  private void load(JsonNode step) {
    long cursor = cursor(step);
    try {
      result(step, "CursorHead", o -> CairnJni.cairn_cursor_head(cursor, o));
      drain(step, cursor, false);
    } finally {
      CairnJni.cairn_cursor_close(cursor);
    }
  }

  private void copy(JsonNode step) {
    List<ByteBuffer> batches = new ArrayList<>();
    long cursor = cursor(step.get("from"));
    try {
      byte[][] part = new byte[1][];
      while (next(cursor, part) == CairnJni.CAIRN_OK) batches.add(ByteBuffer.wrap(part[0]));
    } finally {
      CairnJni.cairn_cursor_close(cursor);
    }
    write(step, null, batches);
  }

  private void nextOf(JsonNode step) {
    byte[][] part = new byte[1][];
    int status = next(of("cursor", step.get("of").asText()), part);
    int wanted = step.has("done") ? CairnJni.CAIRN_DONE : step.has("question") ? CairnJni.CAIRN_QUESTION : CairnJni.CAIRN_OK;
    if (status != wanted) throw new Corpus.Mismatch(CairnJni.cairn_status_name(wanted), CairnJni.cairn_status_name(status));
    if (step.has("question")) corpus.expectFields(step.get("question"), Corpus.json("Question", part[0]));
    if (step.has("rows")) corpus.expectRows(step.get("rows"), corpus.rows(new Batch(ByteBuffer.wrap(part[0]))), false);
  }

  // --- replicas and coordinators ---

  private void openReplica(JsonNode step) {
    long coordinator = step.has("coordinator") ? of("coordinator", step.get("coordinator").asText()) : 0;
    ByteBuffer options = Corpus.table("ReplicaOptions", step.get("options"));
    long collection = in(step);
    add("replica", step.get("as").asText(), step, out(o -> CairnJni.cairn_replica_open(collection, coordinator, options, o)),
        CairnJni::cairn_replica_close);
  }

  private void release(String name) {
    for (String kind : List.of("cursor", "replica", "coordinator")) {
      Open one = open.get(kind).remove(name);
      if (one == null) continue;
      one.close().accept(one.handle());
      return;
    }
    throw new IllegalStateException("nothing is open as " + name);
  }

  private void send(JsonNode step) {
    String name = step.get("of").asText();
    boolean isReplica = open.get("replica").containsKey(name);
    for (JsonNode event : step.get("events")) {
      if (!isReplica) {
        call(CairnJni.cairn_coordinator_send(of("coordinator", name), Corpus.table("CoordinatorEvent", event)));
        continue;
      }
      JsonNode known = event.path("effect").isTextual() ? numbers.get(name + " " + event.get("effect").asText()) : null;
      JsonNode numbered = known == null ? event : ((ObjectNode) event.deepCopy()).set("effect", known);
      call(CairnJni.cairn_replica_send(of("replica", name), Corpus.table("ReplicaEvent", numbered)));
    }
  }

  private void taken(JsonNode step, String field, String table, ToIntFunction<long[]> next) {
    ArrayNode all = Corpus.NODES.arrayNode();
    long[] out = new long[1];
    while (next.applyAsInt(out) == CairnJni.CAIRN_OK) {
      JsonNode one = Corpus.json(table, Buffers.bytes(out[0]));
      if (one.has("number")) numbers.put(step.get("of").asText() + " " + one.get("kind").asText(), one.get("number"));
      if (one.has("message") && table.equals("CoordinatorAction")) deliver(step, one.get("message"));
      boolean counts = !step.has("kinds");
      for (JsonNode kind : step.path("kinds")) counts |= kind.equals(one.get("kind"));
      if (counts) all.add(one);
    }
    corpus.expectFields(step.get(field), all);
  }

  private void deliver(JsonNode step, JsonNode message) {
    ObjectNode event = Corpus.NODES.objectNode().put("kind", "Received");
    event.set("message", message);
    for (JsonNode name : step.path("deliver")) {
      call(CairnJni.cairn_coordinator_send(of("coordinator", name.asText()), Corpus.table("CoordinatorEvent", event)));
    }
  }

  // --- steps ---

  private void perform(JsonNode step) throws Exception {
    switch (step.get("do").asText()) {
      case "open" -> database(step);
      case "close" -> close(text(step, "db", "main"));
      case "reopen" -> reopen(step);
      case "collection" -> {
        long handle = collection(step);
        result(step, "CollectionInfo", o -> CairnJni.cairn_collection_info(handle, o));
      }
      case "apply" -> write(step, null, batches(step, "mutations", false));
      case "reconcile" -> write(step, "Reconcile", batches(step, "rows", true));
      case "fill" -> fill(step);
      case "json" -> write(step, null, List.of(ByteBuffer.wrap(bytes(o -> CairnJni.cairn_batch_from_json(utf8(step, "text", ""), utf8(step, "key_field", ""), o)))));
      case "store" -> store(step);
      case "put" -> corpus.expectFields(step.get("result"), version(out(o -> CairnJni.cairn_collection_put(in(step), portable(step.get("key")), portable(step.get("value")), o))));
      case "remove" -> corpus.expectFields(step.get("result"), version(out(o -> CairnJni.cairn_collection_remove(in(step), portable(step.get("key")), o))));
      case "get" -> get(step, step.get("key"), step.get("value"));
      case "load", "delta" -> load(step);
      case "copy" -> copy(step);
      case "reset" -> call(CairnJni.cairn_collection_reset(in(step)));
      case "drop" -> call(CairnJni.cairn_collection_drop(database(step), utf8(step, "name", "c")));
      case "metadata" -> result(step, "MetadataReport", o -> CairnJni.cairn_collection_metadata(in(step), o));
      case "info" -> result(step, "CollectionInfo", o -> CairnJni.cairn_collection_info(in(step), o));
      case "database" -> result(step, "DatabaseInfo", o -> CairnJni.cairn_database_info(database(step), o));
      case "check" -> result(step, "CheckReport", o -> CairnJni.cairn_database_check(database(step), Corpus.table("CheckOptions", step.get("options")), o));
      case "digest" -> result(step, "DigestReport", o -> CairnJni.cairn_database_digest(database(step), o));
      case "flush" -> call(CairnJni.cairn_database_flush(database(step)));
      case "compact" -> call(CairnJni.cairn_database_compact(database(step)));
      case "backup" -> result(step, "BackupReport", o -> CairnJni.cairn_database_backup(database(step), Native.utf8(path(step.get("to").asText()).toString()), o));
      case "file" -> file(step);
      case "ensure_index" -> result(step, "IndexInfo", o -> CairnJni.cairn_collection_ensure_index(in(step), Corpus.table("IndexRequest", step.get("request")), o));
      case "remove_index" -> call(CairnJni.cairn_collection_remove_index(in(step), utf8(step, "signature", "")));
      case "cursor" -> {
        long cursor = add("cursor", step.get("as").asText(), step, cursor(step), CairnJni::cairn_cursor_close);
        result(step, "CursorHead", o -> CairnJni.cairn_cursor_head(cursor, o));
      }
      case "next" -> nextOf(step);
      case "answer" -> call(CairnJni.cairn_cursor_answer(of("cursor", step.get("of").asText()), Corpus.table("Answer", step.get("answer"))));
      case "drain" -> drain(step, of("cursor", step.get("of").asText()), false);
      case "release" -> release(step.get("of").asText());
      case "coordinator" -> add("coordinator", step.get("as").asText(), step, out(o -> CairnJni.cairn_coordinator_open(database(step), Corpus.table("CoordinatorOptions", step.get("options")), o)), CairnJni::cairn_coordinator_close);
      case "replica" -> openReplica(step);
      case "send" -> send(step);
      case "effects" -> taken(step, "effects", "ReplicaEffect", o -> CairnJni.cairn_replica_next(of("replica", step.get("of").asText()), o));
      case "actions" -> taken(step, "actions", "CoordinatorAction", o -> CairnJni.cairn_coordinator_next(of("coordinator", step.get("of").asText()), o));
      default -> throw new IllegalStateException("unknown step");
    }
  }

  private void step(JsonNode step) throws Exception {
    JsonNode error = step.get("error");
    try {
      perform(step);
    } catch (CairnException e) {
      String message = String.valueOf(e.getMessage());
      boolean isExpected = error != null && text(error, "status", e.codeName()).equals(e.codeName())
          && message.contains(text(error, "message", "")) && text(error, "message_is", message).equals(message);
      if (!isExpected) throw new Corpus.Mismatch(error, e.codeName() + ": " + message);
      return;
    }
    if (error != null) throw new Corpus.Mismatch(error, "success");
  }

  void run(JsonNode steps) throws Exception {
    try {
      int i = 0;
      for (JsonNode step : steps) {
        try {
          i++;
          step(step);
        } catch (Exception e) {
          String shown = step.toString();
          throw new IllegalStateException("step " + i + " " + shown.substring(0, Math.min(300, shown.length())) + "\n    " + e, e);
        }
      }
      for (Open one : open.get("database").values()) {
        JsonNode report = Corpus.json("CheckReport", bytes(o -> CairnJni.cairn_database_check(one.handle(), null, o)));
        if (!report.path("ok").asBoolean()) throw new Corpus.Mismatch("no damage", report);
      }
    } finally {
      close(null);
    }
    if (CairnJni.cairn_live_objects() != 0) throw new Corpus.Mismatch(0, CairnJni.cairn_live_objects() + " objects");
  }
}
