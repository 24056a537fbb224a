// The words of requests and answers (tests/conformance/RUNNERS.md) as bytes, values and rows of Java, and back:
// all by the binding's own codecs, and the engine's JSON. Kotlin has its own rows. One thread.
package dev.cairn;

import dev.cairn.fb.Op;
import dev.cairn.internal.Batch;
import dev.cairn.internal.BatchWriter;
import dev.cairn.internal.Objects;
import dev.cairn.internal.Plain;
import dev.cairn.internal.PortableWriter;
import dev.cairn.internal.RowChange;
import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import java.util.stream.Stream;

public class Words {
  private static final String ROW = "\u001E";
  private static final String PART = "\u001F";
  private static final List<String> OPS = List.of("insert", "update", "delete", "touch");

  // What a word holds and cannot be made here has a status of its own.
  private static <T> T made(Supplier<T> body) {
    try {
      return body.get();
    } catch (CairnException | Plain.Unkeepable e) {
      throw new CairnException(Status.UNKNOWN.code(), "REFUSED", e.getMessage(), 0, false);
    }
  }

  static byte[] bytes(String word) {
    return word.isEmpty() ? null : Base64.getDecoder().decode(word.substring(1));
  }

  static ByteBuffer table(String word) {
    return word.isEmpty() ? null : ByteBuffer.wrap(bytes(word));
  }

  static String word(byte[] bytes) {
    return "=" + Base64.getEncoder().encodeToString(bytes);
  }

  static ByteBuffer value(String json) {
    return made(() -> ByteBuffer.wrap(PortableWriter.bytes(Plain.of(Tables.valueFromJson(json)))));
  }

  // --- rows ---

  /** A row's value as the language's own rows have it, and back. */
  protected Plain.Fields fields(Object value, boolean isUpdate) {
    return Plain.row(value, isUpdate);
  }

  protected IntFunction<?> reader(Objects values) {
    return values::get;
  }

  ByteBuffer batch(String word) {
    if (word.isEmpty() || word.startsWith("=")) return table(word);
    return made(() -> BatchWriter.batch(Stream.of(word.split(ROW)).map(row -> change(row.split(PART, -1))).toList()));
  }

  private RowChange change(String[] parts) {
    int op = OPS.indexOf(parts[0]);
    Plain.Fields value = op > Op.Update ? null : fields(valueOfRow(parts[2], parts[4]), op == Op.Update);
    // Whether a key is one is for the engine to say.
    RowChange row = RowChange.of(Plain.of(Tables.valueFromJson(parts[1])), op, value);
    if (parts[3].isEmpty()) return row;
    return parts[3].equals("-") ? row.withoutMetadata() : row.withMetadata(Tables.valueFromJson(parts[3]));
  }

  @SuppressWarnings("unchecked")
  private static Object valueOfRow(String json, String undefined) {
    Object value = Tables.valueFromJson(json);
    if (undefined.isEmpty()) return value;
    for (Object name : (List<?>) Tables.valueFromJson(undefined)) {
      ((Map<String, Object>) value).put((String) name, Undefined.UNDEFINED);
    }
    return value;
  }

  String rows(Batch batch) {
    IntFunction<?> values = batch.values == null ? null : reader(batch.values);
    StringJoiner out = new StringJoiner(ROW);
    for (int i = 0; i < batch.count; i++) {
      StringJoiner row = new StringJoiner(",", "{", "}").add("\"key\":" + Tables.valueToJson(batch.key(i)));
      if (batch.op(i) != Op.Insert) row.add("\"op\":\"" + OPS.get(batch.op(i)) + "\"");
      if (batch.valueOf(i) >= 0) row.add("\"value\":" + Tables.valueToJson(values.apply(batch.valueOf(i))));
      if (batch.version(i) != 0) row.add("\"version\":" + Long.toUnsignedString(batch.version(i)));
      if (batch.hasMetadata(i)) row.add("\"metadata\":" + Tables.valueToJson(batch.metadata(i)));
      out.add(row.toString());
    }
    return out.toString();
  }
}
