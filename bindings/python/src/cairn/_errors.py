"""The exceptions of the package. A status of the library at or above 100 becomes one of these."""

from __future__ import annotations

from typing import Type


class CairnError(Exception):
    """A call of the library that has failed."""

    status: int
    """The library's number, as in cairn/status.h."""
    name: str
    """Its name, such as "CAIRN_BUSY"."""
    message: str
    sqlite_code: int
    """SQLite's extended result code where SQLite was the cause, else 0."""
    retryable: bool
    """Whether the same call may succeed later without any change."""

    def __init__(
        self, status: int, name: str, message: str, sqlite_code: int = 0, retryable: bool = False
    ) -> None:
        super().__init__(f"{name}: {message}" if message else name)
        self.status = status
        self.name = name
        self.message = message
        self.sqlite_code = sqlite_code
        self.retryable = retryable

    def __reduce__(self) -> tuple[Type[CairnError], tuple[int, str, str, int, bool]]:
        return type(self), (self.status, self.name, self.message, self.sqlite_code, self.retryable)


class UsageError(CairnError):
    """The caller's: repeating the same call gives the same error."""


class CollectionError(CairnError):
    """The collection is not what the caller takes it for: dropped, reset, of another schema."""


class StorageError(CairnError):
    """The file's, or the system's: busy, full, damaged."""


class InternalError(CairnError):
    """The library's own."""


class Cancelled(CairnError):
    """Database.interrupt() has ended the call; nothing was changed."""


class Closed(ValueError):
    """What was used is closed."""

    def __init__(self, what: str) -> None:
        super().__init__(f"the {what} is closed")
        self.what = what

    def __reduce__(self) -> tuple[Type[Closed], tuple[str]]:
        return type(self), (self.what,)


_BANDS: dict[int, Type[CairnError]] = {
    0: Cancelled,
    1: UsageError,
    2: CollectionError,
    3: StorageError,
    4: InternalError,
}


def error_of(
    status: int, name: str, message: str, sqlite_code: int = 0, retryable: bool = False
) -> CairnError:
    """Gives the exception for a status."""
    kind = _BANDS.get(status // 100, CairnError)
    return kind(status, name, message, sqlite_code, retryable)
