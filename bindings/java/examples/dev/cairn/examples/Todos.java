// The example of the README: a few tasks on disk, asked for and watched.
package dev.cairn.examples;

import static dev.cairn.Expr.field;

import dev.cairn.Change;
import dev.cairn.ChangeStream;
import dev.cairn.Collection;
import dev.cairn.CollectionOptions;
import dev.cairn.Database;
import dev.cairn.Replica;
import dev.cairn.ReplicaOptions;
import dev.cairn.Subset;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

public final class Todos {
  record Todo(String id, String title, boolean done, Instant due) {}

  public static void main(String[] arguments) throws Exception {
    CollectionOptions options = new CollectionOptions().key("id").local(true);
    try (Database database = Database.open(Path.of(arguments[0]));
        Collection<Todo> todos = database.collection("todos", Todo.class, options)) {
      // Many rows: whole or not at all.
      todos.transact(transaction -> transaction
          .insert(new Todo("milk", "buy milk", false, Instant.parse("2026-05-01T08:00:00Z")))
          .insert(new Todo("bread", "bake bread", false, Instant.parse("2026-05-02T08:00:00Z"))));
      System.out.println(todos.get("milk").orElseThrow().title());

      List<Todo> open = todos.list(
          Subset.where(field("done").eq(false)).orderBy(field("due").desc()).limit(10));
      open.forEach(todo -> System.out.println(todo.title() + " by " + todo.due()));

      // Live rows: this process's changes, and those of others.
      try (Replica<Todo> live = todos.replica(new ReplicaOptions<>()).start()) {
        live.ready().get(); // all rows are in live.snapshot()
        ChangeStream<Todo> changes = live.changes();
        live.mutate(mutations -> mutations.update("milk", todo -> new Todo(todo.id(), todo.title(), true, todo.due())))
            .get(); // on the disk
        for (Change<Todo> change : changes.poll(Duration.ofSeconds(10))) {
          System.out.println(change.key() + " is done: " + change.value().done());
        }
      }
    }
  }
}
