// CairnError: what an engine reports. Its status is one of the C API's (cairn/status.h).
const NAMES: Record<number, string> = {
  0: `CAIRN_OK`,
  1: `CAIRN_DONE`,
  2: `CAIRN_NOT_FOUND`,
  3: `CAIRN_CANCELLED`,
  4: `CAIRN_QUESTION`,
  100: `CAIRN_INVALID_ARGUMENT`,
  101: `CAIRN_MALFORMED`,
  102: `CAIRN_INVALID_VALUE`,
  103: `CAIRN_TOO_LARGE`,
  104: `CAIRN_UNSUPPORTED`,
  105: `CAIRN_WRONG_STATE`,
  106: `CAIRN_FORKED`,
  200: `CAIRN_SCHEMA_MISMATCH`,
  201: `CAIRN_DROPPED`,
  202: `CAIRN_SNAPSHOT_EXPIRED`,
  203: `CAIRN_NOT_LEADER`,
  204: `CAIRN_RESET`,
  300: `CAIRN_BUSY`,
  301: `CAIRN_READ_ONLY`,
  302: `CAIRN_DISK_FULL`,
  303: `CAIRN_IO`,
  304: `CAIRN_CORRUPT`,
  305: `CAIRN_NOT_A_DATABASE`,
  306: `CAIRN_FOREIGN_DATABASE`,
  307: `CAIRN_NEWER_FORMAT`,
  308: `CAIRN_CANNOT_OPEN`,
  309: `CAIRN_HOST`,
  310: `CAIRN_TRUNCATED`,
  311: `CAIRN_TIMEOUT`,
  400: `CAIRN_OUT_OF_MEMORY`,
  401: `CAIRN_INTERNAL`,
  402: `CAIRN_VERSION_SKEW`,
}

export interface CairnErrorDetails {
  status: number
  /** The status's name; found by its number where it is left out. */
  code?: string
  /** SQLite's extended result code where SQLite was the cause, else 0. */
  sqliteCode?: number
  /** Whether the same call may succeed later without any change by the caller. */
  retryable?: boolean
  cause?: unknown
}

export class CairnError extends Error {
  readonly status: number
  readonly code: string
  readonly sqliteCode: number
  readonly retryable: boolean

  constructor(message: string, details: CairnErrorDetails) {
    super(message, `cause` in details ? { cause: details.cause } : undefined)
    this.name = `CairnError`
    this.status = details.status
    this.code = details.code ?? NAMES[details.status] ?? `CAIRN_UNKNOWN`
    this.sqliteCode = details.sqliteCode ?? 0
    this.retryable = details.retryable ?? false
  }
}
