"""Handles: closing is for good and never too early, and nothing grows."""

import asyncio
import gc
import os
import threading
from pathlib import Path
from typing import Any, Callable, List

import pytest

import cairn
from cairn._library import api


def rss() -> int:
    """Resident memory in KiB."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 1024


def files() -> int:
    return len(os.listdir("/proc/self/fd"))


def grows(cycle: Callable[[int], None], count: int) -> None:
    """Fails where memory, files or handles grow over so many cycles."""
    warm = count // 10
    for i in range(warm):
        cycle(i)
    gc.collect()
    memory, open_files, objects = rss(), files(), cairn.live_objects()
    for i in range(count - warm):
        cycle(i)
    gc.collect()
    assert cairn.live_objects() <= objects and files() <= open_files
    # A byte a cycle would be less than this, a handle much more.
    assert rss() - memory < 4096, f"{rss() - memory} KiB more after {count} cycles"


def test_ten_thousand_databases(tmp_path: Path) -> None:
    path = tmp_path / "cycles.cairn"

    def cycle(i: int) -> None:
        with cairn.open(path, background=False, durability=cairn.Durability.Os) as db:
            rows = db.collection("rows", key="id", durability=cairn.Durability.Os)
            rows.insert({"id": i % 10, "text": "x" * 100})
            assert rows.get(i % 10) is not None
            for row in rows.where(cairn.ref("id") == i % 10):
                assert row["id"] == i % 10

    grows(cycle, 10_000)


def test_ten_thousand_errors(db: cairn.Database) -> None:
    rows = db.collection("rows", key="id")

    def cycle(i: int) -> None:
        with pytest.raises(cairn.UsageError):
            rows.insert({"id": True, "text": "x" * 100})

    grows(cycle, 10_000)


def test_live_collections_do_not_grow(tmp_path: Path) -> None:
    with cairn.open(tmp_path / "live.cairn") as db:
        rows = db.collection("rows", key="id", durability=cairn.Durability.Os)

        async def one(i: int) -> None:
            async with rows.live() as live:
                await live.ready()
                await live.insert({"id": i % 10})

        grows(lambda i: asyncio.run(one(i)), 200)


def closed_things(db: cairn.Database) -> List[Callable[[], Any]]:
    rows = db.collection("rows", key="id")
    rows.insert({"id": 1})
    batches = rows.batches()
    transaction = rows.transaction()
    transaction.insert({"id": 2})
    transaction.rollback()
    db.close()
    return [
        db.info, db.check, db.digest, db.flush, db.compact, db.interrupt, lambda: db.collection("rows"),
        lambda: db.drop("rows"), lambda: db.backup("x"), lambda: db.maintain(1), db.prepare_for_suspend,
        rows.info, rows.metadata, rows.reset, rows.all, lambda: rows.get(1), lambda: rows.insert({"id": 1}),
        lambda: rows.delete(1), rows.transaction, lambda: rows.ensure_index("a", "a"), lambda: rows.remove_index("a"),
        lambda: len(rows), lambda: next(batches), lambda: rows.delta(cairn.Position()),
        transaction.commit, lambda: rows.query().explain(),
    ]  # fmt: skip


def test_use_after_close(tmp_path: Path) -> None:
    db = cairn.open(tmp_path / "test.cairn")
    for use in closed_things(db):
        with pytest.raises(cairn.Closed):
            use()
    db.close()
    assert db.closed


def test_every_function_takes_a_closed_handle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And null, another kind of handle, and what is no handle."""
    monkeypatch.chdir(tmp_path)  # some of these are paths
    db = cairn.open(tmp_path / "test.cairn")
    closed = db._handle
    db.close()
    functions = [name for name in dir(api) if name.startswith("cairn_") and callable(getattr(api, name))]
    assert len(functions) > 50
    for name in functions:
        for first in (closed, None, object(), 7, "text"):
            for count in range(6):
                try:
                    getattr(api, name)(first, *[b""] * (count - 1)) if count else getattr(api, name)()
                except (cairn.Closed, cairn.CairnError, TypeError, ValueError, OverflowError):
                    pass


def test_closing_a_collection_leaves_the_others(db: cairn.Database) -> None:
    first, second = db.collection("rows", key="id"), db.collection("rows", key="id")
    with first:
        first.insert({"id": 1})
    assert first.closed and second.get(1) == {"id": 1}


def test_closing_while_others_use_it(tmp_path: Path) -> None:
    """Calls that run end well, later ones raise Closed."""
    for _ in range(20):
        db = cairn.open(tmp_path / "test.cairn")
        rows = db.collection("rows", key="id", durability=cairn.Durability.Os)
        rows.insert_many({"id": i} for i in range(500))
        ended: List[str] = []

        def work() -> None:
            try:
                while True:
                    rows.all()
                    rows.insert({"id": 1})
            except cairn.Closed:
                ended.append("closed")
            except BaseException as error:  # noqa: BLE001
                ended.append(repr(error))

        threads = [threading.Thread(target=work) for _ in range(3)]
        for thread in threads:
            thread.start()
        db.close()
        for thread in threads:
            thread.join()
        assert ended == ["closed"] * 3


def test_what_nobody_has_is_closed(tmp_path: Path) -> None:
    before = cairn.live_objects()
    db = cairn.open(tmp_path / "test.cairn")
    rows = db.collection("rows", key="id")
    rows.insert_many({"id": i} for i in range(10_000))
    iterator = iter(rows)
    next(iterator)
    transaction = db.collection("others").transaction()
    transaction.insert({}, key=1)
    del db, rows, iterator, transaction
    gc.collect()
    assert cairn.live_objects() == before


def test_buffers_live_as_long_as_their_views(db: cairn.Database, todos: cairn.Collection) -> None:
    _, view = api.cairn_collection_get(todos._handle, api.encode(1))
    assert view is not None and view.readonly
    db.close()
    part = view[1:3]
    del view
    gc.collect()
    assert len(bytes(part)) == 2


def test_after_a_fork(db: cairn.Database, todos: cairn.Collection) -> None:
    child = os.fork()
    if child == 0:
        try:
            todos.get(1)
        except cairn.UsageError as error:
            os._exit(0 if error.name == "CAIRN_FORKED" else 1)
        except BaseException:  # noqa: BLE001
            os._exit(2)
        os._exit(3)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert todos.get(1) is not None
