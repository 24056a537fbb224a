// Handles: used after close, closed while in use, opened and closed ten thousand times; several processes.
package dev.cairn;

import static dev.cairn.ValuesTest.map;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.management.ObjectName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.function.Executable;

@Timeout(300)
class LifecycleTest {
  @TempDir Path folder;

  private static void assertClosed(Executable call) {
    CairnException e = assertThrows(CairnException.class, call);
    assertEquals(Status.WRONG_STATE, e.status());
    assertTrue(e.getMessage().endsWith("is closed"), e.getMessage());
  }

  @Test
  void useAfterClose() {
    Database database = Database.open(folder.resolve("a.cairn"));
    Collection<Map<String, Object>> rows = database.collection("c", new CollectionOptions().key("id"));
    rows.put("k", map());
    Rows<Map<String, Object>> cursor = rows.load(Subset.all());
    cursor.close();
    assertClosed(cursor::next);
    assertClosed(cursor::head);
    Transaction<Map<String, Object>> transaction = rows.begin();
    transaction.commit();
    assertClosed(transaction::commit);
    assertClosed(() -> transaction.delete("k"));
    rows.close();
    rows.close();
    for (Executable call : List.<Executable>of(() -> rows.get("k"), () -> rows.put("k", map()), () -> rows.delete("k"),
        rows::info, rows::metadata, rows::begin, rows::list, rows::reset, () -> rows.removeIndex("i"),
        () -> rows.replica(new ReplicaOptions<>()), () -> rows.delta(new Position(0, 0, 0, 0)))) {
      assertClosed(call);
    }
    database.close();
    database.close();
    for (Executable call : List.<Executable>of(database::info, database::check, database::digest, database::flush,
        database::compact, database::interrupt, () -> database.drop("c"),
        () -> database.collection("c", new CollectionOptions()), () -> Coordinator.open(database))) {
      assertClosed(call);
    }
    assertEquals(0, Database.liveObjects());
  }

  @Test
  void closingADatabaseClosesWhatIsOpen() {
    Database database = Database.open(folder.resolve("a.cairn"));
    Collection<Map<String, Object>> rows = database.collection("c", new CollectionOptions().key("id"));
    rows.put("k", map());
    Rows<Map<String, Object>> cursor = rows.load(Subset.all());
    Transaction<Map<String, Object>> transaction = rows.begin();
    database.close();
    assertClosed(cursor::next);
    assertClosed(transaction::commit);
    assertClosed(rows::info);
    assertEquals(0, Database.liveObjects());
  }

