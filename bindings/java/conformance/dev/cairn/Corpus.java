// What the conformance corpus says, as values, tables and rows of Java, and compared with what came;
// tests/conformance/README.md. Values go through this binding's own codecs, tables through the engine's JSON.
package dev.cairn;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.fb.Op;
import dev.cairn.internal.Batch;
import dev.cairn.internal.BatchWriter;
import dev.cairn.internal.Buffers;
import dev.cairn.internal.Plain;
import dev.cairn.internal.PortableReader;
import dev.cairn.internal.PortableWriter;
import dev.cairn.internal.RowChange;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

public class Corpus {
  static final ObjectMapper JSON = new ObjectMapper();
  static final JsonNodeFactory NODES = JsonNodeFactory.instance;
  private static final Set<String> FIRST_NAMES = Set.of("", "Applied", "Default", "Elect", "EnsureRemoteSubset",
      "Heartbeat", "None", "Nothing", "Rank", "Started");

  public static final class Mismatch extends RuntimeException {
    Mismatch(Object expected, Object actual) {
      super("expected " + expected + "\n    but got  " + actual);
    }
  }

  // --- values and rows; Kotlin has these made by its own classes ---

  protected Object plain(Object value) {
    return Plain.of(value);
  }

  /** A row's value as the language's own rows have it, and back. */
  protected Plain.Fields fields(Object value, boolean isUpdate) {
    return Plain.row(value, isUpdate);
  }

  protected List<Object> values(Batch batch) {
    List<Object> out = new ArrayList<>();
    for (int i = 0; batch.values != null && i < batch.values.count; i++) out.add(batch.values.get(i));
    return out;
  }

  /** A value; what cannot be one throws what the engine would say. */
  static Object value(JsonNode json) {
    if (json.isArray()) {
      List<Object> out = new ArrayList<>();
      for (JsonNode one : json) out.add(value(one));
      return out;
    }
    if (json.isNumber()) return json.asDouble();
    if (!json.isObject()) return json.isNull() ? null : json.isBoolean() ? (Object) json.asBoolean() : json.asText();
    String mark = json.size() == 1 ? json.fieldNames().next() : "";
    JsonNode one = mark.isEmpty() ? null : json.get(mark);
    return switch (mark) {
      case "$date" -> one.isNumber() ? Instant.ofEpochMilli(one.asLong()) : Instant.parse(one.asText());
      case "$bigint" -> new BigInteger(one.asText());
      case "$bytes" -> Base64.getDecoder().decode(one.asText());
      case "$number" -> one.asText().equals("NaN") ? Double.NaN : Double.parseDouble(one.asText());
      case "$text" -> text(Base64.getDecoder().decode(one.asText()));
      case "$undefined" -> Undefined.UNDEFINED;
      case "$object" -> object(one);
      default -> {
        Map<String, Object> out = new LinkedHashMap<>();
        json.fields().forEachRemaining(field -> out.put(field.getKey(), value(field.getValue())));
        yield out;
      }
    };
  }

  private static Map<String, Object> object(JsonNode pairs) {
    Map<String, Object> out = new LinkedHashMap<>();
    for (JsonNode pair : pairs) out.put((String) value(pair.get(0)), value(pair.get(1)));
    // A map has no name twice: such an object cannot be said here.
    if (out.size() != pairs.size()) throw new CairnException(Status.MALFORMED, "a field name twice");
    return out;
  }

  private static String text(byte[] wtf8) {
    ByteArrayOutputStream portable = new ByteArrayOutputStream();
    portable.write(0x13);
    int left = wtf8.length;
    for (; left >= 0x80; left >>= 7) portable.write(left & 0x7F | 0x80);
    portable.write(left);
    portable.writeBytes(wtf8);
    String text = (String) PortableReader.read(portable.toByteArray());
    byte[] again = PortableWriter.bytes(text);
    // Bytes that no String has cannot be said here.
    if (!Arrays.equals(wtf8, 0, wtf8.length, again, again.length - wtf8.length, again.length)) {
      throw new CairnException(Status.MALFORMED, "$text is not WTF-8");
    }
    return text;
  }

  private RowChange change(JsonNode mutation) {
    int op = List.of("insert", "update", "delete", "touch").indexOf(mutation.get(0).asText());
    boolean hasValue = op <= Op.Update;
    JsonNode last = mutation.get(mutation.size() - 1);
    JsonNode metadata = mutation.size() > (hasValue ? 3 : 2) ? last : NODES.objectNode();
    JsonNode value = hasValue ? mutation.get(2) : null;
    // Whether a key is one is for the engine to say.
    Object key = plain(value(mutation.get(1)));
    RowChange row;
    try {
      row = RowChange.of(key, op, hasValue ? fields(value(value), op == Op.Update) : null);
    } catch (Plain.Unkeepable e) {
      throw Plain.invalid("row " + key + ": " + e.getMessage());
    }
    if (metadata.has("set")) return row.withMetadata(value(metadata.get("set")));
    return metadata.has("remove") ? row.withoutMetadata() : row;
  }

  ByteBuffer batch(JsonNode mutations) {
    List<RowChange> rows = new ArrayList<>();
    for (JsonNode one : mutations) rows.add(change(one));
    return BatchWriter.batch(rows);
  }

