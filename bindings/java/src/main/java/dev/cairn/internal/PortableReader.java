// Reads portable values (core/value/ENCODING.md): null, Boolean, Long for numbers that are integers
// within +-2^53, else Double, BigInteger, String, byte[], Instant, ArrayList, LinkedHashMap. Bytes come
// from the engine, which has checked them. One thread at a time.
package dev.cairn.internal;

import dev.cairn.Undefined;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

public final class PortableReader {
  private final byte[] bytes;
  private int at;

  PortableReader(byte[] bytes, int at) {
    this.bytes = bytes;
    this.at = at;
  }

  /** The value of these bytes; null bytes are null. */
  public static Object read(ByteBuffer bytes) {
    return bytes == null || !bytes.hasRemaining() ? null : new PortableReader(Buffers.copy(bytes), 0).value();
  }

  public static Object read(byte[] bytes) {
    return new PortableReader(bytes, 0).value();
  }

  Object value() {
    return payload(bytes[at++] & 0xFF);
  }

  private long varint() {
    long value = 0;
    for (int shift = 0; ; shift += 7) {
      byte one = bytes[at++];
      value |= (long) (one & 0x7F) << shift;
      if (one >= 0) return value;
    }
  }

  private long integer(int count) {
    long value = bytes[at + count - 1];
    for (int i = count - 2; i >= 0; i--) value = value << 8 | bytes[at + i] & 0xFF;
    at += count;
    return value;
  }

  private Object payload(int tag) {
    if (tag >= 0x80) return ascii(tag - 0x80);
    if (tag >= 0x20) return (long) (tag - 0x20);
    switch (tag) {
      case 0x00: return null;
      case 0x01: return false;
      case 0x02: return true;
      case 0x03: return Undefined.UNDEFINED;
      case 0x04: return integer(1);
      case 0x05: return integer(2);
      case 0x06: return integer(3);
      case 0x07: return integer(4);
      case 0x08: return integer(6);
      case 0x09: return integer(8);
      case 0x0A: return number(Float.intBitsToFloat((int) integer(4)));
      case 0x0B: return number(Double.longBitsToDouble(integer(8)));
      case 0x0C: return Instant.ofEpochMilli(integer(6));
      case 0x0D: return Instant.ofEpochMilli(integer(8));
      case 0x10: return bigint();
      case 0x11: return bytes((int) varint());
      case 0x12: return ascii((int) varint());
      case 0x13: return text();
      case 0x14: return array();
      case 0x15: return object();
      default: throw new IllegalStateException("no tag of a value: " + tag);
    }
  }

  /** The one form of a number: Long for integers within +-2^53 but -0, else Double. */
  static Object number(double number) {
    long whole = (long) number;
    if (whole != number || Math.abs(whole) > 1L << 53) return number;
    return whole == 0 && Double.doubleToRawLongBits(number) != 0 ? (Object) number : (Object) whole;
  }

  private String ascii(int count) {
    String text = new String(bytes, at, count, StandardCharsets.ISO_8859_1);
    at += count;
    return text;
  }

  private String text() {
    int count = (int) varint();
    String text = Wtf8.decode(bytes, at, count);
    at += count;
    return text;
  }

  private byte[] bytes(int count) {
    byte[] out = java.util.Arrays.copyOfRange(bytes, at, at + count);
    at += count;
    return out;
  }

  private BigInteger bigint() {
    int count = (int) varint() - 1;
    boolean isNegative = bytes[at++] == 1;
    byte[] magnitude = new byte[count];
    for (int i = 0; i < count; i++) magnitude[count - 1 - i] = bytes[at++];
    return new BigInteger(isNegative ? -1 : count == 0 ? 0 : 1, magnitude);
  }

  private List<Object> array() {
    varint(); // the size of the body
    int count = (int) varint();
    int tags = at;
    at += count;
    List<Object> out = new ArrayList<>(count);
    for (int i = 0; i < count; i++) out.add(payload(bytes[tags + i] & 0xFF));
    return out;
  }

  private Map<String, Object> object() {
    varint(); // the size of the body
    varint(); // no shape
    String[] names = new String[(int) varint()];
    for (int i = 0; i < names.length; i++) names[i] = text();
    int tags = at;
    at += names.length;
    Map<String, Object> out = new LinkedHashMap<>(names.length * 4 / 3 + 1);
    for (int i = 0; i < names.length; i++) out.put(names[i], payload(bytes[tags + i] & 0xFF));
    return out;
  }
}
