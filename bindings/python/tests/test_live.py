"""Live collections: changes, local mutations, sources, subsets, and errors that reach who waits."""

import asyncio
import gc
import threading
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Awaitable, Callable, Dict, List, Optional

import pytest

import cairn
from cairn import UNDEFINED, Change, Durability, Subset, Sync, ref

WAIT = 20.0


def run(body: Callable[[], Awaitable[None]]) -> None:
    async def bounded() -> None:
        await asyncio.wait_for(body(), WAIT * 3)

    asyncio.run(bounded())


async def take(changes: Any, count: int) -> List[Change]:
    return [await asyncio.wait_for(changes.__anext__(), WAIT) for _ in range(count)]


async def until(condition: Callable[[], bool]) -> None:
    async def poll() -> None:
        while not condition():
            await asyncio.sleep(0.005)

    await asyncio.wait_for(poll(), WAIT)


@pytest.fixture
def synced(db: cairn.Database) -> cairn.Collection:
    return db.collection("cities", key="id", local=False)


# --- changes ---


def test_changes_of_a_collection(todos: cairn.Collection) -> None:
    async def body() -> None:
        seen: List[Change] = []

        async def listen() -> None:
            async for change in todos.changes():
                seen.append(change)
                if len(seen) == 3:
                    return

        listening = asyncio.create_task(listen())
        await asyncio.sleep(0.3)
        await asyncio.to_thread(todos.insert, {"id": 100, "at": datetime(2026, 1, 1, tzinfo=timezone.utc)})
        await until(lambda: len(seen) == 1)
        await asyncio.to_thread(todos.update, {"id": 100, "n": 2**70})
        await until(lambda: len(seen) == 2)
        await asyncio.to_thread(todos.delete, 100)
        await asyncio.wait_for(listening, WAIT)
        first = {"id": 100, "at": datetime(2026, 1, 1, tzinfo=timezone.utc)}
        second = {**first, "n": 2**70}
        assert seen == [
            Change("insert", 100, first, None),
            Change("update", 100, second, first),
            Change("delete", 100, None, second),
        ]

    run(body)
    gc.collect()
    assert not [thread for thread in threading.enumerate() if thread.name == "cairn"]


def test_streams_that_are_left(todos: cairn.Collection) -> None:
    """Each ends with its loop, its task or its last reference, not with the database alone."""

    def threads() -> int:
        return sum(thread.name == "cairn" for thread in threading.enumerate())

    async def body() -> None:
        async for change in todos.changes():
            raise AssertionError(change)

    async def cancelled() -> None:
        task = asyncio.create_task(body())
        await until(lambda: threads() == 1)
        task.cancel()
        await asyncio.wait([task])
        del task
        gc.collect()
        assert threads() == 0

    async def broken_off() -> None:
        stream = todos.changes()
        waiting = asyncio.ensure_future(stream.__anext__())
        await until(lambda: threads() == 1)
        waiting.cancel()
        await asyncio.wait([waiting])
        await stream.aclose()
        assert threads() == 0

    for _ in range(5):
        run(cancelled)
        run(broken_off)


def test_changes_of_a_synced_collection(synced: cairn.Collection) -> None:
    """Whoever reads one need not have its source."""

    async def body() -> None:
        async with synced.live() as live:
            await live.ready()
            changes = live.changes()
            await asyncio.to_thread(synced.insert_many, [{"id": 1}, {"id": 2}])
            assert [change.key for change in await take(changes, 2)] == [1, 2]

    run(body)


def test_no_python_on_engine_threads(todos: cairn.Collection) -> None:
    """All of it happens in the loop's thread, and in the one that Python itself has started."""

    async def body() -> None:
        async with todos.live() as live:
            await live.ready()
            known = {thread.name for thread in threading.enumerate()}
            await live.insert({"id": 100})
            assert not any(name.startswith("Dummy") for name in known | {t.name for t in threading.enumerate()})

    run(body)


def test_rows_and_streams(todos: cairn.Collection) -> None:
    async def body() -> None:
        async with todos.live() as live:
            await live.ready()
            assert len(live) == 20 and live[3] == todos.get(3) and 99 not in live and live.get(99) is None
            assert sorted(live) == list(range(20)) and sum(row["id"] for row in live.values()) == 190
            first, second = live.changes(), live.changes()
            live.delete(3)
            assert [change.key for change in await take(first, 1)] == [3]
            await second.aclose()
            with pytest.raises(StopAsyncIteration):
                await second.__anext__()  # let go of
            assert len(live) == 19
        assert [change async for change in first] == []

    run(body)


