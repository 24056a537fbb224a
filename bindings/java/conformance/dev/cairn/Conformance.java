// Runs the conformance corpus over the generated binding and its codecs; tests/conformance/README.md says how
// it is called. One thread.
package dev.cairn;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

public final class Conformance {
  private Conformance() {}

  private static boolean passes(Corpus corpus, JsonNode steps, Path main) throws Exception {
    Path folder = Files.createTempDirectory("cairn-conformance");
    try {
      new Scenario(corpus, folder, main).run(steps);
      return true;
    } catch (Exception e) {
      System.out.println("  " + e.getMessage());
      return false;
    } finally {
      try (var files = Files.walk(folder)) {
        files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
      }
    }
  }

  private static boolean area(Corpus corpus, Path path) throws Exception {
    String area = path.getFileName().toString().replace(".json", "");
    int[] counts = new int[2];
    for (JsonNode scenario : Corpus.parse(Files.readString(path)).get("scenarios")) {
      boolean isGood = passes(corpus, scenario.get("steps"), null);
      if (!isGood) System.out.println("FAILED " + area + ": " + scenario.get("name").asText());
      counts[isGood ? 0 : 1]++;
    }
    System.out.println(area + " passed " + counts[0] + " failed " + counts[1]);
    return counts[1] == 0 && counts[0] > 0;
  }

  /** Arguments: the corpus's folder, a mode, files. */
  public static boolean main(Corpus corpus, String[] arguments) throws Exception {
    Path folder = Path.of(arguments[0]);
    String mode = arguments[1];
    List<Path> paths = new ArrayList<>();
    for (int i = 2; i < arguments.length; i++) paths.add(Path.of(arguments[i]));
    if (mode.equals("scenarios") && paths.isEmpty()) {
      try (var files = Files.list(folder.resolve("scenarios"))) {
        paths.addAll(files.sorted().toList());
      }
    }
    boolean isGood = !paths.isEmpty();
    for (Path path : paths) {
      if (mode.equals("scenarios")) {
        isGood &= area(corpus, path);
        continue;
      }
      boolean passes = passes(corpus, Corpus.parse(Files.readString(folder.resolve("files.json"))).get(mode), path);
      System.out.println(path + (passes ? " passed" : " failed"));
      isGood &= passes;
    }
    return isGood;
  }

  public static void main(String[] arguments) throws Exception {
    System.exit(main(new Corpus(), arguments) ? 0 : 1);
  }
}
