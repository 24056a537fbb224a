"""What a live collection gives: changes, subsets, transactions, and how it stands. For the thread of
the event loop."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Deque, List, Optional, Set, Type

from .._schemas import Durability, Op, Position
from .._values import Key, Row, checked
from ..query import Query
from .front import Change, Write

if TYPE_CHECKING:
    from ..collection import Collection
    from .live import Live


@dataclass(frozen=True)
class Confirmed:
    """Local mutations that are in the file."""

    position: Optional[Position]
    durability: Durability


@dataclass(frozen=True)
class State:
    """What is wrong with saving or reading. Nothing is lost by it: what waits is tried again."""

    error: Optional[BaseException] = None
    retryable: bool = False
    unsaved: int = 0
    """Transactions of the source that wait to be saved."""

    @property
    def ok(self) -> bool:
        return self.error is None


class Changes:
    """An endless stream of changes: `async for`. It hears of all that happens after it was made."""

    def __init__(self, live: Live) -> None:
        self._live = live
        self._queue: Deque[Change] = deque()
        self._waiting: Optional[asyncio.Future[None]] = None

    def __aiter__(self) -> Changes:
        return self

    async def __anext__(self) -> Change:
        while not self._queue:
            if self._live._failure is not None:
                self._live._failure_shown = True
                raise self._live._failure
            if self._live._closed or self not in self._live._streams:
                raise StopAsyncIteration
            self._waiting = asyncio.get_running_loop().create_future()
            await self._waiting
        return self._queue.popleft()

    async def aclose(self) -> None:
        """Ends the stream; what it has not given yet is gone."""
        self._queue.clear()
        self._live._streams.discard(self)
        self._live._front.watched = bool(self._live._streams)
        self._wake()

    def _put(self, changes: List[Change]) -> None:
        self._queue.extend(changes)
        self._wake()

    def _wake(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)


class CollectionChanges:
    """The changes of a collection, without a live view of one's own. Made by Collection.changes()."""

    def __init__(self, collection: Collection) -> None:
        self._collection = collection
        self._live: Optional[Live] = None
        self._stream: Optional[Changes] = None

    def __aiter__(self) -> CollectionChanges:
        return self

    async def __anext__(self) -> Change:
        if self._stream is None:
            self._live = self._collection.live()
            await self._live.__aenter__()
            await self._live.ready()
            self._stream = self._live.changes()
        return await self._stream.__anext__()

    async def aclose(self) -> None:
        """Ends the stream. One that nobody has any more, as after a `break`, ends by itself."""
        if self._live is not None:
            await self._live.close()

    def __del__(self) -> None:
        if self._live is not None:
            self._live.abandon()


class Loaded:
    """A subset of a collection on demand. Its rows stay fresh until it is let go of."""

    def __init__(self, live: Live, id: int, query: Query, waits_for: Set[bool]) -> None:
        self._live = live
        self.query = query
        self._id = id
        self._waits_for = waits_for  # Ready from the disk (False), and from the source (True)
        self._ready: asyncio.Future[None] = live._loop.create_future()

    def unload(self) -> None:
        """Lets go of it: rows that no other subset holds leave."""
        self._live._unload(self)

    def _settle(self, error: Optional[BaseException]) -> None:
        if self._ready.done():
            return
        if error is None:
            self._ready.set_result(None)
        else:
            self._ready.set_exception(error)
            self._ready.exception()


class LiveTransaction:
    """Local mutations that are accepted together."""

    def __init__(self, live: Live) -> None:
        self._live = live
        self._writes: List[Write] = []
        self.durable: Optional[asyncio.Future[Confirmed]] = None

    def insert(self, row: Row, *, key: Optional[Key] = None) -> None:
        self._writes.append((Op.Insert, self._live.collection._key_of(row, key), dict(row)))

    def update(self, changes: Row, *, key: Optional[Key] = None) -> None:
        self._writes.append((Op.Update, self._live.collection._key_of(changes, key), dict(changes)))

    def delete(self, key: Key) -> None:
        self._writes.append((Op.Delete, checked(key), None))

    def __enter__(self) -> LiveTransaction:
        return self

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        if kind is None and self._writes:
            self.durable = self._live._mutate(self._writes)