  @Test
  void closingWhileOthersUseIt() throws Exception {
    ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();
    for (int round = 0; round < 50; round++) {
      Database database = Database.open(folder.resolve("a.cairn"));
      Collection<Map<String, Object>> rows = database.collection("c", new CollectionOptions().key("id"));
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        int name = i;
        Thread thread = new Thread(() -> {
          try {
            for (int k = 0; ; k++) {
              if (name == 0) rows.put("k" + k % 100, map("n", k));
              else if (name == 1) rows.list();
              else if (name == 2) rows.get("k1");
              else database.info();
            }
          } catch (CairnException e) {
            if (e.status() != Status.WRONG_STATE) failures.add(e);
          } catch (Throwable e) {
            failures.add(e);
          }
        });
        threads.add(thread);
        thread.start();
      }
      Thread.sleep(5);
      database.close();
      for (Thread thread : threads) thread.join();
    }
    assertEquals(List.of(), List.copyOf(failures));
    assertEquals(0, Database.liveObjects());
  }

  /**
   * Of the process, once malloc and the collector have given back what is free: the tests before leave gigabytes
   * of it. The collector does so with -XX:-ShrinkHeapInSteps, down to -Xms; the pom sets both.
   */
  private static long residentKiB() throws Exception {
    System.gc();
    ObjectName commands = new ObjectName("com.sun.management:type=DiagnosticCommand");
    ManagementFactory.getPlatformMBeanServer().invoke(commands, "systemTrimNativeHeap", null, null);
    try (Stream<String> lines = Files.lines(Path.of("/proc/self/status"))) {
      return lines.filter(line -> line.startsWith("VmRSS:")).mapToLong(line -> Long.parseLong(line.replaceAll("\\D", ""))).findFirst().orElseThrow();
    }
  }

  private static long openFiles() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("/proc/self/fd"))) {
      return files.count();
    }
  }

  private void cycle(Path path, int i) {
    try (Database database = Database.open(path);
        Collection<Map<String, Object>> rows = database.collection("c", new CollectionOptions().key("id"))) {
      rows.put(i % 10, map("n", i));
      assertEquals((long) i, rows.get(i % 10).orElseThrow().get("n"));
      rows.transact(transaction -> transaction.insert("k", map("n", i)));
      if (rows.list().isEmpty()) throw new AssertionError();
    }
  }

  @Test
  void tenThousandCycles() throws Exception {
    Path path = folder.resolve("a.cairn");
    for (int i = 0; i < 1000; i++) cycle(path, i);
    long resident = residentKiB();
    long files = openFiles();
    for (int i = 0; i < 10_000; i++) cycle(path, i);
    assertEquals(0, Database.liveObjects());
    assertTrue(openFiles() <= files + 2, "files stay open: " + files + ", then " + openFiles());
    // The virtual machine's own memory comes and goes; a leak of 4 KiB a cycle would be 40 MiB.
    long growth = residentKiB() - resident;
    assertTrue(growth < 32 << 10, "memory has grown by " + growth + " KiB");
  }

  @Test
  void hundredsOfReplicas() throws Exception {
    try (Database database = Database.open(folder.resolve("a.cairn"));
        Collection<Map<String, Object>> rows = database.collection("c", new CollectionOptions().key("id").local(true))) {
      for (int i = 0; i < 200; i++) {
        int n = i;
        try (Replica<Map<String, Object>> replica = rows.replica(new ReplicaOptions<>()).start()) {
          ReplicaTest.await(replica.mutate(m -> m.insert(map("id", n))));
        }
      }
      assertEquals(200, rows.info().rows());
    }
    assertEquals(0, Database.liveObjects());
    assertTrue(Thread.getAllStackTraces().keySet().stream().noneMatch(one -> one.getName().equals("cairn-coordinator")));
  }

  @Test
  void whatIsForgottenIsClosed() throws Exception {
    try (Database database = Database.open(folder.resolve("a.cairn"))) {
      Collection<Map<String, Object>> rows = database.collection("c", new CollectionOptions().key("id"));
      rows.put(1, map());
      long before = Database.liveObjects();
      for (int i = 0; i < 100; i++) rows.load(Subset.all());
      ReplicaTest.until(() -> {
        System.gc();
        return Database.liveObjects() <= before;
      });
    }
  }

  // --- processes ---

  /** A second process: writes rows into a file that this one has open. */
  public static final class Writer {
    public static void main(String[] arguments) {
      try (Database database = Database.open(Path.of(arguments[0]));
          Collection<Map<String, Object>> rows = database.collection("c", new CollectionOptions().key("id").local(true));
          Coordinator coordinator = Coordinator.open(database);
          Replica<Map<String, Object>> replica = rows.replica(new ReplicaOptions<Map<String, Object>>().coordinator(coordinator)).start()) {
        for (int i = 0; i < 100; i++) {
          int n = i;
          replica.mutate(m -> m.insert(map("id", "theirs" + n))).join();
        }
        ReplicaTest.until(() -> replica.size() == 200);
        System.out.println("saw " + replica.size());
      }
    }
  }

  @Test
  void aFileInUseByTwoProcesses() throws Exception {
    Path path = folder.resolve("a.cairn");
    try (Database database = Database.open(path);
        Collection<Map<String, Object>> rows = database.collection("c", new CollectionOptions().key("id").local(true));
        Coordinator coordinator = Coordinator.open(database);
        Replica<Map<String, Object>> replica = rows.replica(new ReplicaOptions<Map<String, Object>>().coordinator(coordinator)).start()) {
      Process other = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp",
          System.getProperty("java.class.path"), Writer.class.getName(), path.toString()).redirectErrorStream(true).start();
      for (int i = 0; i < 100; i++) {
        int n = i;
        replica.mutate(m -> m.insert(map("id", "mine" + n))).get(20, TimeUnit.SECONDS);
      }
      ReplicaTest.until(() -> replica.size() == 200);
      String output = new String(other.getInputStream().readAllBytes());
      assertEquals(0, other.waitFor(), output);
      assertEquals("saw 200\n", output);
      assertTrue(database.check().isOk());
    }
  }
}
