// What is generated fits the library, every status has its name, and a library that cannot be loaded says what
// was tried.
package dev.cairn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.internal.Generated;
import dev.cairn.internal.Native;
import dev.cairn.jni.CairnJni;
import dev.cairn.jni.CairnJniConstants;
import java.io.File;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativeTest {
  @TempDir Path folder;

  @Test
  void theLibraryIsTheOneThatThisWasMadeFor() {
    assertEquals(Generated.ABI_VERSION, CairnJni.cairn_abi_version());
    assertEquals(Generated.SCHEMA_HASH, CairnJni.cairn_schema_hash());
    assertEquals(Status.VERSION_SKEW, assertThrows(CairnException.class,
        () -> CairnJni.cairn_check_version(Generated.ABI_VERSION, Generated.SCHEMA_HASH + 1)).status());
  }

  @Test
  void everyStatusHasItsName() throws Exception {
    int count = 0;
    for (Field field : CairnJniConstants.class.getFields()) {
      if (field.getType() != int.class) continue;
      Status status = Status.of(field.getInt(null));
      assertEquals(field.getName(), status.codeName());
      assertEquals(field.getName(), CairnJni.cairn_status_name(status.code()));
      count++;
    }
    assertEquals(Status.values().length - 1, count);
  }

  /** A program that does nothing but load. */
  public static final class Loader {
    public static void main(String[] arguments) {
      try {
        System.out.println(Database.version());
      } catch (Throwable e) {
        System.out.println(e instanceof ExceptionInInitializerError ? e.getCause() : e);
      }
    }
  }

  private static String load(String classPath, String... options) throws Exception {
    List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
    command.addAll(Arrays.asList(options));
    command.addAll(List.of("-cp", classPath, Loader.class.getName()));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes());
    process.waitFor();
    return output;
  }

  private Path classesWithoutLibrary() throws Exception {
    Path copy = folder.resolve("classes");
    Path classes = Path.of("target/classes");
    try (var files = Files.walk(classes)) {
      for (Path file : files.filter(one -> !one.startsWith(classes.resolve("natives"))).toList()) {
        Path to = copy.resolve(classes.relativize(file).toString());
        if (Files.isDirectory(file)) Files.createDirectories(to);
        else Files.copy(file, to);
      }
    }
    return copy;
  }

  @Test
  void aLibraryThatIsNotThereSaysWhatWasTried() throws Exception {
    String rest = System.getProperty("java.class.path").replace(Path.of("target/classes").toAbsolutePath().toString(),
        classesWithoutLibrary().toString());
    String output = load(rest, "-D" + Native.PATH_PROPERTY + "=/nowhere");
    assertTrue(output.contains("UnsatisfiedLinkError"), output);
    assertTrue(output.contains("/nowhere"), output);
    assertTrue(output.contains("/natives/" + "linux-"), output);
  }

  @Test
  void aFolderCanBeNamed() throws Exception {
    Path natives = Files.walk(Path.of("target/classes/natives")).filter(one -> one.toString().endsWith(".so")).findFirst().orElseThrow();
    String all = System.getProperty("java.class.path");
    assertEquals(Database.version() + "\n", load(all, "-D" + Native.PATH_PROPERTY + "=" + natives.getParent()));
  }

  @Test
  void nothingIsLeftInTheTemporaryFolder() throws Exception {
    String output = load(System.getProperty("java.class.path"), "-Djava.io.tmpdir=" + folder);
    assertEquals(Database.version() + "\n", output);
    assertEquals(0, new File(folder.toString()).list().length);
  }

  @Test
  void theLibraryExportsNothingElse() throws Exception {
    Path library = Files.walk(Path.of("target/classes/natives")).filter(one -> one.toString().endsWith(".so")).findFirst().orElseThrow();
    Process process = new ProcessBuilder("nm", "-D", "--defined-only", library.toString()).redirectErrorStream(true).start();
    List<String> others = new String(process.getInputStream().readAllBytes()).lines()
        .filter(line -> !line.contains(" Java_dev_cairn_jni_")).toList();
    assertEquals(List.of(), others);
  }
}
