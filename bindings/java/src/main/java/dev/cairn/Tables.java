// Small tables of schemas/: built, and made from or written as JSON. Any thread.
package dev.cairn;

import com.google.flatbuffers.FlatBufferBuilder;
import dev.cairn.fb.MetadataEntry;
import dev.cairn.internal.Buffers;
import dev.cairn.internal.Native;
import dev.cairn.internal.Plain;
import dev.cairn.internal.PortableReader;
import dev.cairn.internal.PortableWriter;
import dev.cairn.jni.CairnJni;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.function.ToIntFunction;

/** For tools: the tables of schemas/ as JSON, in the extended form of cairn/value.h. */
public final class Tables {
  private Tables() {}

  private static final class Direct extends FlatBufferBuilder.ByteBufferFactory {
    @Override
    public ByteBuffer newByteBuffer(int capacity) {
      return ByteBuffer.allocateDirect(capacity).order(ByteOrder.LITTLE_ENDIAN);
    }
  }

  static ByteBuffer build(ToIntFunction<FlatBufferBuilder> root) {
    FlatBufferBuilder builder = new FlatBufferBuilder(512, new Direct());
    builder.finish(root.applyAsInt(builder));
    return builder.dataBuffer();
  }

  static int string(FlatBufferBuilder builder, String text) {
    // Half of a surrogate pair is an error, and never changed.
    return text == null ? 0 : builder.createString(ByteBuffer.wrap(Native.utf8(text)));
  }

  static int strings(FlatBufferBuilder builder, List<String> texts) {
    if (texts == null || texts.isEmpty()) return 0;
    int[] offsets = texts.stream().mapToInt(text -> string(builder, text)).toArray();
    return builder.createVectorOfTables(offsets);
  }

  static byte[] portable(Object value, String what) {
    try {
      return PortableWriter.bytes(Plain.of(value));
    } catch (Plain.Unkeepable e) {
      throw new CairnException(Status.INVALID_VALUE, what + ": " + e.getMessage(), e);
    }
  }

  static int portable(FlatBufferBuilder builder, Object value, String what) {
    return builder.createByteVector(portable(value, what));
  }

  /** Entries of metadata: a null of the map removes one. */
  static int[] metadata(FlatBufferBuilder builder, Map<String, ?> entries) {
    return entries.entrySet().stream().mapToInt(entry -> {
      int key = string(builder, entry.getKey());
      int value = entry.getValue() == null || entry.getValue() instanceof Undefined ? 0
          : portable(builder, entry.getValue(), "metadata \"" + entry.getKey() + "\"");
      return MetadataEntry.createMetadataEntry(builder, key, value);
    }).toArray();
  }

  static Map<String, Object> metadata(int count, IntFunction<MetadataEntry> at) {
    Map<String, Object> out = new LinkedHashMap<>();
    for (int i = 0; i < count; i++) {
      MetadataEntry entry = at.apply(i);
      out.put(entry.key(), PortableReader.read(entry.valueAsByteBuffer()));
    }
    return out;
  }

  // --- JSON ---

  /** Makes a table from JSON. */
  public static ByteBuffer fromJson(String table, String json) {
    long[] out = new long[1];
    CairnJni.cairn_table_from_json(Native.utf8(table), Native.utf8(json), out);
    return ByteBuffer.wrap(Buffers.bytes(out[0])).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Writes a table as JSON. */
  public static String toJson(String table, ByteBuffer bytes) {
    long[] out = new long[1];
    CairnJni.cairn_table_to_json(Native.utf8(table), bytes, out);
    return Native.text(Buffers.bytes(out[0]));
  }

  /** Makes a value from JSON. */
  public static Object valueFromJson(String json) {
    long[] out = new long[1];
    CairnJni.cairn_value_from_json(Native.utf8(json), out);
    return PortableReader.read(Buffers.bytes(out[0]));
  }

  /** Writes a value as JSON. */
  public static String valueToJson(Object value) {
    long[] out = new long[1];
    CairnJni.cairn_value_to_json(Buffers.direct(portable(value, "a value")), out);
    return Native.text(Buffers.bytes(out[0]));
  }
}
