"""Who closes a handle: the object of the package that has it, or the database it comes from. Any
thread may close, also while others use the handle: the library's part ends with the last call."""

from __future__ import annotations

import threading
import weakref
from types import TracebackType
from typing import TYPE_CHECKING, Callable, List, Optional, Type, TypeVar

if TYPE_CHECKING:
    from ._cairn import Handle

S = TypeVar("S", bound="Owner")


class Owner:
    """Has a handle, and closes it once: `with` it, or call close(). Afterwards its use raises Closed."""

    __slots__ = ("_handle", "_closes", "__weakref__")

    def __init__(self, handle: Handle, closes: Callable[[Handle], None]) -> None:
        self._handle = handle
        self._closes = closes

    def close(self) -> None:
        """Closes it. Closing again does nothing."""
        if not self._handle.closed:
            self._closes(self._handle)

    @property
    def closed(self) -> bool:
        return self._handle.closed

    def __enter__(self: S) -> S:
        return self

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        self.close()


class Children:
    """What was opened from a database and may have to be closed with it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._all: weakref.WeakSet[Owner] = weakref.WeakSet()

    def add(self, child: Owner) -> None:
        with self._lock:
            self._all.add(child)

    def close(self) -> None:
        with self._lock:
            children: List[Owner] = list(self._all)
        for child in children:
            child.close()
