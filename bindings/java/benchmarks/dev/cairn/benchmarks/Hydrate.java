// Reads all rows of the todo set into records, beside what one would write without Cairn: JSON in a table of
// SQLite, over JDBC, parsed by Jackson. Both are warmed up in the same way, and take turns. Run it with
// bindings/java/benchmark.sh [--quick].
package dev.cairn.benchmarks;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import dev.cairn.Collection;
import dev.cairn.CollectionOptions;
import dev.cairn.Database;
import dev.cairn.benchmarks.TodoSet.Todo;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;

public final class Hydrate {
  private static final ObjectMapper JSON = new ObjectMapper().registerModule(new JavaTimeModule())
      .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS);
  private static final ObjectReader READER = JSON.readerFor(Todo.class);

  private Hydrate() {}

  public static void main(String[] arguments) throws Exception {
    boolean quick = List.of(arguments).contains("--quick");
    int rows = quick ? 10_000 : 100_000;
    Path folder = Files.createTempDirectory("cairn-benchmark");
    try (Database database = Database.open(folder.resolve("todos.cairn"));
        Connection connection = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("todos.sqlite"))) {
      Collection<Todo> todos = database.collection("todos", Todo.class, new CollectionOptions().key("id"));
      todos.transact(transaction -> {
        for (int i = 0; i < rows; i++) transaction.insert(TodoSet.todo(i));
      });
      fill(connection, rows);
      same(todos.list(), viaJdbc(connection));
      double[] times = compare(todos::list, () -> viaJdbc(connection), quick ? 3 : 10, quick ? 3 : 15);
      report(rows, times);
    } finally {
      try (Stream<Path> files = Files.walk(folder)) {
        files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
      }
    }
  }

  private static void fill(Connection connection, int rows) throws Exception {
    try (Statement statement = connection.createStatement()) {
      statement.execute("PRAGMA journal_mode = WAL");
      statement.execute("CREATE TABLE todos (id TEXT PRIMARY KEY, value TEXT NOT NULL)");
    }
    connection.setAutoCommit(false);
    try (PreparedStatement insert = connection.prepareStatement("INSERT INTO todos VALUES (?, ?)")) {
      for (int i = 0; i < rows; i++) {
        Todo todo = TodoSet.todo(i);
        insert.setString(1, todo.id());
        insert.setString(2, JSON.writeValueAsString(todo));
        insert.addBatch();
        if (i % 1000 == 999) insert.executeBatch();
      }
      insert.executeBatch();
    }
    connection.commit();
  }

  private static List<Todo> viaJdbc(Connection connection) throws Exception {
    List<Todo> out = new ArrayList<>();
    try (PreparedStatement select = connection.prepareStatement("SELECT value FROM todos");
        ResultSet rows = select.executeQuery()) {
      // As bytes, which is faster here than as a String.
      while (rows.next()) out.add(READER.readValue(rows.getBytes(1)));
    }
    return out;
  }

  private static void same(List<Todo> one, List<Todo> other) {
    Comparator<Todo> byId = Comparator.comparing(Todo::id);
    if (!one.stream().sorted(byId).toList().equals(other.stream().sorted(byId).toList())) {
      throw new IllegalStateException("the two ways give different rows");
    }
  }

  /** The medians of both in milliseconds, after as many runs of each to warm up. */
  public static double[] compare(Callable<?> one, Callable<?> other, int warmUp, int runs) throws Exception {
    double[][] times = new double[2][runs];
    for (int i = -warmUp; i < runs; i++) {
      for (int side = 0; side < 2; side++) {
        System.gc();
        long start = System.nanoTime();
        Object result = (side == 0 ? one : other).call();
        long end = System.nanoTime();
        if (((List<?>) result).isEmpty()) throw new IllegalStateException("no rows");
        if (i >= 0) times[side][i] = (end - start) / 1e6;
      }
    }
    return Arrays.stream(times).mapToDouble(Hydrate::median).toArray();
  }

  private static double median(double[] times) {
    double[] sorted = times.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  private static void report(int rows, double[] times) {
    System.out.printf("hydrate %,d todo rows into records, warm, medians%n", rows);
    System.out.printf("  cairn                    %8.1f ms%n", times[0]);
    System.out.printf("  JDBC sqlite and Jackson  %8.1f ms%n", times[1]);
    System.out.printf("  ratio                    %8.2f%n", times[1] / times[0]);
  }
}
