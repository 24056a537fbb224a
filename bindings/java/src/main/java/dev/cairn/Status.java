// The statuses of cairn/status.h by name; a test compares them with the header's. Immutable.
package dev.cairn;

import dev.cairn.jni.CairnJniConstants;

public enum Status {
  OK(CairnJniConstants.CAIRN_OK),
  DONE(CairnJniConstants.CAIRN_DONE),
  NOT_FOUND(CairnJniConstants.CAIRN_NOT_FOUND),
  CANCELLED(CairnJniConstants.CAIRN_CANCELLED),
  QUESTION(CairnJniConstants.CAIRN_QUESTION),
  INVALID_ARGUMENT(CairnJniConstants.CAIRN_INVALID_ARGUMENT),
  MALFORMED(CairnJniConstants.CAIRN_MALFORMED),
  INVALID_VALUE(CairnJniConstants.CAIRN_INVALID_VALUE),
  TOO_LARGE(CairnJniConstants.CAIRN_TOO_LARGE),
  UNSUPPORTED(CairnJniConstants.CAIRN_UNSUPPORTED),
  WRONG_STATE(CairnJniConstants.CAIRN_WRONG_STATE),
  FORKED(CairnJniConstants.CAIRN_FORKED),
  SCHEMA_MISMATCH(CairnJniConstants.CAIRN_SCHEMA_MISMATCH),
  DROPPED(CairnJniConstants.CAIRN_DROPPED),
  SNAPSHOT_EXPIRED(CairnJniConstants.CAIRN_SNAPSHOT_EXPIRED),
  NOT_LEADER(CairnJniConstants.CAIRN_NOT_LEADER),
  RESET(CairnJniConstants.CAIRN_RESET),
  BUSY(CairnJniConstants.CAIRN_BUSY),
  READ_ONLY(CairnJniConstants.CAIRN_READ_ONLY),
  DISK_FULL(CairnJniConstants.CAIRN_DISK_FULL),
  IO(CairnJniConstants.CAIRN_IO),
  CORRUPT(CairnJniConstants.CAIRN_CORRUPT),
  NOT_A_DATABASE(CairnJniConstants.CAIRN_NOT_A_DATABASE),
  FOREIGN_DATABASE(CairnJniConstants.CAIRN_FOREIGN_DATABASE),
  NEWER_FORMAT(CairnJniConstants.CAIRN_NEWER_FORMAT),
  CANNOT_OPEN(CairnJniConstants.CAIRN_CANNOT_OPEN),
  HOST(CairnJniConstants.CAIRN_HOST),
  TRUNCATED(CairnJniConstants.CAIRN_TRUNCATED),
  TIMEOUT(CairnJniConstants.CAIRN_TIMEOUT),
  OUT_OF_MEMORY(CairnJniConstants.CAIRN_OUT_OF_MEMORY),
  INTERNAL(CairnJniConstants.CAIRN_INTERNAL),
  VERSION_SKEW(CairnJniConstants.CAIRN_VERSION_SKEW),
  UNKNOWN(-1);

  private final int code;

  Status(int code) {
    this.code = code;
  }

  public int code() {
    return code;
  }

  public String codeName() {
    return "CAIRN_" + name();
  }

  static Status of(int code) {
    for (Status status : values()) if (status.code == code) return status;
    return UNKNOWN;
  }
}
