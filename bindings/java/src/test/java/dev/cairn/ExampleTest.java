// The example of the README stands there word for word, and prints what is said there.
package dev.cairn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExampleTest {
  @TempDir Path folder;

  @Test
  void printsWhatTheReadmeSays() throws Exception {
    String readme = Files.readString(Path.of("README.md"));
    String code = Files.readString(Path.of("examples/dev/cairn/examples/Todos.java"));
    assertTrue(readme.contains("```java\n" + code.substring(code.indexOf("package ")) + "```"), "the code is not the README's");

    PrintStream before = System.out;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
    try {
      dev.cairn.examples.Todos.main(new String[] {folder.resolve("todos.cairn").toString()});
    } finally {
      System.setOut(before);
    }
    String output = printed.toString(StandardCharsets.UTF_8);
    assertEquals("buy milk\nbake bread by 2026-05-02T08:00:00Z\nbuy milk by 2026-05-01T08:00:00Z\nmilk is done: true\n", output);
    assertTrue(readme.contains("```\n" + output + "```"), "the output is not the README's");
  }
}
