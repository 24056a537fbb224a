// The `todo` data set of benchmarks/data/todo.cpp, row by row the same: 9 fields, two of them dates, with tags
// and a nested object. One generator a row; any thread.
package dev.cairn.benchmarks;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

public final class TodoSet {
  private static final String[] WORDS = {
    "Review", "the", "invoice", "for", "spring", "report", "Call", "plumber", "about", "room", "Write", "up", "draft",
    "of", "launch", "notes", "Buy", "milk", "and", "bread", "Prep", "talk", "team", "lunch", "Fix", "login", "bug",
    "on", "phone", "Plan", "summer", "trip", "Renew", "garage", "permit", "Send", "contract", "to", "legal", "today"};
  private static final String[] WIDE_WORDS = {"Café", "Zürich", "naïve", "東京", "Übung", "🚀"};
  private static final String[] TAGS = {
    "home", "work", "urgent", "later", "shop", "mail", "call", "wait", "some", "money", "gym", "kids"};
  private static final String[] SOURCES = {"web", "ios", "droid", "file", "api"};
  private static final String[] PEOPLE = {"ada", "brian", "chloe", "dmitri", "eve", "farid", "grace", "hiro"};
  private static final long FIRST_DAY = 1672531200000L; // 2023-01-01T00:00:00Z
  private static final long TWO_YEARS = 2L * 365 * 86400 * 1000;

  public record Meta(String src, String by, int pts) {}

  public record Todo(String id, String title, boolean completed, int priority, String listId, Instant createdAt,
      Instant updatedAt, List<String> tags, Meta meta) {}

  private TodoSet() {}

  // SplitMix64, as benchmarks/data/random.h.
  private static final class Random {
    private long state;

    Random(long stream) {
      state = 0x5EEDCA1245L ^ stream * 0xD1342543DE82EF95L;
      next();
    }

    long next() {
      long z = state += 0x9E3779B97F4A7C15L;
      z = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
      z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
      return z ^ z >>> 31;
    }

    int below(int bound) {
      return (int) Long.remainderUnsigned(next(), bound);
    }

    long below(long bound) {
      return Long.remainderUnsigned(next(), bound);
    }
  }

  public static Todo todo(int row) {
    Random random = new Random(row);
    String id = id(random);
    String title = title(random);
    boolean completed = random.below(3) == 0;
    int priority = random.below(5);
    int list = random.below(25);
    long createdAt = FIRST_DAY + random.below(TWO_YEARS);
    long updatedAt = createdAt + random.below(30L * 86400 * 1000);
    List<String> tags = new ArrayList<>();
    for (int i = random.below(5); i > 0; i--) tags.add(TAGS[random.below(TAGS.length)]);
    Meta meta = new Meta(SOURCES[random.below(SOURCES.length)], PEOPLE[random.below(PEOPLE.length)], random.below(20));
    return new Todo(id, title, completed, priority, "l" + list, Instant.ofEpochMilli(createdAt),
        Instant.ofEpochMilli(updatedAt), tags, meta);
  }

  private static String id(Random random) {
    long high = random.next();
    long low = random.next();
    return String.format("%08x-%04x-4%03x-%04x-%012x", high >>> 32, high >>> 16 & 0xFFFF, high & 0xFFF,
        0x8000 | low >>> 48 & 0x3FFF, low & 0xFFFFFFFFFFFFL);
  }

  private static String title(Random random) {
    StringBuilder title = new StringBuilder(WORDS[random.below(WORDS.length)]);
    for (int i = 2 + random.below(2); i > 0; i--) title.append(' ').append(WORDS[random.below(WORDS.length)]);
    if (random.below(100) < 3) title.append(' ').append(WIDE_WORDS[random.below(WIDE_WORDS.length)]);
    return title.toString();
  }
}
