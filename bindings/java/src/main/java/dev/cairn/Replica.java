// The live rows of a collection: hydrated from the disk, kept in step with a source and with what other
// instances write, changed by local mutations. All rules are the engine's; this carries its effects out.
// Any thread may use it. Futures complete on the coordinator's thread: what they run must not block.
package dev.cairn;

import dev.cairn.fb.EffectKind;
import dev.cairn.fb.EventKind;
import dev.cairn.fb.ReplicaEffect;
import dev.cairn.internal.Batch;
import dev.cairn.internal.BatchWriter;
import dev.cairn.internal.Buffers;
import dev.cairn.internal.Handle;
import dev.cairn.internal.Plain;
import dev.cairn.internal.RowChange;
import dev.cairn.jni.CairnJni;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import java.util.function.Supplier;

public final class Replica<T> implements AutoCloseable {
  /** What is wrong with saving or reading, null where nothing is. Nothing is lost by it. */
  public record State(CairnException error, boolean isRetried, long unsaved) {
    public boolean isOk() {
      return error == null;
    }
  }

  /** A write of a source: the row itself where it is whole. */
  record Write<T>(RowChange change, T row) {}

  record SourceCommit<T>(boolean truncates, List<Write<T>> writes, Map<String, Object> metadata) {}

  private record Event(ByteBuffer table, Consumer<CairnException> failed) {}

  static final class NativeReplica extends Handle {
    NativeReplica(Handle parent, long address) {
      super("replica", parent, address, CairnJni::cairn_replica_close, true);
    }
  }

  private final Collection<T> collection;
  private final Coordinator coordinator;
  private final boolean isShared;
  private final boolean fullUpdates;
  private final NativeReplica handle;
  private final Front<T> front;
  private final SourceRunner<T> source; // null: a local-only collection
  private final boolean onDemand;
  private final Queue<Event> queue = new ConcurrentLinkedQueue<>();
  private final ReentrantLock busy = new ReentrantLock();
  private final ReentrantLock working = new ReentrantLock();
  private final CompletableFuture<Void> ready = new CompletableFuture<>();
  private final TreeMap<Long, CompletableFuture<Void>> saves = new TreeMap<>();
  private final Map<Long, CompletableFuture<Void>> mutations = new ConcurrentHashMap<>();
  private final Map<Long, LoadedSubset> subsets = new ConcurrentHashMap<>();
  private volatile Map<String, Object> metadata = Map.of();
  private volatile Position position = Position.of(null);
  private volatile State state = new State(null, false, 0);
  private volatile boolean leads;
  private volatile boolean closed;
  private volatile RuntimeException gone; // why nothing is carried out any more
  private volatile Throwable sourceFailure;
  private boolean localReady;
  private boolean remoteReady;
  private boolean hasContents;
  private boolean started;
  private long lastSubset;

  Replica(Collection<T> collection, ReplicaOptions<T> options) {
    this.collection = collection;
    isShared = options.coordinator() != null;
    onDemand = options.isOnDemand();
    fullUpdates = options.isFullUpdates();
    front = new Front<>(collection);
    source = options.source() == null ? null : new SourceRunner<>(this, options.source());
    coordinator = isShared ? options.coordinator() : Coordinator.single(collection.database());
    ByteBuffer table = options.table();
    try {
      handle = new NativeReplica(coordinator.handle, collection.handle.use(address -> Database.out(coordinator.handle,
          (peers, out) -> CairnJni.cairn_replica_open(address, peers, table, out))));
    } catch (RuntimeException e) {
      if (!isShared) coordinator.close();
      throw e;
    }
  }

  /** Begins to hydrate, and then its source. */
  public synchronized Replica<T> start() {
    if (started) throw new CairnException(Status.WRONG_STATE, "the replica was started before");
    started = true;
    send(number -> Events.of(EventKind.Start, number), front::start, this::lost);
    coordinator.add(this);
    return this;
  }

  public Collection<T> collection() {
    return collection;
  }

  /** Completes when the rows can be read: from the disk where they were synced before, else when the source
   *  has brought them. In on-demand mode it is the collection that can be asked. */
  public CompletableFuture<Void> ready() {
    return ready.copy();
  }

  // --- rows ---

  private <R> R locked(Supplier<R> body) {
    front.lock.lock();
    try {
      return body.get();
    } finally {
      front.lock.unlock();
    }
  }

  public Optional<T> get(Object key) {
    Object plain = Plain.key(key);
    return locked(() -> Optional.ofNullable(front.see(plain)));
  }

