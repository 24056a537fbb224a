// The two heaps of a batch that is written: ASCII, and UTF-16 units for texts with anything else. One
// thread at a time.
package dev.cairn.internal;

import com.google.flatbuffers.FlatBufferBuilder;
import java.util.Arrays;

final class TextHeap {
  private byte[] narrow = new byte[4096];
  private int narrowSize;
  private char[] wide = new char[64];
  private int wideSize;

  int narrowSize() {
    return narrowSize;
  }

  int wideSize() {
    return wideSize;
  }

  /** Gives its entry of `ends`. */
  @SuppressWarnings("deprecation") // cuts off the high bytes, which ASCII does not have
  int add(String text) {
    int length = text.length();
    if (!PortableWriter.isAscii(text)) return addWide(text);
    if (narrowSize + length > narrow.length) narrow = Arrays.copyOf(narrow, Math.max(2 * narrow.length, narrowSize + length));
    text.getBytes(0, length, narrow, narrowSize);
    narrowSize += length;
    return narrowSize << 1;
  }

  private int addWide(String text) {
    int length = text.length();
    if (wideSize + length > wide.length) wide = Arrays.copyOf(wide, Math.max(2 * wide.length, wideSize + length));
    text.getChars(0, length, wide, wideSize);
    wideSize += length;
    return wideSize << 1 | 1;
  }

  byte[] narrow() {
    return Arrays.copyOf(narrow, narrowSize);
  }

  int wide(FlatBufferBuilder builder) {
    builder.createUnintializedVector(2, wideSize, 2).asCharBuffer().put(wide, 0, wideSize);
    return builder.endVector();
  }
}