# --- local mutations ---


def test_mutations_are_seen_at_once_and_durable(todos: cairn.Collection) -> None:
    async def body() -> None:
        async with todos.live() as live:
            await live.ready()
            changes = live.changes()
            saved = live.insert({"id": 100, "n": 1})
            assert live[100] == {"id": 100, "n": 1} and len(live) == 21
            live.update({"id": 100, "n": 2, "more": True})
            assert live[100] == {"id": 100, "n": 2, "more": True}
            last = live.update({"id": 100, "more": UNDEFINED})
            assert live[100] == {"id": 100, "n": 2}
            confirmed = await saved
            assert confirmed.durability is Durability.Disk and confirmed.position is not None
            await last
            assert todos.get(100) == {"id": 100, "n": 2} == live[100]
            assert [change.kind for change in await take(changes, 3)] == ["insert", "update", "update"]
            await live.delete(100)
            assert todos.get(100) is None and 100 not in live
            assert (await take(changes, 1))[0].kind == "delete"

    run(body)


def test_mutations_together(todos: cairn.Collection) -> None:
    async def body() -> None:
        async with todos.live() as live:
            await live.ready()
            with live.transaction() as transaction:
                transaction.insert({"id": 100})
                transaction.delete(1)
                transaction.update({"id": 2, "done": "maybe"})
                assert 100 not in live
            assert 100 in live and 1 not in live and live[2]["done"] == "maybe"
            assert transaction.durable is not None
            await transaction.durable
            assert 100 in todos and 1 not in todos
            with pytest.raises(ZeroDivisionError), live.transaction() as transaction:
                transaction.delete(5)
                1 / 0
            assert 5 in live and transaction.durable is None

    run(body)


def test_refused_mutations_are_taken_back(todos: cairn.Collection) -> None:
    async def body() -> None:
        async with todos.live() as live:
            await live.ready()
            with pytest.raises(TypeError):
                live.insert({"id": 100, "what": object()})
            assert 100 not in live
            with pytest.raises(TypeError):
                live.insert({"a": 1}, key=[1])  # type: ignore[arg-type]
            with pytest.raises(TypeError):
                live.delete({})  # type: ignore[arg-type]
            assert len(live) == 20 and live.state.ok

    run(body)


def test_a_refused_key_is_taken_back(todos: cairn.Collection) -> None:
    async def body() -> None:
        async with todos.live() as live:
            await live.ready()
            refused = live.insert({"a": 1}, key=float("nan"))
            assert len(live) == 21
            with pytest.raises(cairn.CairnError) as caught:
                await refused
            assert caught.value.name == "CAIRN_INVALID_VALUE"
            assert len(live) == 20
            await live.insert({"id": 100})

    run(body)


def test_closing_saves_first(todos: cairn.Collection) -> None:
    async def body() -> None:
        async with todos.live() as live:
            await live.ready()
            for i in range(100, 150):
                live.insert({"id": i})
        assert len(todos) == 70
        with pytest.raises(cairn.Closed):
            live.insert({"id": 1})

    run(body)


# --- sources ---


class Cities:
    """A source that brings rows, and then what it is told to."""

    def __init__(self, rows: Optional[List[Dict[str, Any]]] = None) -> None:
        self.rows = rows or []
        self.started: List[Dict[str, Any]] = []
        self.ended = 0
        self.syncs: List[Sync] = []
        self.asked: List[Subset] = []
        self.unasked = 0

    def sync(self, sync: Sync) -> Callable[[], None]:
        self.started.append(dict(sync.metadata))
        self.syncs.append(sync)
        sync.begin()
        for row in self.rows:
            sync.write("insert", row)
        sync.commit({"cursor": len(self.rows)})
        sync.ready()
        return self.end

    def end(self) -> None:
        self.ended += 1


