// Buffers that the engine gives, and small ones that go to it. Any thread.
package dev.cairn.internal;

import dev.cairn.jni.CairnJni;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.Function;

public final class Buffers {
  private static final int KEPT = 1 << 16;
  private static final ThreadLocal<ByteBuffer> SCRATCH =
      ThreadLocal.withInitial(() -> ByteBuffer.allocateDirect(KEPT));

  private Buffers() {}

  /** Reads an owned buffer of the engine, and frees it: `read` must keep no view of it. */
  public static <T> T take(long buffer, Function<ByteBuffer, T> read) {
    try {
      return read.apply(CairnJni.cairn_buffer_data(buffer).order(ByteOrder.LITTLE_ENDIAN));
    } finally {
      CairnJni.cairn_buffer_free(buffer);
    }
  }

  /** The bytes of an owned buffer, which is freed. */
  public static byte[] bytes(long buffer) {
    return take(buffer, Buffers::copy);
  }

  public static byte[] copy(ByteBuffer from) {
    byte[] bytes = new byte[from.remaining()];
    from.duplicate().get(bytes);
    return bytes;
  }

  /** Bytes for one call of the engine, made in memory that is used again by this thread's next one. */
  public static ByteBuffer direct(byte[] bytes, int size) {
    ByteBuffer out = size <= KEPT ? SCRATCH.get().clear() : ByteBuffer.allocateDirect(size);
    return out.put(bytes, 0, size).flip();
  }

  /** The same for two inputs of one call. */
  public static ByteBuffer[] direct(byte[] first, byte[] second) {
    int size = first.length + second.length;
    ByteBuffer out = size <= KEPT ? SCRATCH.get().clear() : ByteBuffer.allocateDirect(size);
    out.put(first).put(second);
    return new ByteBuffer[] {out.slice(0, first.length), out.slice(first.length, second.length)};
  }

  public static ByteBuffer direct(byte[] bytes) {
    return direct(bytes, bytes.length);
  }
}
