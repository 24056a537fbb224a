// A handle of the engine: what may be closed at any time, by any thread, while others use it. Calls that
// run when it is closed end first; later ones throw, and never reach freed memory. One that is forgotten
// is closed when the garbage collector finds it.
package dev.cairn.internal;

import dev.cairn.CairnException;
import dev.cairn.Status;
import java.lang.ref.Cleaner;
import java.util.Collections;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.function.LongConsumer;
import java.util.function.LongFunction;

public abstract class Handle implements AutoCloseable {
  private static final Cleaner CLEANER = Cleaner.create();

  // Must not refer to the handle, or it would never be found.
  private static final class Pointer implements Runnable {
    private final LongConsumer free;
    private final boolean exclusive;
    private long address;
    private int users;
    private boolean closed;

    Pointer(long address, LongConsumer free, boolean exclusive) {
      this.address = address;
      this.free = free;
      this.exclusive = exclusive;
    }

    synchronized long enter(String what) {
      boolean interrupted = false;
      while (exclusive && users > 0 && !closed) interrupted |= !await();
      if (interrupted) Thread.currentThread().interrupt();
      if (closed) throw new CairnException(Status.WRONG_STATE, "the " + what + " is closed");
      users++;
      return address;
    }

    synchronized void leave() {
      users--;
      notifyAll();
    }

    private boolean await() {
      try {
        wait();
        return true;
      } catch (InterruptedException e) {
        return false;
      }
    }

    @Override
    public synchronized void run() {
      boolean interrupted = false;
      closed = true;
      while (users > 0) interrupted |= !await();
      if (address != 0) free.accept(address);
      address = 0;
      notifyAll();
      if (interrupted) Thread.currentThread().interrupt();
    }

    synchronized boolean isClosed() {
      return closed;
    }
  }

  private final String what;
  private final Pointer pointer;
  private final Cleaner.Cleanable cleanable;
  private final Handle parent;
  private final Set<Handle> children = Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));

  /** `exclusive`: one call at a time, the others wait. Closing the parent closes this one, too. */
  protected Handle(String what, Handle parent, long address, LongConsumer free, boolean exclusive) {
    this.what = what;
    this.parent = parent;
    pointer = new Pointer(address, free, exclusive);
    cleanable = CLEANER.register(this, pointer);
    if (parent != null) parent.adopt(this);
  }

  private void adopt(Handle child) {
    children.add(child);
    // It was closed between the call that opened the child and this one.
    if (isClosed()) child.close();
  }

  /** Runs a call of the engine, which must not call back into this handle. */
  public <T> T use(LongFunction<T> call) {
    long address = pointer.enter(what);
    try {
      return call.apply(address);
    } finally {
      pointer.leave();
      java.lang.ref.Reference.reachabilityFence(this);
    }
  }

  public void run(LongConsumer call) {
    use(address -> {
      call.accept(address);
      return null;
    });
  }

  public final boolean isClosed() {
    return pointer.isClosed();
  }

  /** Closes it, and what was opened from it; waits for calls that run. Again it does nothing. */
  @Override
  public void close() {
    for (Handle child : children.toArray(new Handle[0])) if (child != null) child.close();
    cleanable.clean();
    if (parent != null) parent.children.remove(this);
  }
}