def test_a_source(db: cairn.Database, synced: cairn.Collection) -> None:
    source = Cities([{"id": 1, "name": "Bergen"}, {"id": 2, "name": "Lyon"}])

    async def body() -> None:
        async with synced.live(source) as live:
            await live.ready(remote=True)
            assert len(live) == 2
            await until(lambda: live.leads)  # elections take their time
            (sync,) = source.syncs
            changes = live.changes()
            sync.begin()
            sync.write("update", {"id": 1, "people": 291189})
            sync.write("delete", key=2)
            sync.write("insert", {"id": 3, "name": "Graz"}, metadata={"etag": 9})
            assert live[1] == {"id": 1, "name": "Bergen"}
            saved = sync.commit({"cursor": 3})
            assert live[1] == {"id": 1, "name": "Bergen", "people": 291189} and 2 not in live
            assert await saved is Durability.Os
            assert synced.get(1) == live[1] and synced.metadata() == {"cursor": 3}
            assert {change.kind for change in await take(changes, 3)} == {"insert", "update", "delete"}
            with sync.transaction():
                sync.write("insert", {"id": 4})
                sync.truncate()
                sync.write("insert", {"id": 5})
            await until(lambda: synced.get(5) is not None)
            assert list(live) == [5] and synced.all() == [{"id": 5}]
            with pytest.raises(RuntimeError):
                sync.commit()
        assert source.ended == 1
        with pytest.raises(cairn.Closed):
            sync.begin()

    run(body)
    assert source.started == [{}]

    async def again() -> None:
        """From the disk, at once; the source begins where it was."""
        async with synced.live(source) as live:
            await live.ready()
            assert live[5] == {"id": 5}

    run(again)
    assert source.started == [{}, {"cursor": 3}]


def test_a_source_that_is_a_coroutine(synced: cairn.Collection) -> None:
    ended: List[str] = []

    async def source(sync: Sync) -> None:
        try:
            for i in range(3):
                with sync.transaction():
                    sync.write("insert", {"id": i})
                await asyncio.sleep(0.01)
            sync.ready()
            await asyncio.sleep(WAIT)
        except asyncio.CancelledError:
            ended.append("cancelled")
            raise

    async def body() -> None:
        async with synced.live(source) as live:
            await live.ready()
            assert sorted(live) == [0, 1, 2] and len(synced) == 3
            live.metadata["not mine"] = 1

    run(body)
    assert ended == ["cancelled"]


def test_exceptions_of_a_source_reach_the_caller(synced: cairn.Collection) -> None:
    class Broken(Exception):
        pass

    async def fails(sync: Sync) -> None:
        await asyncio.sleep(0.01)
        raise Broken("the server is gone")

    def fails_at_once(sync: Sync) -> None:
        raise Broken("there is no server")

    async def fails_later(sync: Sync) -> None:
        sync.ready()
        await asyncio.sleep(0.05)
        raise Broken("the server is gone")

    async def ready(source: Any) -> None:
        async with synced.live(source) as live:
            await live.ready()

    async def stream() -> None:
        async with synced.live(fails_later) as live:
            await live.ready()
            async for _ in live.changes():
                pass

    async def end() -> None:
        async with synced.live(fails_later) as live:
            await live.ready()
            await until(lambda: not live.state.ok)

    async def says_so() -> None:
        def source(sync: Sync) -> None:
            sync.error(Broken("not now"))

        async with synced.live(source) as live:
            await live.ready()

    async def nobody_waits() -> None:
        async with synced.live(fails_at_once) as live:
            await until(lambda: not live.state.ok)

    for body in (lambda: ready(fails), lambda: ready(fails_at_once), stream, end, says_so, nobody_waits):
        with pytest.raises(Broken):
            run(body)


def test_a_row_that_cannot_be_kept(synced: cairn.Collection) -> None:
    def source(sync: Sync) -> None:
        sync.begin()
        sync.write("insert", {"id": 1, "what": object()})
        sync.commit()

    async def body() -> None:
        async with synced.live(source) as live:
            await live.ready()

    with pytest.raises(TypeError, match="object"):
        run(body)
    assert len(synced) == 0


def test_a_reset_begins_the_source_anew(db: cairn.Database, synced: cairn.Collection) -> None:
    source = Cities([{"id": 1}])

    async def body() -> None:
        async with synced.live(source) as live:
            await live.ready(remote=True)
            await until(lambda: len(synced) == 1)
            await asyncio.to_thread(synced.reset)
            await until(lambda: len(source.started) == 2)
            await until(lambda: len(synced) == 1)
            assert source.ended == 1 and source.started == [{}, {}]
            with pytest.raises(cairn.Closed):
                source.syncs[0].begin()

    run(body)


def test_local_collections_have_no_source(todos: cairn.Collection, synced: cairn.Collection) -> None:
    with pytest.raises(ValueError):
        todos.live(Cities())

    async def body() -> None:
        async with synced.live() as live:
            with pytest.raises(ValueError):
                live.insert({"id": 1})
            with pytest.raises(ValueError):
                await live.load(synced.query())

    run(body)


