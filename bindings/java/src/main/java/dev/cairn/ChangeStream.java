// The changes of a replica's rows, in their order, for whoever reads them: parts of one or more changes
// that became visible together. Nothing is dropped; close it when it is not read any more. Any thread.
package dev.cairn;

import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

public final class ChangeStream<T> implements AutoCloseable, Iterable<List<Change<T>>> {
  private static final List<?> END = List.of();

  private final LinkedBlockingQueue<List<Change<T>>> queue = new LinkedBlockingQueue<>();
  private final Consumer<ChangeStream<T>> closed;
  private volatile boolean ended;
  private volatile Runnable listener;

  ChangeStream(Consumer<ChangeStream<T>> closed) {
    this.closed = closed;
  }

  void add(List<Change<T>> changes) {
    if (ended) return;
    queue.add(changes);
    told();
  }

  private void told() {
    Runnable one = listener;
    if (one != null) one.run();
  }

  /** Has `listener` told that there is something to poll, by any thread, which it must not hold up. */
  public void onReady(Runnable listener) {
    this.listener = listener;
    if (!queue.isEmpty()) listener.run();
  }

  /** The next changes, or null where there are none now. */
  public List<Change<T>> poll() {
    return unlessEnd(queue.poll());
  }

  /** The next changes, or null where there are none for so long, or the replica was closed. */
  public List<Change<T>> poll(Duration timeout) throws InterruptedException {
    return unlessEnd(queue.poll(timeout.toNanos(), TimeUnit.NANOSECONDS));
  }

  @SuppressWarnings("unchecked")
  private List<Change<T>> unlessEnd(List<Change<T>> changes) {
    if (changes != END) return changes;
    queue.add((List<Change<T>>) END); // for whoever asks next
    return null;
  }

  /** Whether nothing comes any more. */
  public boolean isEnded() {
    return ended && (queue.isEmpty() || queue.peek() == END);
  }

  /** Waits for each; ends when the stream or the replica is closed, or the thread is interrupted. */
  @Override
  public Iterator<List<Change<T>>> iterator() {
    return new Iterator<>() {
      private List<Change<T>> ahead;

      @Override
      public boolean hasNext() {
        try {
          if (ahead == null) ahead = unlessEnd(queue.take());
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
        return ahead != null;
      }

      @Override
      public List<Change<T>> next() {
        if (!hasNext()) throw new NoSuchElementException();
        List<Change<T>> changes = ahead;
        ahead = null;
        return changes;
      }
    };
  }

  @SuppressWarnings("unchecked")
  void end() {
    if (ended) return;
    ended = true;
    queue.add((List<Change<T>>) END);
    told();
  }

  @Override
  public void close() {
    closed.accept(this);
    end();
  }
}
