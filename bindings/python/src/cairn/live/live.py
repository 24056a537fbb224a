"""A live view of a collection: its rows as they are now, whoever writes them, changes as a stream, and
local mutations or a source. All rules are the engine's; see core/replica/FRONT.md. A Live is for the
thread of one event loop."""

from __future__ import annotations

import asyncio
import functools
import logging
import uuid
from dataclasses import replace
from types import TracebackType
from typing import TYPE_CHECKING, Any, Awaitable, Callable, Dict, Iterator, List, Mapping, Optional, Set, Type, cast

from .._errors import Closed, error_of
from .._library import api, result
from .._schemas import Durability, EffectKind, EventKind, Op, Position, SyncMode
from .._schemas import Subset as SubsetTable
from .._tables import make
from .._values import UNDEFINED, Key, Row, checked, identity
from ..query import Query
from ..transaction import mutation
from .front import Change, Front, Write
from .parts import Changes, Confirmed, LiveTransaction, Loaded, State
from .runner import Effect, Link
from .source import SourceLike, _Pending, subset_of
from .task import SourceRun

if TYPE_CHECKING:
    from ..collection import Collection

log = logging.getLogger("cairn")

# How long a commit waits for this instance to lead, in seconds, before it leaves saving to another.
ELECTION = 1.0
# How long closing waits for what is not saved yet.
CLOSING = 10.0


