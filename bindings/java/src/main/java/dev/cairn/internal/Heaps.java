// The two heaps of a row batch that hold all of its texts, as arrays. Immutable.
package dev.cairn.internal;

import dev.cairn.fb.RowBatch;
import dev.cairn.fb.TextEncoding;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

final class Heaps {
  private final boolean isUtf8;
  private final byte[] narrow;
  private final char[] wide;

  Heaps(RowBatch batch) {
    isUtf8 = batch.encoding() == TextEncoding.Utf8;
    ByteBuffer bytes = batch.narrowAsByteBuffer();
    narrow = bytes == null ? new byte[0] : Buffers.copy(bytes);
    ByteBuffer units = batch.wideAsByteBuffer();
    wide = new char[units == null ? 0 : units.remaining() / 2];
    if (units != null) units.asCharBuffer().get(wide);
  }

  /** The texts of a column, by its ends. */
  String[] texts(int[] ends, int narrowStart, int wideStart) {
    String[] out = new String[ends.length];
    int from = narrowStart;
    int fromWide = wideStart;
    for (int i = 0; i < ends.length; i++) {
      int end = ends[i] >>> 1;
      if ((ends[i] & 1) != 0) {
        out[i] = new String(wide, fromWide, end - fromWide);
        fromWide = end;
      } else {
        out[i] = isUtf8 ? Wtf8.decode(narrow, from, end - from)
            : new String(narrow, from, end - from, StandardCharsets.ISO_8859_1);
        from = end;
      }
    }
    return out;
  }
}
