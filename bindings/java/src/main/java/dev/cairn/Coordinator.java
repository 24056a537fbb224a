// How the instances that share a database agree on who leads each collection, and hear of each other's
// writes. Open one for all replicas of a database. A thread of its own waits for the engine (cairn_wait)
// and has the replicas do their work: no thread of the engine ever runs Java code.
package dev.cairn;

import dev.cairn.fb.CoordinatorEvent;
import dev.cairn.fb.CoordinatorEventKind;
import dev.cairn.fb.CoordinatorKind;
import dev.cairn.internal.Buffers;
import dev.cairn.internal.Handle;
import dev.cairn.jni.CairnJni;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

public final class Coordinator implements AutoCloseable {
  private static final int WAIT_MS = 50;
  private static final long TICK_NANOS = 100_000_000;

  static final class NativeCoordinator extends Handle {
    NativeCoordinator(Handle parent, long address) {
      super("coordinator", parent, address, CairnJni::cairn_coordinator_close, false);
    }
  }

  final NativeCoordinator handle;
  private final List<Replica<?>> replicas = new CopyOnWriteArrayList<>();
  private final Thread thread;
  private final boolean isSingle;
  private volatile boolean closing;

  private Coordinator(Database database, int kind, String node) {
    isSingle = kind == CoordinatorKind.Single;
    ByteBuffer table = Tables.build(builder -> {
      int name = Tables.string(builder, node);
      return dev.cairn.fb.CoordinatorOptions.createCoordinatorOptions(builder, kind, name, 0, 1000, 10000, 2);
    });
    handle = new NativeCoordinator(database.handle, Database.out(database.handle,
        (address, out) -> CairnJni.cairn_coordinator_open(address, table, out)));
    thread = new Thread(this::work, "cairn-coordinator");
    thread.setDaemon(true);
    thread.start();
  }

  /** For the processes of this machine that have the file open. */
  public static Coordinator open(Database database) {
    return new Coordinator(database, CoordinatorKind.Native, null);
  }

  /** The same with a name for this instance, which no other one has. */
  public static Coordinator open(Database database, String node) {
    return new Coordinator(database, CoordinatorKind.Native, node);
  }

  /** Where there is no other instance. */
  static Coordinator single(Database database) {
    return new Coordinator(database, CoordinatorKind.Single, null);
  }

  void add(Replica<?> replica) {
    replicas.add(replica);
  }

  void remove(Replica<?> replica) {
    replicas.remove(replica);
  }

  private void work() {
    long ticked = System.nanoTime() - TICK_NANOS;
    while (!closing) {
      try {
        handle.run(address -> CairnJni.cairn_wait(address, WAIT_MS));
        boolean isTick = System.nanoTime() - ticked >= TICK_NANOS;
        if (isTick) ticked = System.nanoTime();
        if (isSingle) actAlone(isTick);
        for (Replica<?> replica : replicas) replica.work(isTick);
      } catch (CairnException e) {
        if (closing || handle.isClosed()) break;
        for (Replica<?> replica : replicas) replica.lost(e);
      }
    }
    // Its database was closed.
    if (!closing) for (Replica<?> replica : replicas) replica.lost(closedError());
  }

  static CairnException closedError() {
    return new CairnException(Status.WRONG_STATE, "the coordinator is closed");
  }

  static long nowMs() {
    return System.nanoTime() / 1_000_000;
  }

  // The engine's own thread does this between processes: an action that was taken here would be lost to it.
  private void actAlone(boolean isTick) {
    if (isTick) tick();
    for (long action; (action = Database.out(handle, CairnJni::cairn_coordinator_next)) != 0; ) Buffers.bytes(action);
  }

  private void tick() {
    ByteBuffer table = Tables.build(builder -> CoordinatorEvent.createCoordinatorEvent(builder,
        CoordinatorEventKind.Tick, 0, 0, 0, nowMs()));
    handle.run(address -> CairnJni.cairn_coordinator_send(address, table));
  }

  /** Lets go of what this instance leads; close its replicas first, or this does. */
  @Override
  public void close() {
    for (Replica<?> replica : replicas) replica.close();
    closing = true;
    if (Thread.currentThread() != thread) join();
    handle.close();
  }

  private void join() {
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) Thread.currentThread().interrupt();
  }
}
