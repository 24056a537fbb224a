// Every kind of value comes back as it was: alone, in a row batch, in columns of one kind and of many.
package dev.cairn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ValuesTest {
  private Database database;
  private Collection<Map<String, Object>> rows;

  @BeforeEach
  void open() {
    database = Database.inMemory();
    rows = database.collection("c", new CollectionOptions().key("id"));
  }

  @AfterEach
  void close() {
    database.close();
    assertEquals(0, Database.liveObjects());
  }

  static Map<String, Object> map(Object... parts) {
    Map<String, Object> out = new LinkedHashMap<>();
    for (int i = 0; i < parts.length; i += 2) out.put((String) parts[i], parts[i + 1]);
    return out;
  }

  private static final List<Object> VALUES = Arrays.asList(null, true, false, 0L, 1L, 31L, 32L, -1L, 127L, -128L, 255L,
      32768L, -8388608L, 2147483647L, -2147483648L, 2147483648L, 1L << 47, -(1L << 47), (1L << 53) - 1, 1L << 53,
      -(1L << 53), 0.5, -0.0, 1e300, 1.1, Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, Double.MIN_VALUE,
      BigInteger.ZERO, BigInteger.ONE.shiftLeft(53).add(BigInteger.ONE), BigInteger.ONE.shiftLeft(200).negate(), "", "a",
      "x".repeat(95), "x".repeat(96), "Zürich", "東京", "🚀", "\ud800", "a\udc00b", "\udc00\ud800", "\u0000",
      Instant.ofEpochMilli(0), Instant.ofEpochMilli(-1), Instant.ofEpochMilli(8640000000000000L),
      Instant.ofEpochMilli(-8640000000000000L), List.of(), List.of(1L, "a", List.of()), map(), map("a", map("b", null)),
      map("", 1L, "é", 2L, "\ud800", 3L));

  @Test
  void eachAlone() {
    for (Object value : VALUES) {
      rows.put("k", map("v", value));
      assertEquals(map("v", value), rows.get("k").orElseThrow());
    }
  }

  @Test
  void eachInAColumnOfItsOwn() {
    for (Object value : VALUES) {
      rows.reset();
      rows.transact(transaction -> {
        for (int i = 0; i < 20; i++) transaction.insert(i, map("v", i % 3 == 0 ? null : value));
      });
      List<Map<String, Object>> read = rows.list();
      for (int i = 0; i < 20; i++) assertEquals(map("v", i % 3 == 0 ? null : value), read.get(i));
    }
  }

  @Test
  void allInOneColumn() {
    rows.transact(transaction -> {
      for (int i = 0; i < VALUES.size(); i++) transaction.insert(i, map("v", VALUES.get(i)));
    });
    List<Map<String, Object>> read = rows.list();
    for (int i = 0; i < VALUES.size(); i++) assertEquals(map("v", VALUES.get(i)), read.get(i));
  }

  @Test
  void bytes() {
    byte[] many = {0, 1, -1, 127, -128};
    rows.put("a", map("v", many, "w", ByteBuffer.wrap(many), "x", new byte[0]));
    rows.transact(transaction -> transaction.insert("b", map("v", many, "w", null, "x", new byte[0])));
    for (Map<String, Object> row : rows.list()) {
      assertArrayEquals(many, (byte[]) row.get("v"));
      assertArrayEquals(new byte[0], (byte[]) row.get("x"));
    }
    assertArrayEquals(many, (byte[]) rows.get("a").orElseThrow().get("w"));
  }

  @Test
  void manyShapes() {
    List<Map<String, Object>> all = new ArrayList<>();
    for (int i = 0; i < 1000; i++) all.add(map("id", i, "f" + i % 300, i, "g", map("h" + i % 7, List.of(map("i", (long) i)))));
    rows.transact(transaction -> all.forEach(transaction::insert));
    List<Map<String, Object>> read = rows.list();
    for (int i = 0; i < 1000; i++) {
      assertEquals((long) i, read.get(i).get("f" + i % 300));
      assertEquals(map("h" + i % 7, List.of(map("i", (long) i))), read.get(i).get("g"));
    }
  }

  @Test
  void numbersOfJava() {
    rows.put("k", map("a", 1, "b", (short) 2, "c", (byte) 3, "d", 1.5f, "e", 2.0, "f", Long.MAX_VALUE, "g", 'x'));
    assertEquals(map("a", 1L, "b", 2L, "c", 3L, "d", 1.5, "e", 2L, "f", BigInteger.valueOf(Long.MAX_VALUE), "g", "x"),
        rows.get("k").orElseThrow());
  }

  @Test
  void keysOfAllKinds() {
    for (Object key : List.of("", "k", "\ud800", 0, -0.0, 1.5, -1e300, 1L << 53)) {
      rows.put(key, map("v", 1));
      assertTrue(rows.get(key).isPresent(), () -> "no row " + key);
    }
    assertEquals(8, rows.info().rows());
    for (Object key : Arrays.asList(null, true, Double.NaN, BigInteger.TEN, Instant.EPOCH, List.of())) {
      assertEquals(Status.INVALID_VALUE, assertThrows(CairnException.class, () -> rows.put(key, map())).status());
    }
  }

  @Test
  void whatCannotBeKeptIsNamed() {
    CairnException e = assertThrows(CairnException.class,
        () -> rows.put("k", map("a", List.of(map("b", new Object())))));
    assertEquals(Status.INVALID_VALUE, e.status());
    assertEquals("row \"k\": a[0].b: a java.lang.Object cannot be kept", e.getMessage());
    assertThrows(CairnException.class, () -> rows.put("k", map("a", Undefined.UNDEFINED)));
    assertThrows(CairnException.class, () -> rows.put("k", map("a", Instant.ofEpochSecond(0, 1))));
    Map<String, Object> itself = map();
    itself.put("me", itself);
    assertThrows(CairnException.class, () -> rows.put("k", itself));
    assertEquals(0, rows.info().rows());
  }

  @Test
  void undefinedRemovesAField() {
    rows.put("k", map("a", 1, "b", 2));
    rows.update("k", map("a", Undefined.UNDEFINED, "c", 3));
    assertEquals(map("b", 2L, "c", 3L), rows.get("k").orElseThrow());
  }

  // --- records and classes ---

  enum Level { LOW, HIGH }

  record Inner(int number, List<Double> list) {}

  record Everything(String id, int i, long l, double d, float f, boolean b, Integer boxed, BigInteger big, Instant at,
      byte[] bytes, Level level, UUID uuid, Optional<String> maybe, List<Inner> inners, Set<String> set,
      Map<String, Integer> counts, Inner inner, int[] ints, Object any) {}

  static class Bean {
    private String id;
    int count;
    List<String> tags;
    transient String left = "out";

    Bean() {}
  }

  @Test
  void records() {
    Collection<Everything> typed = database.collection("e", Everything.class, new CollectionOptions().key("id"));
    UUID uuid = UUID.randomUUID();
    Everything one = new Everything("k", 1, 2, 3.5, 4.5f, true, null, BigInteger.TEN, Instant.EPOCH, new byte[] {1},
        Level.HIGH, uuid, Optional.of("x"), List.of(new Inner(1, List.of(1.0, 2.5))), Set.of("s"), Map.of("n", 7),
        new Inner(2, List.of()), new int[] {1, 2}, "any");
    typed.put(one);
    typed.transact(transaction -> {
      for (int i = 0; i < 10; i++) transaction.insert("k" + i, one);
    });
    List<Everything> read = typed.list();
    read.add(typed.get("k").orElseThrow());
    assertEquals(12, read.size());
    for (Everything each : read) {
      assertEquals(one.inners, each.inners);
      assertEquals(one.inner, each.inner);
      assertEquals(one.counts, each.counts);
      assertEquals(one.set, each.set);
      assertEquals(one.maybe, each.maybe);
      assertEquals(List.of(1, 2L, 3.5, 4.5f, true, BigInteger.TEN, Instant.EPOCH, Level.HIGH, uuid, "any"),
          List.of(each.i, each.l, each.d, each.f, each.b, each.big, each.at, each.level, each.uuid, each.any));
      assertArrayEquals(one.bytes, each.bytes);
      assertArrayEquals(one.ints, each.ints);
    }
  }

  @Test
  void classes() {
    Collection<Bean> beans = database.collection("b", Bean.class, new CollectionOptions().key("id"));
    Bean bean = new Bean();
    bean.id = "a";
    bean.count = 3;
    bean.tags = List.of("x");
    beans.put(bean);
    Bean read = beans.list().get(0);
    assertEquals("a", read.id);
    assertEquals(3, read.count);
    assertEquals(List.of("x"), read.tags);
    assertFalse(database.collection("b", new CollectionOptions()).get("a").orElseThrow().containsKey("left"));
  }

  @Test
  void whatARecordCannotHoldIsNamed() {
    rows.put("k", map("number", 1.5));
    Collection<Inner> typed = database.collection("c", Inner.class, new CollectionOptions());
    for (CairnException e : List.of(assertThrows(CairnException.class, () -> typed.get("k")),
        assertThrows(CairnException.class, typed::list))) {
      assertEquals("row k: number: the row has 1.5 where an int is wanted", e.getMessage());
    }
    rows.put("k", map("other", 1));
    assertEquals(new Inner(0, null), typed.list().get(0));
  }
}
