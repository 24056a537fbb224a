// Text as WTF-8 (core/value/ENCODING.md): UTF-8 in which lone surrogates are allowed, so that every
// String comes back as it was. Any thread.
package dev.cairn.internal;

import java.nio.charset.StandardCharsets;

final class Wtf8 {
  private Wtf8() {}

  static String decode(byte[] bytes, int start, int size) {
    int end = start + size;
    for (int i = start; i + 1 < end; i++) {
      if (bytes[i] == (byte) 0xED && (bytes[i + 1] & 0xE0) == 0xA0) return withSurrogates(bytes, start, end);
    }
    return new String(bytes, start, size, StandardCharsets.UTF_8);
  }

  // Cut at the surrogates, what is between them is UTF-8.
  private static String withSurrogates(byte[] bytes, int start, int end) {
    StringBuilder out = new StringBuilder();
    int from = start;
    for (int i = start; i + 2 < end; i++) {
      if (bytes[i] != (byte) 0xED || (bytes[i + 1] & 0xE0) != 0xA0) continue;
      out.append(new String(bytes, from, i - from, StandardCharsets.UTF_8));
      out.append((char) (0xD000 | (bytes[i + 1] & 0x3F) << 6 | bytes[i + 2] & 0x3F));
      from = i + 3;
    }
    return out.append(new String(bytes, from, end - from, StandardCharsets.UTF_8)).toString();
  }

  static byte[] encode(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (!Character.isSurrogate(c)) continue;
      if (Character.isHighSurrogate(c) && i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))) i++;
      else return withLone(text);
    }
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] withLone(String text) {
    byte[] out = new byte[3 * text.length()];
    int size = 0;
    for (int i = 0; i < text.length(); ) {
      int c = text.codePointAt(i);
      i += Character.charCount(c);
      size = put(out, size, c);
    }
    return java.util.Arrays.copyOf(out, size);
  }

  private static int put(byte[] out, int at, int c) {
    if (c < 0x80) {
      out[at++] = (byte) c;
    } else if (c < 0x800) {
      out[at++] = (byte) (0xC0 | c >> 6);
      out[at++] = (byte) (0x80 | c & 0x3F);
    } else if (c < 0x10000) {
      out[at++] = (byte) (0xE0 | c >> 12);
      out[at++] = (byte) (0x80 | c >> 6 & 0x3F);
      out[at++] = (byte) (0x80 | c & 0x3F);
    } else {
      out[at++] = (byte) (0xF0 | c >> 18);
      out[at++] = (byte) (0x80 | c >> 12 & 0x3F);
      out[at++] = (byte) (0x80 | c >> 6 & 0x3F);
      out[at++] = (byte) (0x80 | c & 0x3F);
    }
    return at;
  }
}
