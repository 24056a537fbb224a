// Runs tasks one after another on threads that end when they are idle; they keep no program alive. Any
// thread may add tasks.
package dev.cairn;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

final class Serial implements Executor {
  private static final ExecutorService THREADS = Executors.newCachedThreadPool(run -> {
    Thread thread = new Thread(run, "cairn-source");
    thread.setDaemon(true);
    return thread;
  });

  private final Queue<Runnable> tasks = new ArrayDeque<>();
  private boolean running;

  @Override
  public synchronized void execute(Runnable task) {
    tasks.add(task);
    if (running) return;
    running = true;
    THREADS.execute(this::work);
  }

  private void work() {
    for (Runnable task; (task = next()) != null; ) task.run();
  }

  private synchronized Runnable next() {
    Runnable task = tasks.poll();
    running = task != null;
    return task;
  }
}