  /** The metadata of a row, or null. */
  public Object rowMetadata(Object key) {
    Object plain = Plain.key(key);
    return locked(() -> front.row(plain) == null ? null : front.row(plain).metadata());
  }

  /** All rows as they are now, by key. */
  public Map<Object, T> snapshot() {
    return locked(front::all);
  }

  public int size() {
    return locked(front::size);
  }

  /** What changes from now on. */
  public ChangeStream<T> changes() {
    ChangeStream<T> stream = new ChangeStream<>(one -> locked(() -> {
      front.unlisten(one);
      return null;
    }));
    locked(() -> {
      if (closed || gone != null) stream.end();
      else front.listen(stream);
      return null;
    });
    return stream;
  }

  public Map<String, Object> metadata() {
    return metadata;
  }

  /** Where the collection stood when the replica last heard of it. */
  public Position position() {
    return position;
  }

  public State state() {
    return state;
  }

  /** Whether this instance's source is the one whose transactions are saved. */
  public boolean isLeader() {
    return leads;
  }

  /** Tries again now what has failed. */
  public void retry() {
    send(EventKind.Retry);
  }

  // --- subsets ---

  /** On demand: has a subset's rows brought and kept fresh, until it is closed. */
  public LoadedSubset load(Subset subset) {
    long[] id = new long[1];
    LoadedSubset loaded = locked(() -> {
      checkOpen();
      id[0] = ++lastSubset;
      LoadedSubset one = new LoadedSubset(id[0], subset, () -> unload(id[0]));
      if (source == null) one.remote.complete(null);
      subsets.put(id[0], one);
      return one;
    });
    send(number -> Events.loadSubset(number, id[0], subset), front::number, loaded::failed);
    return loaded;
  }

  private void unload(long id) {
    LoadedSubset loaded = subsets.remove(id);
    if (loaded == null || closed || gone != null) return;
    loaded.failed(new CairnException(Status.CANCELLED, "the subset was closed before it was ready"));
    send(number -> Events.unloadSubset(number, id), front::number, e -> { });
    if (source != null) source.unload(loaded.subset);
  }

  // --- local mutations ---

