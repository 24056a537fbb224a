// A database: one file, which several threads and processes may have open. Closing it closes what was
// opened from it; any thread may do so at any time.
package dev.cairn;

import dev.cairn.internal.Buffers;
import dev.cairn.internal.Handle;
import dev.cairn.internal.Native;
import dev.cairn.internal.RowType;
import dev.cairn.internal.Types;
import dev.cairn.jni.CairnJni;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

public final class Database implements AutoCloseable {
  static final class NativeDatabase extends Handle {
    NativeDatabase(long address) {
      super("database", null, address, CairnJni::cairn_database_close, false);
    }
  }

  /** A call of the engine that gives a handle or a buffer through a long[1]. */
  interface Out {
    int call(long handle, long[] out);
  }

  final NativeDatabase handle;

  private Database(long address) {
    handle = new NativeDatabase(address);
  }

  /** Opens a database, and creates it where there is none. */
  public static Database open(Path path) {
    return open(path, new DatabaseOptions());
  }

  public static Database open(Path path, DatabaseOptions options) {
    return open(path.toString(), options.table());
  }

  /** A database whose contents end with it. */
  public static Database inMemory() {
    return open("", new DatabaseOptions().inMemory(true).table());
  }

  static Database open(String path, ByteBuffer options) {
    long[] out = new long[1];
    CairnJni.cairn_database_open(Native.utf8(path), options, out);
    return new Database(out[0]);
  }

  /** Opens a collection of rows as maps, and creates it where there is none. */
  public Collection<Map<String, Object>> collection(String name, CollectionOptions options) {
    return collection(name, RowType.MAPS, options);
  }

  /** Opens a collection of rows of a record or a class. */
  public <T> Collection<T> collection(String name, Class<T> type, CollectionOptions options) {
    return collection(name, Types.rows(type), options);
  }

  /** For layers above this one, which bring a type of rows. */
  public <T> Collection<T> collection(String name, RowType<T> type, CollectionOptions options) {
    return new Collection<>(this, openCollection(name, options.table()), name, type, options.keyField());
  }

  private long openCollection(String name, ByteBuffer options) {
    byte[] utf8 = Native.utf8(name);
    return out(handle, (address, out) -> CairnJni.cairn_collection_open(address, utf8, options, out));
  }

  static long out(Handle handle, Out call) {
    return handle.use(address -> {
      long[] out = new long[1];
      call.call(address, out);
      return out[0];
    });
  }

  /** Drops a collection with all that belongs to it; whether there was one. */
  public boolean drop(String name) {
    byte[] utf8 = Native.utf8(name);
    // A collection that is not there is a status below the errors.
    return handle.use(address -> CairnJni.cairn_collection_drop(address, utf8)) == CairnJni.CAIRN_OK;
  }

  public DatabaseInfo info() {
    return Buffers.take(out(handle, CairnJni::cairn_database_info), DatabaseInfo::of);
  }

  /** Checks pages, rows, hashes, counts and the log. */
  public Report.Check check() {
    return Buffers.take(out(handle, (address, out) -> CairnJni.cairn_database_check(address, null, out)), Report::check);
  }

  public Report.Digest digest() {
    return Buffers.take(out(handle, CairnJni::cairn_database_digest), Report::digest);
  }

  /** Raises what was committed so far to the durability DISK. */
  public void flush() {
    handle.run(CairnJni::cairn_database_flush);
  }

  /** Completes when what a commit wrote is on the disk, or with the exception that says why it is not. */
  public CompletableFuture<Void> durable(CommitResult commit) {
    if (commit.durability() == Durability.DISK) return CompletableFuture.completedFuture(null);
    return CompletableFuture.runAsync(this::flush, Ahead.THREADS);
  }

  /** Does upkeep for about so long; whether there is more to do. */
  public boolean maintain(Duration budget) {
    return handle.use(address -> CairnJni.cairn_database_maintain(address, budget.toMillis())) == CairnJni.CAIRN_OK;
  }

  /** Writes the file anew without gaps. */
  public void compact() {
    handle.run(CairnJni::cairn_database_compact);
  }

  /** Lets go of every lock and file; the next call opens them again. */
  public void prepareForSuspend() {
    handle.run(CairnJni::cairn_database_prepare_for_suspend);
  }

  /** Has the calls that run now end with the status CANCELLED. */
  public void interrupt() {
    handle.run(CairnJni::cairn_database_interrupt);
  }

  /** Copies the database to a file, while it is in use. */
  public Report.Backup backup(Path path) {
    byte[] utf8 = Native.utf8(path.toString());
    return Buffers.take(out(handle, (address, out) -> CairnJni.cairn_database_backup(address, utf8, out)), Report::backup);
  }

  /** Puts a copy of a backup at a path. */
  public static Report.Backup restore(Path backup, Path path) {
    long[] out = new long[1];
    CairnJni.cairn_restore(Native.utf8(backup.toString()), Native.utf8(path.toString()), out);
    return Buffers.take(out[0], Report::backup);
  }

  /** Recovers what can be read of a damaged file into a new one. */
  public static Report.Salvage salvage(Path damaged, Path to) {
    long[] out = new long[1];
    CairnJni.cairn_salvage(Native.utf8(damaged.toString()), Native.utf8(to.toString()), null, out);
    return Buffers.take(out[0], Report::salvage);
  }

  /** The engine's version. */
  public static String version() {
    return CairnJni.cairn_version();
  }

  /** How many handles, buffers and errors of the engine are open in this process, for tests of leaks. */
  public static long liveObjects() {
    return CairnJni.cairn_live_objects();
  }

  public boolean isClosed() {
    return handle.isClosed();
  }

  @Override
  public void close() {
    handle.close();
  }
}
