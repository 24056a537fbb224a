// Calls an app's source: one call at a time, on threads that are not the engine's and not the
// coordinator's. What the source throws goes to the replica. Any thread may ask.
package dev.cairn;

import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

final class SourceRunner<T> {
  private final Replica<T> replica;
  private final Source<T> source;
  private final Serial serial = new Serial();
  private volatile SourceSession<T> session;

  SourceRunner(Replica<T> replica, Source<T> source) {
    this.replica = replica;
    this.source = source;
  }

  /** Begins a session, unless one is open. */
  void start(Map<String, Object> metadata, Position position) {
    if (session != null) return;
    SourceSession<T> opened = new SourceSession<>(replica, metadata, position);
    session = opened;
    serial.execute(() -> {
      if (opened.isEnded()) return;
      try {
        source.start(opened);
      } catch (Throwable e) {
        opened.error(e);
      }
    });
  }

  /** What the session says from now on is not heard. */
  void end() {
    SourceSession<T> opened = session;
    if (opened != null) opened.end();
  }

  /** Ends the session, has the source stop, and then runs `done`. */
  void stop(Runnable done) {
    SourceSession<T> opened = session;
    end();
    session = null;
    serial.execute(() -> {
      try {
        if (opened != null) source.stop();
      } catch (Throwable e) {
        replica.sourceFailed(e);
      }
      done.run();
    });
  }

  /** Has it bring a subset; `done` is given null, or why it could not. */
  void load(Subset subset, Consumer<Throwable> done) {
    serial.execute(() -> {
      SourceSession<T> opened = session;
      try {
        CompletionStage<?> loaded = opened == null || opened.isEnded() ? null : source.loadSubset(opened, subset);
        if (loaded == null) done.accept(null);
        else loaded.whenComplete((nothing, e) -> done.accept(e instanceof CompletionException && e.getCause() != null ? e.getCause() : e));
      } catch (Throwable e) {
        done.accept(e);
      }
    });
  }

  void unload(Subset subset) {
    serial.execute(() -> {
      SourceSession<T> opened = session;
      try {
        if (opened != null && !opened.isEnded()) source.unloadSubset(opened, subset);
      } catch (Throwable e) {
        opened.error(e);
      }
    });
  }
}
