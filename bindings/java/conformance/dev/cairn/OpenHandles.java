// What a scenario of the corpus has open, by kind and name, and the calls of the generated binding. One thread.
package dev.cairn;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cairn.internal.Buffers;
import dev.cairn.internal.Native;
import dev.cairn.internal.PortableWriter;
import dev.cairn.jni.CairnJni;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import java.util.function.ToIntFunction;

class OpenHandles {
  record Open(String db, long handle, JsonNode step, LongConsumer close) {}

  final Corpus corpus;
  final Path folder;
  final Path main;
  // By kind and name, in the order in which they are closed.
  final Map<String, Map<String, Open>> open = new LinkedHashMap<>();
  final Map<String, JsonNode> numbers = new HashMap<>();

  OpenHandles(Corpus corpus, Path folder, Path main) {
    this.corpus = corpus;
    this.folder = folder;
    this.main = main;
    for (String kind : List.of("cursor", "replica", "coordinator", "collection", "database")) open.put(kind, new LinkedHashMap<>());
  }

  // --- calls ---

  static void call(int status) {
    if (status != CairnJni.CAIRN_OK) throw new CairnException(status, CairnJni.cairn_status_name(status), "", 0, false);
  }

  static long out(ToIntFunction<long[]> function) {
    long[] out = new long[1];
    call(function.applyAsInt(out));
    return out[0];
  }

  static byte[] bytes(ToIntFunction<long[]> function) {
    return Buffers.bytes(out(function));
  }

  void result(JsonNode step, String table, ToIntFunction<long[]> function) {
    corpus.expectFields(step.get("result"), Corpus.json(table, bytes(function)));
  }

  static ByteBuffer portable(JsonNode json) {
    return ByteBuffer.wrap(PortableWriter.bytes(dev.cairn.internal.Plain.of(Corpus.value(json))));
  }

  // --- what is open ---

  Path path(String name) {
    return name.equals("main") && main != null ? main : folder.resolve(name);
  }

  static String text(JsonNode step, String field, String otherwise) {
    return step.has(field) ? step.get(field).asText() : otherwise;
  }

  static byte[] utf8(JsonNode step, String field, String otherwise) {
    return Native.utf8(text(step, field, otherwise));
  }

  long database(JsonNode step) {
    String db = text(step, "db", "main");
    Open known = open.get("database").get(db);
    if (known != null) return known.handle;
    ByteBuffer options = Corpus.table("DatabaseOptions", step.get("do").asText().equals("open") ? step.get("options") : null);
    byte[] path = Native.utf8(path(text(step, "file", db)).toString());
    return add("database", db, step, out(o -> CairnJni.cairn_database_open(path, options, o)), CairnJni::cairn_database_close);
  }

  long add(String kind, String name, JsonNode step, long handle, LongConsumer close) {
    open.get(kind).put(name, new Open(text(step, "db", "main"), handle, step, close));
    return handle;
  }

  long of(String kind, String name) {
    Open found = open.get(kind).get(name);
    if (found == null) throw new IllegalStateException("no " + kind + " " + name);
    return found.handle;
  }

  long in(JsonNode step) {
    database(step);
    return of("collection", text(step, "db", "main") + " " + text(step, "in", "c"));
  }

  long collection(JsonNode step) {
    String name = text(step, "db", "main") + " " + text(step, "as", text(step, "name", "c"));
    long database = database(step);
    Open former = open.get("collection").remove(name);
    if (former != null) former.close.accept(former.handle);
    ByteBuffer options = Corpus.table("CollectionOptions", step.get("options"));
    return add("collection", name, step, out(o -> CairnJni.cairn_collection_open(database, utf8(step, "name", "c"), options, o)),
        CairnJni::cairn_collection_close);
  }

  void close(String db) {
    for (Map<String, Open> ones : open.values()) {
      ones.values().removeIf(one -> {
        if (db != null && !one.db.equals(db)) return false;
        one.close.accept(one.handle);
        return true;
      });
    }
  }

  void reopen(JsonNode step) {
    String db = text(step, "db", "main");
    JsonNode opening = open.get("database").get(db).step;
    List<JsonNode> steps = open.get("collection").values().stream().filter(one -> one.db.equals(db)).map(Open::step).toList();
    close(db);
    database(opening);
    for (JsonNode one : steps) collection(one);
  }

  void file(JsonNode step) throws Exception {
    try (RandomAccessFile file = new RandomAccessFile(path(step.get("name").asText()).toFile(), "rw")) {
      file.seek(step.path("at").asLong(0));
      file.write(Corpus.raw(Corpus.NODES.objectNode().put("$bytes", text(step, "bytes", ""))));
      if (step.has("size")) file.setLength(step.get("size").asLong());
    }
  }
}
