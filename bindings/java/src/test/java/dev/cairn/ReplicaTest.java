// Replicas: local-only and synced collections, sources and their failures, subsets, several instances.
package dev.cairn;

import static dev.cairn.Expr.field;
import static dev.cairn.ValuesTest.map;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ReplicaTest {
  record Todo(String id, String text, int n) {}

  @TempDir Path folder;
  private Database database;

  @BeforeEach
  void open() {
    database = Database.open(folder.resolve("a.cairn"));
  }

  @AfterEach
  void close() {
    database.close();
    until(() -> Database.liveObjects() == 0);
  }

  static void until(BooleanSupplier condition) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() < end, "it did not come to that");
      try {
        Thread.sleep(2);
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  static void await(CompletableFuture<?> future) {
    try {
      future.get(20, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  static Throwable failure(CompletableFuture<?> future) {
    return assertThrows(ExecutionException.class, () -> future.get(20, TimeUnit.SECONDS)).getCause();
  }

  private Collection<Todo> todos(boolean local) {
    return database.collection("todos", Todo.class, new CollectionOptions().key("id").local(local));
  }

  // --- local-only ---

  @Test
  void localMutations() {
    try (Collection<Todo> todos = todos(true); Replica<Todo> replica = todos.replica(new ReplicaOptions<>()).start();
        ChangeStream<Todo> changes = replica.changes()) {
      await(replica.ready());
      CompletableFuture<Void> done = replica.mutate(m -> m.insert(new Todo("a", "one", 1)).insert(new Todo("b", "two", 2)));
      assertEquals(2, replica.size()); // before it is durable
      await(done);
      await(replica.mutate(m -> m.update("a", one -> new Todo("a", "eins", one.n())).update("b", Map.of("n", 3)).delete("b")));
      assertEquals(Map.of("a", new Todo("a", "eins", 1)), replica.snapshot());
      assertEquals("eins", todos.get("a").orElseThrow().text());
      List<String> seen = new ArrayList<>();
      for (List<Change<Todo>> some; (some = changes.poll()) != null; ) {
        for (Change<Todo> one : some) seen.add(one.key() + ":" + (one.isDeleted() ? null : one.value().text()));
      }
      assertEquals(List.of("a:one", "b:two", "a:eins", "b:null"), seen);
    }
  }

  @Test
  void aMutationThatFailsChangesNothing() {
    try (Replica<Todo> replica = todos(true).replica(new ReplicaOptions<>()).start()) {
      await(replica.ready());
      assertThrows(CairnException.class, () -> replica.mutate(m -> m.insert(new Todo("a", "x", 1)).update("none", Map.of())));
      assertThrows(IllegalStateException.class, () -> replica.mutate(m -> {
        throw new IllegalStateException("mine");
      }));
      assertEquals(0, replica.size());
    }
  }

  @Test
  void aRejectedMutationIsTakenBack() throws Exception {
    try (Collection<Todo> todos = todos(true); Replica<Todo> replica = todos.replica(new ReplicaOptions<>()).start()) {
      await(replica.ready());
      database.drop("todos");
      CompletableFuture<Void> done = replica.mutate(m -> m.insert(new Todo("a", "x", 1)));
      assertEquals(Status.DROPPED, ((CairnException) failure(done)).status());
      assertEquals(0, replica.size());
    }
  }

  @Test
  void whatAnotherHandleWritesIsSeen() {
    try (Collection<Todo> todos = todos(true); Replica<Todo> replica = todos.replica(new ReplicaOptions<>()).start()) {
      await(replica.ready());
      todos.put(new Todo("z", "elsewhere", 1));
      until(() -> replica.get("z").isPresent());
      todos.delete("z");
      until(() -> replica.get("z").isEmpty());
    }
  }

  // --- synced ---

  /** Writes what a test tells it to. */
  static final class Scripted implements Source<Todo> {
    final List<SourceSession<Todo>> sessions = new java.util.concurrent.CopyOnWriteArrayList<>();
    final ConcurrentLinkedQueue<Subset> asked = new ConcurrentLinkedQueue<>();
    final ConcurrentLinkedQueue<Subset> letGo = new ConcurrentLinkedQueue<>();
    volatile int stops;

    @Override
    public void start(SourceSession<Todo> session) {
      sessions.add(session);
    }

    @Override
    public CompletionStage<?> loadSubset(SourceSession<Todo> session, Subset subset) {
      asked.add(subset);
      return session.begin().write(new Todo("r" + asked.size(), "remote", 5)).commit();
    }

    @Override
    public void unloadSubset(SourceSession<Todo> session, Subset subset) {
      letGo.add(subset);
    }

    @Override
    public void stop() {
      stops++;
    }

    SourceSession<Todo> session() {
      until(() -> !sessions.isEmpty());
      return sessions.get(sessions.size() - 1);
    }
  }

  @Test
  void aSourceWritesAndResumes() {
    Scripted source = new Scripted();
    try (Collection<Todo> todos = todos(false); Replica<Todo> replica = todos.replica(new ReplicaOptions<Todo>().source(source)).start()) {
      SourceSession<Todo> session = source.session();
      assertTrue(session.metadata().isEmpty());
      CompletableFuture<Void> saved = session.begin().write(new Todo("a", "one", 1)).write("b", new Todo("b", "two", 2), map("v", 1))
          .metadata("cursor", "x1").commit();
      assertEquals(2, replica.size()); // at once
      assertEquals(map("v", 1L), replica.rowMetadata("b"));
      await(saved);
      assertFalse(replica.ready().isDone());
      session.ready();
      await(replica.ready());
      await(session.begin().update("a", Map.of("text", "uno")).delete("b").commit());
      assertEquals(Map.of("a", new Todo("a", "uno", 1)), replica.snapshot());
      await(session.begin().write(new Todo("c", "x", 1)).truncate().write(new Todo("d", "four", 4)).metadata("cursor", "x2").commit());
      assertEquals(Set.of("d"), replica.snapshot().keySet());
      assertTrue(replica.isLeader());
    }
    assertEquals(1, source.sessions.size());
    until(() -> source.stops == 1);

    Scripted again = new Scripted();
    try (Collection<Todo> todos = todos(false); Replica<Todo> replica = todos.replica(new ReplicaOptions<Todo>().source(again)).start()) {
      await(replica.ready()); // from the disk, before the source says anything
      assertEquals(Map.of("d", new Todo("d", "four", 4)), replica.snapshot());
      assertEquals(Map.of("cursor", "x2"), again.session().metadata());
    }
  }

  @Test
  void whatASourceThrowsReachesTheCaller() {
    IllegalStateException mine = new IllegalStateException("no network");
    Source<Todo> source = session -> {
      throw mine;
    };
    try (Replica<Todo> replica = todos(false).replica(new ReplicaOptions<Todo>().source(source)).start()) {
      Throwable failure = failure(replica.ready());
      assertSame(mine, failure.getCause());
      assertTrue(failure.getMessage().contains("no network"));
      assertSame(mine, replica.state().error().getCause());
    }
  }

  @Test
  void aSourceThatFailsLaterIsSeen() {
    Scripted source = new Scripted();
    try (Replica<Todo> replica = todos(false).replica(new ReplicaOptions<Todo>().source(source)).start()) {
      await(source.session().begin().write(new Todo("a", "one", 1)).commit());
      source.session().ready();
      await(replica.ready());
      IllegalStateException mine = new IllegalStateException("cut off");
      source.session().error(mine);
      assertSame(mine, replica.state().error().getCause());
      assertEquals(1, replica.size());
    }
  }

  @Test
  void whatASourceCannotKeepIsItsOwnException() {
    try (Collection<Map<String, Object>> rows = database.collection("m", new CollectionOptions().key("id"))) {
      CompletableFuture<Throwable> thrown = new CompletableFuture<>();
      Source<Map<String, Object>> source = session -> {
        SourceSession<Map<String, Object>>.Transaction transaction = session.begin();
        thrown.complete(assertThrows(CairnException.class, () -> transaction.write(map("id", 1, "v", new Object()))));
        assertThrows(CairnException.class, () -> session.begin().metadata("m", new Object()).commit());
        session.begin().write(map("id", 2)).commit();
        session.ready();
      };
      try (Replica<Map<String, Object>> replica = rows.replica(new ReplicaOptions<Map<String, Object>>().source(source)).start()) {
        await(replica.ready());
        assertTrue(thrown.join().getMessage().contains("row 1: v"), thrown.join().getMessage());
        assertEquals(Set.of(2L), replica.snapshot().keySet());
      }
    }
  }

  @Test
  void aSyncedCollectionTakesNoLocalMutations() {
    try (Replica<Todo> replica = todos(false).replica(new ReplicaOptions<Todo>().source(new Scripted())).start()) {
      Throwable failure = failure(replica.mutate(m -> m.insert(new Todo("a", "x", 1))));
      assertEquals(Status.WRONG_STATE, ((CairnException) failure).status());
      assertEquals(0, replica.size());
    }
  }

  @Test
  void subsetsOnDemand() {
    Scripted source = new Scripted();
    try (Collection<Todo> todos = todos(false)) {
      todos.transact(t -> {
        for (int i = 0; i < 100; i++) t.insert(new Todo("k" + i, "disk", i));
      });
      try (Replica<Todo> replica = todos.replica(new ReplicaOptions<Todo>().source(source).onDemand(true)).start()) {
        await(replica.ready());
        assertEquals(0, replica.size());
        LoadedSubset loaded = replica.load(Subset.where(field("n").lt(10)).orderBy(field("n").asc()));
        await(loaded.ready());
        assertEquals(11, replica.size());
        assertEquals(1, source.asked.size());
        loaded.close();
        // What the source has written stays.
        until(() -> replica.size() == 1);
        until(() -> source.letGo.size() == 1);
      }
    }
  }

  @Test
  void aSubsetThatTheSourceCannotBringFails() {
    IllegalStateException mine = new IllegalStateException("no such page");
    Source<Todo> source = new Source<>() {
      @Override
      public void start(SourceSession<Todo> session) {
        session.ready();
      }

      @Override
      public CompletionStage<?> loadSubset(SourceSession<Todo> session, Subset subset) {
        throw mine;
      }
    };
    try (Replica<Todo> replica = todos(false).replica(new ReplicaOptions<Todo>().source(source).onDemand(true)).start()) {
      LoadedSubset loaded = replica.load(Subset.all());
      assertSame(mine, failure(loaded.ready()));
      await(loaded.hydrated());
    }
  }

  @Test
  void aResetStartsTheSourceAnew() {
    Scripted source = new Scripted();
    try (Collection<Todo> todos = todos(false); Replica<Todo> replica = todos.replica(new ReplicaOptions<Todo>().source(source)).start()) {
      await(source.session().begin().write(new Todo("a", "one", 1)).metadata("cursor", 1).commit());
      SourceSession<Todo> first = source.session();
      todos.reset();
      until(() -> source.sessions.size() == 2);
      assertTrue(first.isEnded());
      assertTrue(source.session().metadata().isEmpty());
      assertEquals(1, source.stops);
      until(() -> replica.size() == 0);
    }
  }

  // --- several instances ---

  @org.junit.jupiter.api.RepeatedTest(3)
  void twoInstancesOfOneFile() {
    Scripted first = new Scripted();
    Scripted second = new Scripted();
    try (Database other = Database.open(folder.resolve("a.cairn"));
        Coordinator here = Coordinator.open(database);
        Coordinator there = Coordinator.open(other);
        Collection<Todo> mine = todos(false);
        Collection<Todo> theirs = other.collection("todos", Todo.class, new CollectionOptions().key("id"));
        Replica<Todo> one = mine.replica(new ReplicaOptions<Todo>().source(first).coordinator(here)).start()) {
      until(one::isLeader);
      try (Replica<Todo> two = theirs.replica(new ReplicaOptions<Todo>().source(second).coordinator(there)).start()) {
        await(first.session().begin().write(new Todo("a", "one", 1)).commit());
        until(() -> two.get("a").isPresent());
        assertFalse(two.isLeader());
        one.close();
        until(two::isLeader);
        // Its source may have to begin anew from what the other one has written.
        until(() -> {
          CompletableFuture<Void> saved = second.session().begin().write(new Todo("b", "two", 2)).commit();
          return saved.handle((nothing, e) -> e == null).join();
        });
        assertEquals(2, theirs.info().rows());
      }
    }
  }

  @Test
  void oneCoordinatorServesManyReplicas() {
    try (Coordinator coordinator = Coordinator.open(database, "me")) {
      List<Replica<Map<String, Object>>> replicas = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        Collection<Map<String, Object>> rows = database.collection("c" + i, new CollectionOptions().key("id").local(true));
        replicas.add(rows.replica(new ReplicaOptions<Map<String, Object>>().coordinator(coordinator)).start());
      }
      for (Replica<Map<String, Object>> one : replicas) await(one.mutate(m -> m.insert(map("id", 1))));
      for (Replica<Map<String, Object>> one : replicas) assertEquals(1, one.size());
    }
  }

  // --- ends ---

  @Test
  void afterItsEnd() throws Exception {
    Replica<Todo> replica = todos(true).replica(new ReplicaOptions<>()).start();
    ChangeStream<Todo> changes = replica.changes();
    await(replica.ready());
    replica.close();
    replica.close();
    assertEquals(Status.WRONG_STATE, assertThrows(CairnException.class, () -> replica.mutate(m -> m.delete("a"))).status());
    assertThrows(CairnException.class, () -> replica.load(Subset.all()));
    replica.retry();
    assertFalse(changes.iterator().hasNext());
    assertEquals(null, changes.poll(Duration.ofSeconds(1)));
    assertTrue(changes.isEnded());
    assertTrue(replica.changes().isEnded());
  }

  @Test
  void aDatabaseThatIsClosedEndsItsReplicas() {
    Replica<Todo> replica = todos(true).replica(new ReplicaOptions<>()).start();
    ChangeStream<Todo> changes = replica.changes();
    await(replica.ready());
    database.close();
    until(changes::isEnded);
    assertThrows(CairnException.class, () -> replica.mutate(m -> m.insert(new Todo("a", "", 1))));
    replica.close();
  }

  @Test
  void manyThreadsMutateWhileItIsClosed() throws Exception {
    for (int round = 0; round < 10; round++) {
      Replica<Todo> replica = todos(true).replica(new ReplicaOptions<>()).start();
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        int name = i;
        Thread thread = new Thread(() -> {
          try {
            for (int k = 0; k < 10000; k++) replica.mutate(m -> m.insert(new Todo("t" + name, "x", 1)));
          } catch (CairnException e) {
            assertEquals(Status.WRONG_STATE, e.status());
          }
        });
        threads.add(thread);
        thread.start();
      }
      Thread.sleep(10);
      replica.close();
      for (Thread thread : threads) thread.join();
    }
  }
}
