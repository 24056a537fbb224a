// Loads libcairn_java: the engine, SQLite and the JNI functions in one file. It is taken from a folder
// that a property names, else from the jar. Once, by whichever thread needs it first.
package dev.cairn.internal;

import dev.cairn.CairnException;
import dev.cairn.Status;
import dev.cairn.jni.CairnJni;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

public final class Native {
  /** Names a folder with the library, for systems where nothing may be loaded from a temporary one. */
  public static final String PATH_PROPERTY = "dev.cairn.library.path";

  private static boolean loaded;

  private Native() {}

  /** Called by the generated class when it is initialized. */
  public static synchronized void load() {
    if (loaded) return;
    List<String> tried = new ArrayList<>();
    if (!loadFromProperty(tried) && !loadFromJar(tried)) throw notLoaded(tried);
    // The library and the generated classes must be of one make.
    CairnJni.cairn_check_version(Generated.ABI_VERSION, Generated.SCHEMA_HASH);
    loaded = true;
  }

  private static boolean loadFromProperty(List<String> tried) {
    String folder = System.getProperty(PATH_PROPERTY);
    if (folder == null) {
      tried.add("the property " + PATH_PROPERTY + ", which is not set");
      return false;
    }
    return load(Path.of(folder, fileName()).toAbsolutePath(), "the property " + PATH_PROPERTY + ": ", tried);
  }

  private static boolean loadFromJar(List<String> tried) {
    String resource = "/natives/" + platform() + "/" + fileName();
    try (InputStream in = Native.class.getResourceAsStream(resource)) {
      if (in == null) {
        tried.add("the resource " + resource + ", which this jar does not have");
        return false;
      }
      Path copy = Files.createTempFile("cairn-", "-" + fileName());
      try {
        Files.copy(in, copy, StandardCopyOption.REPLACE_EXISTING);
        return load(copy, "the resource " + resource + ", copied to ", tried);
      } finally {
        // A loaded library needs its file no more where a system lets it go; elsewhere at the end.
        if (!deleted(copy)) copy.toFile().deleteOnExit();
      }
    } catch (IOException e) {
      tried.add("the resource " + resource + ", which could not be copied to "
          + System.getProperty("java.io.tmpdir") + ": " + e);
      return false;
    }
  }

  private static boolean deleted(Path file) {
    try {
      return Files.deleteIfExists(file);
    } catch (IOException e) {
      return false;
    }
  }

  private static boolean load(Path file, String what, List<String> tried) {
    try {
      System.load(file.toString());
      return true;
    } catch (UnsatisfiedLinkError e) {
      tried.add(what + file + ": " + e.getMessage());
      return false;
    }
  }

  private static UnsatisfiedLinkError notLoaded(List<String> tried) {
    return new UnsatisfiedLinkError("Cairn's native library for " + platform() + " was not found. Tried:\n  "
        + String.join("\n  ", tried) + "\nName a folder with " + fileName() + " in the property " + PATH_PROPERTY + ".");
  }

  static String platform() {
    String os = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    String arch = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
    String system = os.contains("mac") ? "macos" : os.contains("win") ? "windows" : "linux";
    String machine = switch (arch) {
      case "amd64", "x86_64", "x64" -> "x86_64";
      case "aarch64", "arm64" -> "aarch64";
      default -> arch;
    };
    return system + "-" + machine;
  }

  private static String fileName() {
    String os = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    // CMake's name of a module on both.
    return os.contains("win") ? "cairn_java.dll" : "libcairn_java.so";
  }

  // --- what the generated code calls ---

  /** Text of native code. */
  public static String text(byte[] utf8) {
    return new String(utf8, StandardCharsets.UTF_8);
  }

  /** A buffer of which native code reads all bytes: from the position to the limit. */
  public static ByteBuffer whole(ByteBuffer bytes) {
    if (bytes == null || !bytes.hasRemaining()) return null;
    if (bytes.isDirect()) return bytes.slice();
    return ByteBuffer.allocateDirect(bytes.remaining()).put(bytes.duplicate()).flip();
  }

  /** A name or a path; one that is no Unicode is an error, never changed silently. */
  public static byte[] utf8(String text) {
    try {
      ByteBuffer bytes = StandardCharsets.UTF_8.newEncoder().onMalformedInput(CodingErrorAction.REPORT)
          .encode(CharBuffer.wrap(text));
      byte[] array = new byte[bytes.remaining()];
      bytes.get(array);
      return array;
    } catch (CharacterCodingException e) {
      throw new CairnException(Status.INVALID_ARGUMENT, "a name has half of a surrogate pair: names are UTF-8", e);
    }
  }
}
