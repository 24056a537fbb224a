// Has what comes next made by another thread while the caller works on what there is. For one thread; a
// failure of the other one is thrown by next().
package dev.cairn;

import dev.cairn.internal.Batch;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

final class Ahead {
  // Threads that end when they are not used; they keep no program alive.
  static final ExecutorService THREADS = threads();

  private final Supplier<Batch> source;
  private CompletableFuture<Batch> following;

  private static ExecutorService threads() {
    ThreadPoolExecutor pool = new ThreadPoolExecutor(4, 4, 5, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), run -> {
      Thread thread = new Thread(run, "cairn-reader");
      thread.setDaemon(true);
      return thread;
    });
    pool.allowCoreThreadTimeOut(true);
    return pool;
  }

  Ahead(Supplier<Batch> source) {
    this.source = source;
    following = CompletableFuture.completedFuture(null).thenApply(none -> source.get());
  }

  /** Null after the last one. */
  Batch next() {
    try {
      Batch batch = following.join();
      if (batch != null) following = CompletableFuture.supplyAsync(source, THREADS);
      return batch;
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException cause) throw cause;
      throw e;
    }
  }
}
