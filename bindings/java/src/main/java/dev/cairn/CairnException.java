// What failed in the engine or in the binding: a code with a name that never changes its meaning, a
// message that says what to do, SQLite's own code where it was the cause. Any thread may read it.
package dev.cairn;

public class CairnException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int status;
  private final String name;
  private final int sqliteCode;
  private final boolean retryable;

  /** Called by native code, too. */
  public CairnException(int status, String name, String message, int sqliteCode, boolean retryable) {
    super(message == null || message.isEmpty() ? name : message);
    this.status = status;
    this.name = name;
    this.sqliteCode = sqliteCode;
    this.retryable = retryable;
  }

  public CairnException(Status status, String message) {
    this(status.code(), status.codeName(), message, 0, false);
  }

  public CairnException(Status status, String message, Throwable cause) {
    this(status, message);
    initCause(cause);
  }

  /** The number of the status, of cairn/status.h. */
  public int code() {
    return status;
  }

  /** The name of the status, such as "CAIRN_BUSY". */
  public String codeName() {
    return name;
  }

  /** The status, or UNKNOWN where this binding is older than the engine. */
  public Status status() {
    return Status.of(status);
  }

  /** SQLite's extended result code where SQLite was the cause, else 0. */
  public int sqliteCode() {
    return sqliteCode;
  }

  /** Whether the same call may succeed later without any change by the caller. */
  public boolean isRetryable() {
    return retryable;
  }
}
