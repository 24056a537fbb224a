"""Runs a source: starts it, ends it, begins it anew, and asks it for subsets. For the thread of the
event loop."""

from __future__ import annotations

import asyncio
import inspect
from typing import TYPE_CHECKING, Any, Callable, Dict, Optional, Set, cast

from .._schemas import EventKind
from .source import SourceLike, Subset, Sync

if TYPE_CHECKING:
    from .live import Live


class SourceRun:
    def __init__(self, live: Live, source: SourceLike) -> None:
        self._live = live
        self._source = source
        self._sync: Optional[Sync] = None
        self._task: Optional[asyncio.Future[Any]] = None
        self._cleanup: Optional[Callable[[], object]] = None
        self._restarts = 0
        self._before: Optional[asyncio.Task[None]] = None
        self._tasks: Set[asyncio.Future[Any]] = set()
        self._asked: Dict[int, Subset] = {}
        self.failures: Dict[int, BaseException] = {}  # of subsets

    def start(self) -> None:
        sync = self._sync = Sync(self._live, dict(self._live.metadata))
        run = getattr(self._source, "sync", None) or self._source
        try:
            ending = cast("Callable[[Sync], Any]", run)(sync)
        except Exception as error:  # noqa: BLE001 - the caller of the collection gets it
            self._live._source_failed(error)
            return
        if inspect.isawaitable(ending):
            self._task = asyncio.ensure_future(ending)
            self._task.add_done_callback(lambda task: self._ended(sync, task))
        elif callable(ending):
            self._cleanup = ending

    def _ended(self, sync: Sync, task: asyncio.Future[Any]) -> None:
        if not task.cancelled() and task.exception() is not None and self._sync is sync:
            self._live._source_failed(cast(BaseException, task.exception()))

    async def end(self) -> None:
        """Ends this run of the source; what it does from here on raises Closed."""
        sync, self._sync = self._sync, None
        task, self._task = self._task, None
        cleanup, self._cleanup = self._cleanup, None
        if sync is not None:
            sync._end()
        if cleanup is not None:
            cleanup()
        for running in [task, *self._tasks]:
            if running is not None and running is not asyncio.current_task():
                running.cancel()
        if task is not None:
            await asyncio.wait([task])

    # --- beginning anew ---

    def restart(self, effect: int) -> None:
        self._restarts += 1
        self._before = asyncio.ensure_future(self._restart(effect, self._before))

    async def _restart(self, effect: int, before: Optional[asyncio.Task[None]]) -> None:
        if before is not None:
            await before
        try:
            await self.end()
        except Exception as error:  # noqa: BLE001 - of the source's own cleanup
            self._live._source_failed(error)
        self._restarts -= 1
        self._answer(EventKind.EffectDone, effect)
        # Where several come it begins after the last one.
        if self._restarts == 0 and not self._live._closed:
            self.start()

    # --- subsets ---

    def load(self, effect: int, id: int, subset: Subset) -> None:
        """It may take as long as the network does: effects that follow do not wait for it."""
        task = asyncio.ensure_future(self._load(effect, id, subset))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _load(self, effect: int, id: int, subset: Subset) -> None:
        load = getattr(self._source, "load_subset", None)
        if id != 0:
            self._asked[id] = subset
        try:
            if load is not None:
                given = load(subset)
                if inspect.isawaitable(given):
                    await given
        except Exception as error:  # noqa: BLE001 - whoever has asked for it gets it
            if id != 0:
                self.failures[id] = error
            self._answer(EventKind.EffectFailed, effect, str(error))
        else:
            self._answer(EventKind.EffectDone, effect)

    def unload(self, id: int) -> None:
        subset = self._asked.pop(id, None)
        unload = getattr(self._source, "unload_subset", None)
        if subset is not None and unload is not None:
            unload(subset)

    def _answer(self, kind: EventKind, effect: int, message: Optional[str] = None) -> None:
        # After the end of the run the replica takes no answers.
        if not self._live._closed:
            self._live._send(kind, effect=effect, message=message)