  /** Rows of the corpus as insertions. */
  static JsonNode inserts(JsonNode rows) {
    var out = NODES.arrayNode();
    for (JsonNode row : rows) {
      var one = out.addArray().add("insert").add(row.get(0)).add(row.get(1));
      if (row.has(2)) one.addObject().set("set", row.get(2).get("metadata"));
    }
    return out;
  }

  List<Object> rows(Batch batch) {
    List<Object> values = values(batch);
    List<Object> out = new ArrayList<>();
    for (int i = 0; i < batch.count; i++) {
      List<Object> row = new ArrayList<>(List.of(batch.key(i)));
      if (batch.op(i) != Op.Delete) row.add(values.get(batch.valueOf(i)));
      Map<String, Object> extras = new LinkedHashMap<>();
      if (batch.version(i) != 0) extras.put("version", batch.version(i));
      if (batch.metadata(i) != null) extras.put("metadata", batch.metadata(i));
      if (!extras.isEmpty() && batch.op(i) != Op.Delete) row.add(extras);
      out.add(row);
    }
    return out;
  }

  // --- tables ---

  static boolean isRaw(JsonNode json) {
    return json.has("$bytes") || json.has("$zeros");
  }

  static byte[] raw(JsonNode json) {
    return json.has("$zeros") ? new byte[json.get("$zeros").asInt()] : Base64.getDecoder().decode(json.get("$bytes").asText());
  }

  static ByteBuffer table(String name, JsonNode json) {
    if (json == null) return null;
    if (isRaw(json)) return ByteBuffer.wrap(raw(json));
    JsonNode whole = json.deepCopy();
    for (String field : List.of("payload", "message")) {
      JsonNode mark = whole.path(field).path("$table");
      if (!mark.isMissingNode()) ((ObjectNode) whole).set(field, bytes(table(mark.get(0).asText(), mark.get(1))));
    }
    return Tables.fromJson(name, whole.toString());
  }

  private static JsonNode bytes(ByteBuffer bytes) {
    return NODES.objectNode().put("$bytes", Base64.getEncoder().encodeToString(Buffers.copy(bytes)));
  }

  static JsonNode parse(String json) {
    try {
      return JSON.readTree(json);
    } catch (java.io.IOException e) {
      throw new IllegalArgumentException(e);
    }
  }

  static JsonNode json(String name, byte[] bytes) {
    return parse(Tables.toJson(name, ByteBuffer.wrap(bytes)));
  }

  // --- comparing ---

  private byte[] portable(Object value) {
    return PortableWriter.bytes(plain(value));
  }

  // Each part by itself: a row's value may be as deep as values get.
  private byte[] portableRow(Object row) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (Object part : (List<?>) row) out.writeBytes(portable(part));
    return out.toByteArray();
  }

  void expectValue(JsonNode expected, Object actual) {
    if (!Arrays.equals(portable(value(expected)), portable(actual))) throw new Mismatch(expected, actual);
  }

  void expectFields(JsonNode expected, JsonNode actual) {
    if (expected != null && !matches(expected, actual)) throw new Mismatch(expected, actual);
  }

  void expectRows(JsonNode expected, List<Object> actual, boolean anyOrder) {
    List<byte[]> wanted = new ArrayList<>();
    List<byte[]> got = new ArrayList<>();
    for (JsonNode one : expected) wanted.add(portableRow(value(one)));
    for (Object one : actual) got.add(portableRow(one));
    if (anyOrder) {
      wanted.sort(Arrays::compareUnsigned);
      got.sort(Arrays::compareUnsigned);
    }
    boolean isSame = wanted.size() == got.size();
    for (int i = 0; isSame && i < got.size(); i++) isSame = Arrays.equals(wanted.get(i), got.get(i));
    if (!isSame) throw new Mismatch(expected, actual);
  }

  private static boolean isDefault(JsonNode json) {
    if (json.isArray()) return json.isEmpty();
    if (json.isTextual()) return FIRST_NAMES.contains(json.asText());
    return json.isNull() || json.isNumber() && json.asDouble() == 0 || json.isBoolean() && !json.asBoolean();
  }

  private boolean same(JsonNode a, JsonNode b) {
    return Arrays.equals(portable(value(a)), portable(value(b)));
  }

  private boolean matches(JsonNode expected, JsonNode actual) {
    if (expected.has("$table")) {
      JsonNode mark = expected.get("$table");
      return !actual.isNull() && matches(mark.get(1), json(mark.get(0).asText(), raw(actual)));
    }
    boolean isMark = expected.size() == 1 && expected.isObject() && expected.fieldNames().next().startsWith("$");
    if (expected.isObject() && actual.isObject() && !isMark) {
      for (var fields = expected.fields(); fields.hasNext(); ) {
        var field = fields.next();
        if (!matchesField(field.getKey(), field.getValue(), actual.get(field.getKey()))) return false;
      }
      return true;
    }
    if (!expected.isArray() || !actual.isArray()) return same(expected, actual);
    boolean isSame = expected.size() == actual.size();
    for (int i = 0; isSame && i < expected.size(); i++) isSame = matches(expected.get(i), actual.get(i));
    return isSame;
  }

  private boolean matchesField(String name, JsonNode expected, JsonNode actual) {
    if (actual == null) return isDefault(expected);
    return name.equals("value") || name.equals("values") ? same(expected, actual) : matches(expected, actual);
  }
}
