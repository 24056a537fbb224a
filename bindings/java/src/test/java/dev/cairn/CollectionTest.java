// Databases and collections: transactions, subsets, deltas, indexes, metadata, errors, upkeep.
package dev.cairn;

import static dev.cairn.Expr.field;
import static dev.cairn.ValuesTest.map;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CollectionTest {
  @TempDir Path folder;
  private Database database;
  private Collection<Map<String, Object>> rows;

  @BeforeEach
  void open() {
    database = Database.open(folder.resolve("a.cairn"));
    rows = database.collection("c", new CollectionOptions().key("id"));
  }

  @AfterEach
  void close() {
    database.close();
    assertEquals(0, Database.liveObjects());
  }

  private void fill(int count) {
    rows.transact(transaction -> {
      for (int i = 0; i < count; i++) transaction.insert(map("id", i, "n", i % 10, "name", "row " + i));
    });
  }

  @Test
  void aTransactionIsWholeOrNothing() {
    CommitResult done = rows.transact(new TransactionOptions().reportKeys(true).metadata("cursor", 7), transaction -> {
      transaction.insert(map("id", "a", "n", 1)).insert(map("id", "b", "n", 2));
      transaction.update("a", map("m", 3)).delete("b");
    });
    assertEquals(CommitResult.Outcome.APPLIED, done.outcome());
    assertEquals(map("id", "a", "n", 1L, "m", 3L), rows.get("a").orElseThrow());
    assertTrue(rows.get("b").isEmpty());
    assertEquals(map("cursor", 7L), rows.metadata());

    assertThrows(IllegalStateException.class, () -> rows.transact(transaction -> {
      transaction.insert(map("id", "z"));
      throw new IllegalStateException("in the midst");
    }));
    try (Transaction<Map<String, Object>> left = rows.begin()) {
      left.insert(map("id", "y"));
    }
    assertEquals(1, rows.info().rows());
  }

  @Test
  void subsets() {
    fill(100);
    assertEquals(10, rows.list(Subset.where(field("n").eq(3))).size());
    List<Map<String, Object>> page = rows.list(Subset.where(field("n").gte(5).and(field("name").like("row 9%")))
        .orderBy(field("n").desc(), field("id").asc()).offset(1).limit(3));
    assertEquals(List.of(99L, 98L, 97L), page.stream().map(row -> row.get("id")).toList());
    assertEquals(2, rows.list(Subset.keys(List.of(1, 2, 1000))).size());
    assertEquals(3, rows.list(Subset.where(field("id").in(1, 2, 3))).size());
    assertEquals(99, rows.list(Subset.where(field("id").ne(0))).size());
    assertEquals(0, rows.list(Subset.where(field("none").isUndefined().and(field("n").gt(9)))).size());
    assertEquals(List.of(4L, 5L), rows.list(Subset.all().orderBy(field("id").asc()).after(List.of(3), 3).limit(2))
        .stream().map(row -> row.get("id")).toList());
  }

  @Test
  void rowsComeInBatches() {
    fill(1000);
    List<Integer> sizes = new ArrayList<>();
    try (Rows<Map<String, Object>> cursor = rows.load(Subset.all(), new LoadOptions().batchRows(300).versions(true))) {
      assertEquals(1, cursor.head().position().rowVersion());
      for (List<Row<Map<String, Object>>> batch : cursor) {
        sizes.add(batch.size());
        assertEquals(1, batch.get(0).version());
      }
      assertTrue(cursor.explain().contains("rows_read"));
    }
    assertEquals(List.of(300, 300, 300, 100), sizes);
    try (Rows<Map<String, Object>> cursor = rows.load(Subset.all(), new LoadOptions().fields("n"))) {
      assertEquals(map("n", 0L), cursor.stream().findFirst().orElseThrow().value());
    }
  }

  @Test
  void deltasAndRowMetadata() {
    fill(3);
    Position before = rows.info().position();
    rows.transact(transaction -> transaction.delete(0).insert(7, map("id", 7), "why").setRowMetadata(1, map("e", 1)));
    try (Rows<Map<String, Object>> delta = rows.delta(before)) {
      assertFalse(delta.head().isReload());
      Map<Object, Row<Map<String, Object>>> seen = new java.util.HashMap<>();
      delta.stream().forEach(row -> seen.put(row.key(), row));
      assertTrue(seen.get(0L).isDeleted());
      assertEquals("why", seen.get(7L).metadata());
      assertEquals(map("e", 1L), seen.get(1L).metadata());
    }
    rows.reset();
    try (Rows<Map<String, Object>> delta = rows.delta(before)) {
      assertTrue(delta.head().isReload());
    }
  }

  @Test
  void indexes() {
    fill(100);
    IndexInfo made = rows.ensureIndex("n", field("n"));
    assertTrue(made.isReady());
    assertEquals(100, made.entries());
    try (Rows<Map<String, Object>> cursor = rows.load(Subset.where(field("n").eq(3)))) {
      assertEquals(10, cursor.toList().size());
      assertTrue(cursor.explain().contains("\"Index\""), cursor.explain());
    }
    assertEquals(List.of("n"), rows.info().indexes().stream().map(IndexInfo::signature).toList());
    assertTrue(rows.removeIndex("n"));
    assertFalse(rows.removeIndex("n"));
  }

  @Test
  void reconcileWritesWhatDiffers() {
    fill(3);
    CommitResult done = rows.transact(new TransactionOptions().reconcile(),
        transaction -> transaction.insert(map("id", 0, "n", 0, "name", "row 0")).insert(map("id", 9)));
    assertEquals(List.of(1L, 2L, 1L), List.of(done.inserted(), done.deleted(), done.unchanged()));
  }

  @Test
  void errorsSayWhat() {
    CairnException e = assertThrows(CairnException.class, () -> Database.open(folder.resolve("none/a.cairn")));
    assertEquals(Status.CANNOT_OPEN, e.status());
    assertEquals("CAIRN_CANNOT_OPEN", e.codeName());
    assertEquals(308, e.code());
    assertTrue(e.getMessage().contains("none"), e.getMessage());
    assertFalse(e.isRetryable());
    assertTrue(e.sqliteCode() != 0);

    rows.close();
    database.collection("v", new CollectionOptions().schemaVersion(1).local(true)).close();
    assertEquals(Status.SCHEMA_MISMATCH, assertThrows(CairnException.class,
        () -> database.collection("v", new CollectionOptions().schemaVersion(2).local(true))).status());
    assertEquals(Status.INVALID_ARGUMENT, assertThrows(CairnException.class,
        () -> database.collection("half\ud800", new CollectionOptions())).status());
    assertEquals(Status.INVALID_ARGUMENT, assertThrows(CairnException.class,
        () -> database.collection("", new CollectionOptions())).status());
  }

  @Test
  void aBusyDatabaseIsRetryable() {
    try (Transaction<Map<String, Object>> held = rows.begin();
        Database other = Database.open(folder.resolve("a.cairn"), new DatabaseOptions().busyTimeout(Duration.ofMillis(10)));
        Collection<Map<String, Object>> same = other.collection("c", new CollectionOptions())) {
      CairnException e = assertThrows(CairnException.class, () -> same.put("k", map()));
      assertEquals(Status.BUSY, e.status());
      assertTrue(e.isRetryable());
    }
  }

  @Test
  void durability() throws Exception {
    CommitResult handed = rows.transact(transaction -> transaction.insert(map("id", 1)));
    assertEquals(Durability.OS, handed.durability());
    database.durable(handed).get();
    CommitResult synced = rows.transactAsync(transaction -> transaction.insert(map("id", 2))).get();
    assertEquals(Durability.DISK, synced.durability());
    assertTrue(assertThrows(java.util.concurrent.ExecutionException.class, () -> rows.transactAsync(transaction -> {
      throw new IllegalArgumentException("no");
    }).get()).getCause() instanceof IllegalArgumentException);
  }

  @Test
  void upkeep() throws Exception {
    fill(100);
    assertTrue(database.check().isOk());
    assertEquals(100, database.info().collections().get(0).rows());
    String digest = database.digest().digest();
    database.compact();
    database.maintain(Duration.ofMillis(10));
    database.prepareForSuspend();
    assertEquals(100, database.backup(folder.resolve("b.cairn")).rows());
    assertTrue(database.drop("c"));
    assertFalse(database.drop("c"));
    assertEquals(Status.DROPPED, assertThrows(CairnException.class, rows::info).status());
    Database.restore(folder.resolve("b.cairn"), folder.resolve("c.cairn"));
    try (Database restored = Database.open(folder.resolve("c.cairn"))) {
      assertEquals(digest, restored.digest().digest());
    }
    Report.Salvage salvaged = Database.salvage(folder.resolve("c.cairn"), folder.resolve("d.cairn"));
    assertTrue(salvaged.isComplete());
    assertEquals(100, salvaged.rows());
    assertTrue(Files.exists(folder.resolve("d.cairn")));
    assertFalse(Database.version().isEmpty());
  }

  @Test
  void largeTransactions() {
    String text = "x".repeat(1 << 20);
    rows.transact(transaction -> {
      for (int i = 0; i < 100; i++) transaction.insert(map("id", i, "text", text + i));
    });
    assertEquals(100, rows.info().rows());
    assertEquals(text + 99, rows.get(99).orElseThrow().get("text"));
    assertEquals(Status.TOO_LARGE, assertThrows(CairnException.class,
        () -> rows.put("k", map("text", "x".repeat(17 << 20)))).status());
  }
}
