// A subset that a replica in on-demand mode holds until this is closed. Any thread.
package dev.cairn;

import java.util.concurrent.CompletableFuture;

public final class LoadedSubset implements AutoCloseable {
  final long id;
  final Subset subset;
  final CompletableFuture<Void> local = new CompletableFuture<>();
  final CompletableFuture<Void> remote = new CompletableFuture<>();
  private final Runnable unload;

  LoadedSubset(long id, Subset subset, Runnable unload) {
    this.id = id;
    this.subset = subset;
    this.unload = unload;
  }

  public Subset subset() {
    return subset;
  }

  /** Completes when its rows are there, from the disk and from the source. */
  public CompletableFuture<Void> ready() {
    return CompletableFuture.allOf(local, remote);
  }

  /** Completes when its rows are there from the disk. */
  public CompletableFuture<Void> hydrated() {
    return local;
  }

  void failed(Throwable cause) {
    local.completeExceptionally(cause);
    remote.completeExceptionally(cause);
  }

  @Override
  public void close() {
    unload.run();
  }
}