  /** Changes rows of a local-only collection: seen at once, and all of them accepted or none. The future
   *  completes when they are as durable as the collection promises. */
  public CompletableFuture<Void> mutate(Consumer<Mutations<T>> body) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    locked(() -> {
      checkOpen();
      Mutations<T> mutating = new Mutations<>(collection, front);
      body.accept(mutating);
      List<RowChange> changes = List.copyOf(mutating.changes().values());
      ByteBuffer batch = BatchWriter.batch(changes);
      List<String> ids = changes.stream().map(one -> UUID.randomUUID().toString()).toList();
      long number = front.number();
      mutations.put(number, done);
      front.mutate(number, mutating.seen());
      queue.add(new Event(Events.mutate(number, UUID.randomUUID().toString(), ids, batch), e -> settle(number, e)));
      return null;
    });
    wake();
    return done;
  }

  private void settle(long number, CairnException error) {
    locked(() -> {
      front.settle(number);
      return null;
    });
    complete(mutations.remove(number), error);
  }

  private static void complete(CompletableFuture<Void> future, Throwable error) {
    if (future == null) return;
    if (error == null) future.complete(null);
    else future.completeExceptionally(error);
  }

  private void checkOpen() {
    if (gone != null) throw gone;
    if (closed) throw new CairnException(Status.WRONG_STATE, "the replica is closed");
  }

  // --- the source ---

  CompletableFuture<Void> commit(SourceCommit<T> commit) {
    List<ByteBuffer> batches = BatchWriter.batches(commit.writes().stream().map(Write::change).toList());
    CompletableFuture<Void> saved = new CompletableFuture<>();
    Events.commit(0, commit.metadata()); // what cannot be kept is found before anything is sent
    locked(() -> {
      checkOpen();
      add(Events.of(EventKind.SourceBegin, front.number()));
      long truncate = commit.truncates() ? front.number() : 0;
      if (truncate != 0) add(Events.of(EventKind.SourceTruncate, truncate));
      long write = 0;
      for (ByteBuffer batch : batches) add(Events.write(write = front.number(), batch));
      front.write(commit, truncate, write, fullUpdates);
      long number = front.number();
      if (isShared && !leads) saved.complete(null);
      else saves.put(number, saved);
      queue.add(new Event(Events.commit(number, commit.metadata()), e -> failSave(number, e)));
      return null;
    });
    wake();
    return saved;
  }

  private void add(ByteBuffer event) {
    queue.add(new Event(event, this::report));
  }

  private void failSave(long number, CairnException error) {
    complete(locked(() -> saves.remove(number)), error);
    report(error);
  }

  void sourceReady() {
    locked(() -> remoteReady = true);
    send(EventKind.SourceReady);
    readyIfKnown();
  }

  void sourceFailed(Throwable cause) {
    String message = String.valueOf(cause);
    sourceFailure = cause;
    send(number -> Events.failed(EventKind.SourceError, number, 0, message), front::number, e -> { });
    CairnException error = new CairnException(Status.HOST, "the source has failed: " + message, cause);
    if (state.isOk()) state = new State(error, false, state.unsaved());
    if (!hasContents) ready.completeExceptionally(error);
  }

  // What was synced before is usable without the network; nothing at all is not.
  private void readyIfKnown() {
    if (locked(() -> localReady && (source == null || remoteReady || hasContents))) ready.complete(null);
  }

  void answer(long effect, Throwable failure) {
    if (closed) return;
    if (failure == null) send(number -> Events.done(number, effect), front::number, e -> { });
    else send(number -> Events.failed(EventKind.EffectFailed, number, effect, String.valueOf(failure)), front::number, e -> { });
  }

  // --- events ---

  private void send(int kind) {
    send(number -> Events.of(kind, number), front::number, this::report);
  }

  private void send(LongFunction<ByteBuffer> event, Supplier<Long> number, Consumer<CairnException> failed) {
    locked(() -> queue.add(new Event(event.apply(number.get()), failed)));
    wake();
  }

  // Hands over what waits, unless another thread is there: then that one does.
  private void wake() {
    while (!queue.isEmpty() && busy.tryLock()) {
      try {
        sendAll();
      } finally {
        busy.unlock();
      }
    }
  }

  private void sendAll() {
    for (Event event; (event = queue.poll()) != null; ) {
      ByteBuffer table = event.table();
      try {
        handle.run(address -> CairnJni.cairn_replica_send(address, table));
      } catch (CairnException e) {
        event.failed().accept(e);
      }
    }
  }

  private void report(CairnException error) {
    if (!closed) state = new State(error, error.isRetryable(), state.unsaved());
  }

  /** Does what there is to do: on the coordinator's thread, or on that which closes this. */
  void work(boolean isTick) {
    working.lock();
    try {
      if (isTick) locked(() -> queue.add(new Event(Events.tick(Coordinator.nowMs()), e -> { })));
      for (long effect; (effect = next()) != 0 || !queue.isEmpty(); ) {
        if (effect != 0) Buffers.take(effect, this::take);
      }
    } catch (RuntimeException e) {
      lost(e);
    } finally {
      working.unlock();
    }
  }

  private long next() {
    busy.lock();
    try {
      sendAll();
      return Database.out(handle, CairnJni::cairn_replica_next);
    } finally {
      busy.unlock();
    }
  }

  /** The replica cannot be reached any more. */
  void lost(RuntimeException reason) {
    if (gone == null) gone = reason;
    coordinator.remove(this);
    if (source != null) source.end();
    List<CompletableFuture<Void>> waiting = new ArrayList<>(mutations.values());
    locked(() -> {
      waiting.addAll(saves.values());
      saves.clear();
      front.end();
      return null;
    });
    mutations.clear();
    for (CompletableFuture<Void> one : waiting) one.completeExceptionally(gone);
    for (LoadedSubset one : subsets.values()) one.failed(gone);
    ready.completeExceptionally(gone);
  }

  // --- effects ---

  private Void take(ByteBuffer bytes) {
    ReplicaEffect effect = ReplicaEffect.getRootAsReplicaEffect(bytes);
    long seen = effect.seen();
    boolean isStarted = effect.kind() == EffectKind.Started;
    if (locked(() -> front.isOfFormerRun(isStarted, seen))) return null;
    switch (effect.kind()) {
      case EffectKind.Started -> started(effect);
      case EffectKind.Rows, EffectKind.Changes, EffectKind.Replace -> rows(effect, seen);
      case EffectKind.Ready -> ready(effect.subsetId(), effect.remote());
      case EffectKind.EnsureRemoteSubset -> ensureRemote(effect);
      case EffectKind.Confirm -> settle(seen, null);
      case EffectKind.Reject -> settle(seen, errorOf(effect));
      case EffectKind.Saved -> saved(seen);
      case EffectKind.Leadership -> leadership(effect.leads());
      case EffectKind.Error -> error(effect);
      case EffectKind.Recovered -> state = new State(null, false, 0);
      case EffectKind.RestartSource -> restart(effect);
      default -> { }
    }
    return null;
  }

  private static CairnException errorOf(ReplicaEffect effect) {
    Status status = Status.of(effect.status());
    return new CairnException(effect.status(), status.codeName(), effect.message(), 0, effect.retryable());
  }

  private void started(ReplicaEffect effect) {
    position = Position.of(effect.position());
    metadata = Tables.metadata(effect.metadataLength(), effect::metadata);
    hasContents = position.rowVersion() > 0;
    // Where there is no other instance this one leads at once: then its writes count from the first.
    if (onDemand && isShared) startSource();
  }

  private void startSource() {
    if (source != null && !closed) source.start(metadata, position);
  }

  private void rows(ReplicaEffect effect, long seen) {
    ByteBuffer bytes = effect.batchAsByteBuffer();
    Batch batch = bytes == null ? null : new Batch(bytes.slice());
    boolean isReplace = effect.kind() == EffectKind.Replace;
    locked(() -> {
      front.take(batch, seen, isReplace && effect.first(), isReplace && effect.last());
      return null;
    });
    if (effect.position() != null) position = Position.of(effect.position());
    if (effect.metadataLength() > 0) changeMetadata(Tables.metadata(effect.metadataLength(), effect::metadata));
  }

  private void changeMetadata(Map<String, Object> changes) {
    Map<String, Object> changed = new java.util.LinkedHashMap<>(metadata);
    changes.forEach((key, value) -> {
      if (value == null) changed.remove(key);
      else changed.put(key, value);
    });
    metadata = changed;
  }

  private void ready(long subsetId, boolean isRemote) {
    if (subsetId != 0) {
      LoadedSubset loaded = subsets.get(subsetId);
      if (loaded != null) (isRemote ? loaded.remote : loaded.local).complete(null);
      return;
    }
    if (isRemote) return;
    locked(() -> localReady = true);
    // A source that compares with what is there has to find all of it.
    if (!onDemand) startSource();
    readyIfKnown();
  }

  private void ensureRemote(ReplicaEffect effect) {
    long number = effect.number();
    LoadedSubset loaded = subsets.get(effect.subsetId());
    if (effect.subsetId() != 0 && loaded == null || source == null) {
      answer(number, null);
      return;
    }
    Subset subset = loaded != null ? loaded.subset : Subset.read(effect.subsetAsByteBuffer().slice().order(java.nio.ByteOrder.LITTLE_ENDIAN));
    source.load(subset, failure -> {
      // Before the engine says so in its words.
      if (failure != null && loaded != null) loaded.remote.completeExceptionally(failure);
      answer(number, failure);
    });
  }

  private void saved(long upTo) {
    List<CompletableFuture<Void>> done = new ArrayList<>();
    locked(() -> {
      front.saved(upTo);
      Map<Long, CompletableFuture<Void>> head = saves.headMap(upTo, true);
      done.addAll(head.values());
      head.clear();
      return null;
    });
    for (CompletableFuture<Void> one : done) one.complete(null);
  }

  private void leadership(boolean isLeader) {
    List<CompletableFuture<Void>> done = new ArrayList<>();
    locked(() -> {
      leads = isLeader;
      // Another instance saves what is waited for.
      if (!isLeader) {
        done.addAll(saves.values());
        saves.clear();
      }
      return null;
    });
    for (CompletableFuture<Void> one : done) one.complete(null);
    if (isLeader && onDemand) startSource();
  }

  private void error(ReplicaEffect effect) {
    CairnException error = errorOf(effect);
    if (effect.subsetId() == 0) {
      // The exception that this process knows says more than its text.
      Throwable cause = sourceFailure;
      if (cause != null && error.getMessage().contains(cause.toString())) error.initCause(cause);
      state = new State(error, effect.retryable(), effect.unsaved());
      return;
    }
    LoadedSubset loaded = subsets.get(effect.subsetId());
    if (loaded != null && !loaded.remote.isCompletedExceptionally()) loaded.failed(error);
  }

  private void restart(ReplicaEffect effect) {
    position = Position.of(effect.position());
    metadata = Tables.metadata(effect.metadataLength(), effect::metadata);
    long number = effect.number();
    if (source == null) {
      answer(number, null);
      return;
    }
    source.stop(() -> answer(number, null));
    startSource();
  }

  public boolean isClosed() {
    return closed;
  }

  /** Ends it. What the source has committed is saved first. */
  @Override
  public void close() {
    if (closed) return;
    if (source != null) source.end();
    if (gone == null) {
      send(EventKind.Stop);
      work(false);
    }
    closed = true;
    if (source != null) source.stop(() -> { });
    if (gone == null) lost(new CairnException(Status.WRONG_STATE, "the replica was closed before this was durable"));
    handle.close();
    if (!isShared) coordinator.close();
  }
}