class Live(Mapping[Key, Row]):
    """A mapping of keys to rows. Made by Collection.live(); `async with` it."""

    def __init__(
        self,
        collection: Collection,
        source: Optional[SourceLike] = None,
        *,
        on_demand: bool = False,
        full_updates: bool = False,
    ) -> None:
        if source is not None and collection.local:
            raise ValueError("a local-only collection has no source: open it with local=False")
        self.collection = collection
        self.metadata: Dict[str, Any] = {}
        self.position: Optional[Position] = None
        self.state = State()
        self.leads = False
        self.on_demand = on_demand
        self._source = source
        self._full_updates = full_updates
        self._front = Front(self._changed)
        self._streams: Set[Changes] = set()
        self._link: Optional[Link] = None
        self._last = 0
        self._starting = 0
        self._saved_up_to = 0
        self._failure: Optional[BaseException] = None
        self._failure_shown = False
        self._closed = False
        self._has_contents = False
        self._mutations: Dict[int, asyncio.Future[Confirmed]] = {}
        self._saves: Dict[int, asyncio.Future[Durability]] = {}
        self._subsets: Dict[int, Loaded] = {}
        self._run: Optional[SourceRun] = None
        self._loop: asyncio.AbstractEventLoop = cast(asyncio.AbstractEventLoop, None)

    # --- a mapping ---

    def __getitem__(self, key: Key) -> Row:
        row = self._front.see(identity(key))
        if row is None:
            raise KeyError(key)
        return row

    def __iter__(self) -> Iterator[Key]:
        return (key for key, _ in self._front.entries())

    def __len__(self) -> int:
        return self._front.count()

    def __bool__(self) -> bool:
        return True

    def row_metadata(self, key: Key) -> Any:
        """The metadata of a row; None where it has none."""
        return self._front.row_metadata(key)

    def changes(self) -> Changes:
        stream = Changes(self)
        if not self._closed:
            self._streams.add(stream)
            self._front.watched = True
        return stream

    # --- a run ---

    async def __aenter__(self) -> Live:
        self._loop = asyncio.get_running_loop()
        self._at_hand: asyncio.Future[None] = self._loop.create_future()
        self._remote: asyncio.Future[None] = self._loop.create_future()
        self._elected: asyncio.Future[None] = self._loop.create_future()
        for future in (self._at_hand, self._remote, self._elected):
            future.add_done_callback(lambda done: done.cancelled() or done.exception())
        database = self.collection._database
        runner = database._run()
        try:
            opened = api.cairn_replica_open(self.collection._handle, runner.coordinator, self._options())
            self._link = Link(result(opened), self._take_later, self._failed_later)
            runner.add(self._link)
            self._starting = self._send(EventKind.Start)
        except BaseException:
            database._leave(self._link)
            raise
        self._loop.call_later(ELECTION, self._end_election)
        return self

    async def __aexit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        await self.close()
        if kind is None and self._failure is not None and not self._failure_shown:
            self._failure_shown = True
            raise self._failure

    async def close(self) -> None:
        """Ends the run. What the source has committed, and local mutations, are saved first."""
        if self._closed:
            return
        try:
            if self._run is not None:
                await self._run.end()
            waiting: List[asyncio.Future[Any]] = [*self._mutations.values(), *self._saves.values()]
            if waiting and self.state.ok and self._failure is None:
                await asyncio.wait(waiting, timeout=CLOSING)
        finally:
            # Also where that is cancelled; and then what has begun in another thread ends there.
            if not self._closed:
                await asyncio.shield(self._loop.run_in_executor(None, self._stop()))

    def abandon(self) -> None:
        """Ends the run at once, in any thread, also after its loop. What is not saved is gone."""
        if not self._closed:
            self._closed = True
            self._call(self._give_up, Closed("live collection"))
            self.collection._database._leave(self._link)

    def _stop(self) -> Callable[[], None]:
        """Ends the run, but for what may take a while, which is given."""
        self._closed = True
        if self._link is not None and not self._link.closed:
            self._send(EventKind.Stop)
        self._give_up(Closed("live collection"))
        return functools.partial(self.collection._database._leave, self._link)

    async def ready(self, *, remote: bool = False) -> None:
        """Waits until the rows can be read: from the disk, where they were synced before, else from the
        source; with `remote` until the source has said so. Raises what the source has raised."""
        await self._shown(asyncio.shield(self._at_hand))
        if self._source is not None and (remote or not self._has_contents):
            await self._shown(asyncio.shield(self._remote))
        if self._failure is not None:
            self._failure_shown = True
            raise self._failure

    async def _shown(self, waiting: Awaitable[None]) -> None:
        """Awaits, and notes that somebody has got the failure."""
        try:
            await waiting
        except BaseException as error:
            self._failure_shown = self._failure_shown or error is self._failure
            raise

    def retry(self) -> None:
        """Tries at once again what has failed."""
        self._send(EventKind.Retry)

    # --- local mutations ---

    def insert(self, row: Row, *, key: Optional[Key] = None) -> asyncio.Future[Confirmed]:
        """Inserts a row, seen at once. The future has how durable it is, or raises where the engine has
        refused it: then it is not seen any more."""
        return self._mutate([(Op.Insert, self.collection._key_of(row, key), dict(row))])

    def update(self, changes: Row, *, key: Optional[Key] = None) -> asyncio.Future[Confirmed]:
        return self._mutate([(Op.Update, self.collection._key_of(changes, key), dict(changes))])

    def delete(self, key: Key) -> asyncio.Future[Confirmed]:
        return self._mutate([(Op.Delete, checked(key), None)])

    def transaction(self) -> LiveTransaction:
        """`with` it: all of its mutations are accepted, or none. `durable` is their future then."""
        return LiveTransaction(self)

    def _mutate(self, writes: List[Write]) -> asyncio.Future[Confirmed]:
        if not self.collection.local:
            raise ValueError("a synced collection is written by its source")
        self._check()
        batch = api.encode_rows([mutation(Op(op), key, row) for op, key, row in writes])
        ids = [str(uuid.uuid4()) for _ in writes]
        future: asyncio.Future[Confirmed] = self._loop.create_future()
        number = self._next()
        self._mutations[number] = future
        self._front.mutate(number, writes)
        self._emit(number, EventKind.Mutate, id=str(uuid.uuid4()), mutation_ids=ids, batch=batch)
        return future

    # --- subsets ---

    async def load(self, query: Query) -> Loaded:
        """Loads what a query asks for, and keeps it fresh. Where the collection has a source, that is
        asked, too; what it raises is raised here, while the rows of the disk stay."""
        if not self.on_demand:
            raise ValueError("only a collection that is live with on_demand=True has subsets")
        self._check()
        table = make("Subset", query._subset())
        remote = self._source is not None
        loaded = Loaded(self, self._last + 1, query, {False, True} if remote else {False})
        self._subsets[loaded._id] = loaded
        self._send(EventKind.LoadSubset, subset_id=loaded._id, subset=table)
        try:
            await self._shown(loaded._ready)
        except asyncio.CancelledError:
            loaded.unload()
            raise
        return loaded

    def _unload(self, loaded: Loaded) -> None:
        if self._subsets.pop(loaded._id, None) is None:
            return
        loaded._settle(None)
        if not self._closed:
            self._send(EventKind.UnloadSubset, subset_id=loaded._id)
            if self._run is not None:
                self._run.unload(loaded._id)

    # --- events ---

    def _options(self) -> memoryview:
        return make(
            "ReplicaOptions",
            {
                "mode": (SyncMode.OnDemand if self.on_demand else SyncMode.Eager).name,
                "source": self._source is not None,
                "full_updates": self._full_updates,
                "metadata": True,
            },
        )

    def _check(self) -> None:
        if self._closed or self._link is None or self._link.closed:
            raise Closed("live collection")

    def _next(self) -> int:
        self._last += 1
        return self._last

    def _send(self, kind: EventKind, **fields: Any) -> int:
        number = self._next()
        self._emit(number, kind, **fields)
        return number

    def _emit(self, number: int, kind: EventKind, **fields: Any) -> None:
        if self._link is not None:
            self._link.send(number, api.encode_event(kind.value, number, **fields))

    def _commit(self, pending: _Pending, metadata: Dict[str, Any], id: str) -> asyncio.Future[Durability]:
        """A transaction of the source."""
        self._check()
        # What cannot be kept is found before anything is sent.
        batches = pending.batches()
        commit: Dict[str, Any] = {"id": id or None, "metadata": metadata or None}
        api.encode_event(EventKind.SourceCommit, 1, **commit)
        self._send(EventKind.SourceBegin)
        if pending.truncates:
            self._front.truncate(self._send(EventKind.SourceTruncate))
        for batch, writes in batches:
            number = self._send(EventKind.SourceWrite, batch=batch)
            self._front.write(number, writes, self._full_updates)
        future: asyncio.Future[Durability] = self._loop.create_future()
        number = self._next()
        self._saves[number] = future
        self._emit(number, EventKind.SourceCommit, **commit)
        if not self.leads and self._elected.done():
            self._settle_saves(number, Durability.Default)
        return future

    # --- effects ---

    def _take_later(self, effect: Effect) -> None:
        self._call(self._take, effect)

    def _failed_later(self, number: int, error: BaseException) -> None:
        self._call(self._failed, number, error)

    def _call(self, function: Any, *arguments: Any) -> None:
        try:
            self._loop.call_soon_threadsafe(function, *arguments)
        except RuntimeError:
            pass  # the loop is closed: nobody is there to hear of it

    def _take(self, effect: Effect) -> None:
        kind, seen = effect["kind"], effect["seen"]
        if kind == EffectKind.Started and seen == self._starting:
            self._starting = 0
        if self._closed or self._starting != 0:
            return
        try:
            _EFFECTS.get(kind, Live._take_nothing)(self, effect)
        except Exception as error:  # noqa: BLE001 - it is shown to who waits
            self._failed(0, error)

    def _take_nothing(self, effect: Effect) -> None:
        """Not of use here."""

    def _take_started(self, effect: Effect) -> None:
        self._take_position(effect)
        self._has_contents = self.position is not None and self.position.row_version > 0
        self.metadata = dict(effect.get("metadata", {}))
        if self.on_demand:
            self._set(self._at_hand)
            self._start_source()

    def _take_rows(self, effect: Effect) -> None:
        self._take_position(effect)
        self._take_metadata(effect)
        self._front.take(effect)

    def _take_ready(self, effect: Effect) -> None:
        remote = effect.get("remote", False)
        id = effect["subset_id"]
        if id != 0:
            self._settle_subset(id, remote)
        elif remote:
            self._set(self._remote)
        else:
            # A source that compares with what is there has to find all of it.
            if not self.on_demand:
                self._start_source()
            self._set(self._at_hand)

    def _settle_subset(self, id: int, remote: bool) -> None:
        loaded = self._subsets.get(id)
        if loaded is not None:
            loaded._waits_for.discard(remote)
            if not loaded._waits_for:
                loaded._settle(None if self._run is None else self._run.failures.pop(id, None))

    def _take_remote(self, effect: Effect) -> None:
        loaded = self._subsets.get(effect["subset_id"])
        if loaded is not None:
            asked = subset_of(SubsetTable.read(make("Subset", loaded.query._subset())))
        else:
            asked = subset_of(SubsetTable.read(memoryview(effect["subset"])))
        if self._run is None or (loaded is None and effect["subset_id"] != 0):
            self._send(EventKind.EffectDone, effect=effect["number"])
        else:
            self._run.load(effect["number"], effect["subset_id"], asked)

    def _take_confirm(self, effect: Effect) -> None:
        self._take_position(effect)
        self._front.settle(effect["seen"])
        future = self._mutations.pop(effect["seen"], None)
        if future is not None and not future.done():
            durability = Durability(effect.get("durability", 0))
            future.set_result(Confirmed(self.position, durability))

    def _take_reject(self, effect: Effect) -> None:
        self._front.settle(effect["seen"])
        future = self._mutations.pop(effect["seen"], None)
        if future is not None and not future.done():
            future.set_exception(_error(effect))

    def _take_saved(self, effect: Effect) -> None:
        self._take_position(effect)
        self._front.saved(effect["seen"])
        self._settle_saves(effect["seen"], Durability(effect.get("durability", 0)))

    def _take_leadership(self, effect: Effect) -> None:
        self.leads = effect.get("leads", False)
        self._set(self._elected)
        if not self.leads:
            self._settle_saves(self._last, Durability.Default)

    def _take_error(self, effect: Effect) -> None:
        error = _error(effect)
        loaded = self._subsets.get(effect["subset_id"])
        if effect["subset_id"] != 0:
            if loaded is not None:
                cause = None if self._run is None else self._run.failures.pop(loaded._id, None)
                loaded._settle(cause or error)
            return
        self.state = State(error, effect.get("retryable", False), effect.get("unsaved", 0))
        log.warning('the collection "%s": %s', self.collection.name, error)

    def _take_recovered(self, effect: Effect) -> None:
        self.state = State()

    def _take_restart(self, effect: Effect) -> None:
        self._take_position(effect)
        self.metadata = dict(effect.get("metadata", {}))
        if self._run is None:
            self._send(EventKind.EffectDone, effect=effect["number"])
        else:
            self._run.restart(effect["number"])

    def _take_position(self, effect: Effect) -> None:
        if "position" in effect:
            self.position = Position.of(effect["position"])

    def _take_metadata(self, effect: Effect) -> None:
        for name, value in effect.get("metadata", {}).items():
            if value is UNDEFINED:
                self.metadata.pop(name, None)
            else:
                self.metadata[name] = value

    # --- what comes of it ---

    def _changed(self, changes: List[Change]) -> None:
        for stream in list(self._streams):
            stream._put(changes)

    def _end_election(self) -> None:
        self._set(self._elected)
        if not self.leads:
            self._settle_saves(self._last, Durability.Default)

    def _settle_saves(self, up_to: int, durability: Durability) -> None:
        for number in [number for number in self._saves if number <= up_to]:
            future = self._saves.pop(number)
            if not future.done():
                future.set_result(durability)

    def _start_source(self) -> None:
        if self._source is not None and self._run is None and not self._closed:
            self._run = SourceRun(self, self._source)
            self._run.start()

    def _source_ready(self) -> None:
        self._send(EventKind.SourceReady)

    def _source_failed(self, error: BaseException) -> None:
        if self._closed:
            return
        self._send(EventKind.SourceError, message=str(error))
        self._show(error)

    def _failed(self, number: int, error: BaseException) -> None:
        """Something of an event, or all of the replica, has failed."""
        if self._closed:
            return
        for waiting in (self._mutations, self._saves):
            future = cast("Dict[int, asyncio.Future[Any]]", waiting).pop(number, None)
            if future is not None:
                self._front.settle(number)
                if not future.done():
                    future.set_exception(error)
                return
        if number in self._subsets:
            self._subsets[number]._settle(error)
            return
        self._show(error)
        if number == 0:
            self._give_up(error)

    def _show(self, error: BaseException) -> None:
        """An error for all who wait, or will."""
        self._failure = self._failure or error
        self.state = replace(self.state, error=error, retryable=False)
        for future in (self._at_hand, self._remote):
            if not future.done():
                future.set_exception(error)
        for loaded in self._subsets.values():
            loaded._settle(error)
        for stream in self._streams:
            stream._wake()

    def _give_up(self, error: BaseException) -> None:
        """Nobody shall wait for what does not come any more."""
        for waiting in (self._mutations, self._saves):
            futures = cast("Dict[int, asyncio.Future[Any]]", waiting)
            for future in futures.values():
                if not future.done():
                    future.set_exception(error)
                    future.exception()
            futures.clear()
        for waited_for in (self._at_hand, self._remote):
            if not waited_for.done():
                waited_for.set_exception(error)
        for loaded in self._subsets.values():
            loaded._settle(error)
        for stream in self._streams:
            stream._wake()

    @staticmethod
    def _set(future: asyncio.Future[None]) -> None:
        if not future.done():
            future.set_result(None)


def _error(effect: Effect) -> BaseException:
    status = effect.get("status", 0)
    name = api.cairn_status_name(status)
    return error_of(status, name, effect.get("message", ""), 0, effect.get("retryable", False))


_EFFECTS = {
    EffectKind.Started: Live._take_started,
    EffectKind.Rows: Live._take_rows,
    EffectKind.Changes: Live._take_rows,
    EffectKind.Replace: Live._take_rows,
    EffectKind.Ready: Live._take_ready,
    EffectKind.EnsureRemoteSubset: Live._take_remote,
    EffectKind.Confirm: Live._take_confirm,
    EffectKind.Reject: Live._take_reject,
    EffectKind.Saved: Live._take_saved,
    EffectKind.Leadership: Live._take_leadership,
    EffectKind.Error: Live._take_error,
    EffectKind.Recovered: Live._take_recovered,
    EffectKind.RestartSource: Live._take_restart,
}
