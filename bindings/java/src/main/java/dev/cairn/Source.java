// Where a synced collection's rows come from: an app's own code. It is called by one thread, one call at a
// time, never by a thread of the engine; what it throws reaches the app through Replica.ready(), the
// future of a subset, and Replica.state(). It may use its session from any thread.
package dev.cairn;

import java.util.concurrent.CompletionStage;

public interface Source<T> {
  /** Begins: the session's metadata tells from where. Called again after stop() with a new session. */
  void start(SourceSession<T> session) throws Exception;

  /** On demand: has the rows of a subset written. It is there when what this gives completes, or at once
   *  where it gives null. */
  default CompletionStage<?> loadSubset(SourceSession<T> session, Subset subset) throws Exception {
    return null;
  }

  /** A subset that was loaded is not needed any more. */
  default void unloadSubset(SourceSession<T> session, Subset subset) throws Exception {}

  /** Ends: what the session writes from now on is not heard. */
  default void stop() throws Exception {}
}