# --- on demand ---


class OnDemand(Cities):
    def __init__(self) -> None:
        super().__init__()
        self.fails = False

    async def load_subset(self, subset: Subset) -> None:
        self.asked.append(subset)
        await asyncio.sleep(0)
        if self.fails:
            raise ConnectionError("no network")
        (sync,) = self.syncs
        with sync.transaction():
            for i in range(10):
                sync.write("insert", {"id": i, "n": i})

    def unload_subset(self, subset: Subset) -> None:
        self.unasked += 1


def test_subsets(db: cairn.Database, synced: cairn.Collection) -> None:
    source = OnDemand()

    async def body() -> None:
        async with synced.live(source, on_demand=True) as live:
            await live.ready()
            query = synced.where(ref("n") < 3).order_by("n", descending=True).limit(2)
            loaded = await live.load(query)
            assert {1, 2} <= set(live)
            (asked,) = source.asked
            assert repr(asked.where) == "lt(ref('n'), 3)" and asked.limit == 2
            (order,) = asked.order_by
            assert order.descending and repr(order.expression) == "ref('n')"
            loaded.unload()
            await until(lambda: source.unasked == 1)
            source.fails = True
            with pytest.raises(ConnectionError, match="no network"):
                await live.load(synced.where(ref("n") == 5))
            assert 5 in live and live.state.ok  # what is on the disk is there
            await until(lambda: len(synced) == 10)

    run(body)


def test_local_subsets(todos: cairn.Collection) -> None:
    async def body() -> None:
        async with todos.live(on_demand=True) as live:
            await live.ready()
            assert len(live) == 0
            first = await live.load(todos.where(ref("priority") == 3))
            assert sorted(live) == [3, 8, 13, 18]
            await live.insert({"id": 100, "priority": 3})
            await live.load(todos.where(ref("id") < 2))
            assert sorted(live) == [0, 1, 3, 8, 13, 18, 100]
            first.unload()
            # What this view has written itself stays.
            await until(lambda: sorted(live) == [0, 1, 100])
            with pytest.raises(cairn.UsageError):
                await live.load(todos.where(cairn.call("nonsense")))

    run(body)


# --- several at once ---


def test_two_live_views(tmp_path: Path) -> None:
    """Of two handles in one process, and in memory of one."""

    async def both(first: cairn.Collection, second: cairn.Collection) -> None:
        async with first.live() as a, second.live() as b:
            await a.ready()
            await b.ready()
            changes = b.changes()
            await a.insert({"id": 1})
            assert (await take(changes, 1))[0].row == {"id": 1}
            await b.update({"id": 1, "n": 2})
            await until(lambda: a.get(1) == {"id": 1, "n": 2})

    with cairn.open(tmp_path / "a.cairn") as db, cairn.open(tmp_path / "a.cairn") as other:
        run(lambda: both(db.collection("c", key="id"), other.collection("c", key="id")))
    with cairn.open(in_memory=True) as db:
        run(lambda: both(db.collection("c", key="id"), db.collection("c", key="id")))


def test_a_large_collection(db: cairn.Database) -> None:
    rows = db.collection("rows", key="id", durability=Durability.Os)
    rows.insert_many({"id": f"{i}", "n": i} for i in range(20_000))

    async def body() -> None:
        async with rows.live() as live:
            await live.ready()
            assert len(live) == 20_000 and live["12345"]["n"] == 12345

    run(body)


def test_closing_the_database_ends_all(tmp_path: Path) -> None:
    async def body() -> None:
        db = cairn.open(tmp_path / "a.cairn")
        rows = db.collection("rows", key="id")
        async with rows.live() as live:
            await live.ready()
            changes = live.changes()
            await asyncio.to_thread(db.close)
            with pytest.raises(cairn.Closed):
                await take(changes, 1)

    run(body)


def test_keys_that_python_takes_for_the_same(db: cairn.Database) -> None:
    rows = db.collection("rows")
    rows.insert({"n": 1}, key=0)
    rows.insert({"n": 2}, key=-0.0)

    async def body() -> None:
        async with rows.live() as live:
            await live.ready()
            assert len(live) == 2 and live[0] == {"n": 1} and live[-0.0] == {"n": 2}
            await live.delete(0)
            assert len(live) == 1 and rows.all() == [{"n": 2}]

    run(body)
