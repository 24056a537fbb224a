// Writes portable values (core/value/ENCODING.md) of what Plain gives. One thread at a time.
package dev.cairn.internal;

import dev.cairn.Undefined;
import java.math.BigInteger;
import java.time.Instant;
import java.util.Arrays;

public final class PortableWriter {
  private static final int SHORT_TEXT = 96;

  byte[] bytes = new byte[256];
  int size;

  /** One value, alone. */
  public static byte[] bytes(Object plain) {
    PortableWriter writer = new PortableWriter();
    writer.value(plain);
    return Arrays.copyOf(writer.bytes, writer.size);
  }

  void value(Object plain) {
    int at = size;
    put(0);
    int tag = payload(plain); // which may move the bytes
    bytes[at] = (byte) tag;
  }

  private void reserve(int count) {
    if (size + count > bytes.length) bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, size + count));
  }

  private void put(int one) {
    reserve(1);
    bytes[size++] = (byte) one;
  }

  private void put(byte[] many, int count) {
    reserve(count);
    System.arraycopy(many, 0, bytes, size, count);
    size += count;
  }

  private void integer(long value, int count) {
    reserve(count);
    for (int i = 0; i < count; i++) bytes[size++] = (byte) (value >> 8 * i);
  }

  private void varint(long value) {
    for (; value >= 0x80; value >>>= 7) put((int) value & 0x7F | 0x80);
    put((int) value);
  }

  private void sized(byte[] many) {
    varint(many.length);
    put(many, many.length);
  }

  // Writes what comes after the tag, and gives the tag.
  private int payload(Object plain) {
    if (plain == null) return 0x00;
    if (plain instanceof String text) return text(text);
    if (plain instanceof Long number) return number(number);
    if (plain instanceof Double number) return number(number);
    if (plain instanceof Boolean flag) return flag ? 0x02 : 0x01;
    if (plain instanceof Instant date) return date(date.toEpochMilli());
    if (plain instanceof Plain.Fields fields) return object(fields);
    if (plain instanceof Object[] list) return array(list);
    if (plain instanceof BigInteger number) return bigint(number);
    if (plain instanceof byte[] many) {
      sized(many);
      return 0x11;
    }
    if (plain instanceof Undefined) return 0x03;
    throw new IllegalStateException("no plain value: " + plain.getClass());
  }

  private int text(String text) {
    if (!isAscii(text)) {
      sized(Wtf8.encode(text));
      return 0x13;
    }
    int length = text.length();
    if (length >= SHORT_TEXT) varint(length);
    reserve(length);
    for (int i = 0; i < length; i++) bytes[size++] = (byte) text.charAt(i);
    return length < SHORT_TEXT ? 0x80 + length : 0x12;
  }

  static boolean isAscii(String text) {
    for (int i = 0; i < text.length(); i++) if (text.charAt(i) >= 0x80) return false;
    return true;
  }

  private int number(long number) {
    if (number >= 0 && number < 32) return 0x20 + (int) number;
    int[] sizes = {1, 2, 3, 4, 6, 8};
    for (int i = 0; ; i++) {
      int shift = 64 - 8 * sizes[i];
      if (number << shift >> shift != number) continue;
      integer(number, sizes[i]);
      return 0x04 + i;
    }
  }

  private int number(double number) {
    long whole = (long) number;
    boolean isWhole = whole == number && Math.abs(whole) <= 1L << 53;
    if (isWhole && (whole != 0 || Double.doubleToRawLongBits(number) == 0)) return number(whole);
    if ((float) number == number || number != number) {
      integer(Float.floatToIntBits((float) number), 4);
      return 0x0A;
    }
    integer(Double.doubleToRawLongBits(number), 8);
    return 0x0B;
  }

  private int date(long ms) {
    boolean isShort = ms << 16 >> 16 == ms;
    integer(ms, isShort ? 6 : 8);
    return isShort ? 0x0C : 0x0D;
  }

  private int bigint(BigInteger number) {
    byte[] magnitude = number.abs().toByteArray();
    int first = 0;
    while (first < magnitude.length && magnitude[first] == 0) first++;
    varint(1 + magnitude.length - first);
    put(number.signum() < 0 ? 1 : 0);
    for (int i = magnitude.length - 1; i >= first; i--) put(magnitude[i]);
    return 0x10;
  }

  private int array(Object[] values) {
    PortableWriter body = new PortableWriter();
    body.varint(values.length);
    body.elements(values);
    return body(body, 0x14);
  }

  private int object(Plain.Fields fields) {
    PortableWriter body = new PortableWriter();
    body.varint(0);
    body.varint(fields.names().length);
    for (String name : fields.names()) body.sized(Wtf8.encode(name));
    body.elements(fields.values());
    return body(body, 0x15);
  }

  private int body(PortableWriter body, int tag) {
    varint(body.size);
    put(body.bytes, body.size);
    return tag;
  }

  // All tags, then all payloads.
  private void elements(Object[] values) {
    int tags = size;
    reserve(values.length);
    size += values.length;
    for (Object value : values) {
      int tag = payload(value);
      bytes[tags++] = (byte) tag;
    }
  }
}
