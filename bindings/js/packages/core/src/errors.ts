// Errors of configuration, under the names that TanStack DB's persistence has for them. What an
// engine reports is a CairnError (cairn_error.ts).
import { TanStackDBError } from '@tanstack/db'

export class PersistedCollectionCoreError extends TanStackDBError {
  constructor(message: string) {
    super(message)
    this.name = `PersistedCollectionCoreError`
  }
}

export class InvalidPersistedCollectionConfigError extends PersistedCollectionCoreError {
  constructor(message: string) {
    super(message)
    this.name = `InvalidPersistedCollectionConfigError`
  }
}

export class InvalidSyncConfigError extends InvalidPersistedCollectionConfigError {
  constructor(details = `expected an object with a function "sync"`) {
    super(`Invalid sync config: ${details}`)
    this.name = `InvalidSyncConfigError`
  }
}

export class InvalidPersistedCollectionCoordinatorError extends InvalidPersistedCollectionConfigError {
  constructor(method: string) {
    super(`Invalid persisted collection coordinator: it lacks the method "${method}"`)
    this.name = `InvalidPersistedCollectionCoordinatorError`
  }
}

export class InvalidPersistenceAdapterError extends InvalidPersistedCollectionConfigError {
  constructor(method: string) {
    super(`Invalid persistence adapter: it lacks the method "${method}"`)
    this.name = `InvalidPersistenceAdapterError`
  }
}

export class InvalidPersistedStorageKeyError extends InvalidPersistedCollectionConfigError {
  constructor(key: string | number) {
    super(`Invalid persisted storage key "${String(key)}": numeric keys must be finite`)
    this.name = `InvalidPersistedStorageKeyError`
  }
}

export class InvalidPersistedStorageKeyEncodingError extends InvalidPersistedCollectionConfigError {
  constructor(encoded: string) {
    super(`Invalid persisted storage key encoding "${encoded}": it begins with "n:" or "s:"`)
    this.name = `InvalidPersistedStorageKeyEncodingError`
  }
}

export class PersistenceUnavailableError extends PersistedCollectionCoreError {
  constructor(details?: string) {
    super(`Persistence unavailable${details ? `: ${details}` : ` in this runtime`}`)
    this.name = `PersistenceUnavailableError`
  }
}
