"""Databases: options, upkeep, backups, damage, and what errors tell."""

import pickle
import sqlite3
import threading
import time
from pathlib import Path

import pytest

import cairn
from cairn import DamagePolicy, ref


def damage(path: Path) -> None:
    """Spoils pages in the middle of a file."""
    size = path.stat().st_size
    with path.open("r+b") as file:
        for at in range(size // 2, size - 4096, 4096):
            file.seek(at)
            file.write(b"\xde\xad" * 2048)


def fill(path: Path, rows: int = 2000) -> str:
    with cairn.open(path) as db:
        db.collection("rows", key="id").insert_many({"id": i, "text": "x" * 100} for i in range(rows))
        digest = db.digest().digest
        db.maintain(1000)
    return digest


def test_what_is_in_it(db: cairn.Database, todos: cairn.Collection) -> None:
    info = db.info()
    assert info.format_version == 2 and info.engine_version == cairn.__version__
    assert [(one.name, one.rows, one.local) for one in info.collections] == [("todos", 20, True)]
    assert not info.read_only and info.damage == ""
    report = db.check()
    assert report.ok and report.pages_checked and report.rows == 20 and report.problems == ()
    assert db.check("todos", pages=False).rows == 20
    with pytest.raises(cairn.CairnError) as caught:
        db.check("nothing")
    assert caught.value.name == "CAIRN_NOT_FOUND"
    assert [one.name for one in db.digest().collections] == ["todos"] and len(db.digest().digest) == 32


def test_upkeep(db: cairn.Database, todos: cairn.Collection) -> None:
    db.flush()
    db.compact()
    while db.maintain(100):
        pass
    db.prepare_for_suspend()
    assert len(todos) == 20


def test_in_memory() -> None:
    with cairn.open(in_memory=True) as db:
        db.collection("rows").insert({"a": 1}, key=1)
        assert len(db.collection("rows")) == 1
    with cairn.open(in_memory=True) as db:
        assert db.info().collections == ()


def test_read_only(tmp_path: Path) -> None:
    path = tmp_path / "rows.cairn"
    fill(path, 10)
    with cairn.open(path, read_only=True) as db:
        rows = db.collection("rows", key="id")
        assert len(rows.all()) == 10
        with pytest.raises(cairn.StorageError) as caught:
            rows.insert({"id": 1})
        assert caught.value.name == "CAIRN_READ_ONLY"
        with pytest.raises(cairn.CairnError):
            db.collection("others")


def test_backup_and_restore(tmp_path: Path) -> None:
    path, copy = tmp_path / "rows.cairn", tmp_path / "copy.cairn"
    digest = fill(path)
    with cairn.open(path) as db:
        assert db.backup(copy).rows == 2000
        db.collection("rows", key="id").delete(1)
    report = cairn.restore(copy, path)
    assert report.rows == 2000 and Path(report.replaced).exists()
    with cairn.open(path) as db:
        assert db.digest().digest == digest


def test_damage_and_salvage(tmp_path: Path) -> None:
    path, out = tmp_path / "rows.cairn", tmp_path / "out.cairn"
    fill(path)
    damage(path)
    with pytest.raises(cairn.StorageError) as caught:
        with cairn.open(path, damage=DamagePolicy.Refuse, check=True):
            pass
    assert caught.value.name in ("CAIRN_CORRUPT", "CAIRN_TRUNCATED")
    with cairn.open(path, check=True) as db:
        info = db.info()
        assert info.damaged_file != "" and info.damage != "" and info.collections == ()
    report = cairn.salvage(info.damaged_file, out)
    (rows,) = report.collections
    assert not report.complete and 0 < rows.rows < 2000 and rows.rows + rows.lost == rows.expected == 2000
    with cairn.open(out) as db:
        assert len(db.collection("rows", key="id").all()) == rows.rows


def test_files_of_others(tmp_path: Path) -> None:
    path = tmp_path / "other.sqlite"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE t (a)")
    other.close()
    with pytest.raises(cairn.StorageError) as caught:
        cairn.open(path)
    error = caught.value
    assert error.name == "CAIRN_FOREIGN_DATABASE" and error.status == 306 and str(path) in error.message
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), again.status, again.message) == (type(error), error.status, error.message)
    with pytest.raises(cairn.StorageError) as caught:
        cairn.open(tmp_path / "no" / "such" / "folder.cairn")
    assert caught.value.name == "CAIRN_CANNOT_OPEN"


def test_sqlite_codes_and_retries(tmp_path: Path) -> None:
    path = tmp_path / "rows.cairn"
    fill(path, 10)
    with cairn.open(path, busy_timeout_ms=10) as db, cairn.open(path) as other:
        rows = db.collection("rows", key="id")
        with other.collection("rows", key="id").transaction() as transaction:
            transaction.insert({"id": 1})
            with pytest.raises(cairn.StorageError) as caught:
                rows.insert({"id": 2})
            assert caught.value.name == "CAIRN_BUSY" and caught.value.retryable
        rows.insert({"id": 2})


def test_interrupt(db: cairn.Database) -> None:
    rows = db.collection("rows", key="id", durability=cairn.Durability.Os)
    rows.insert_many({"id": i, "text": f"{i}" * 20} for i in range(100_000))
    stop = threading.Event()

    def interrupt() -> None:
        while not stop.wait(0.005):
            db.interrupt()

    thread = threading.Thread(target=interrupt)
    thread.start()
    try:
        with pytest.raises(cairn.Cancelled):
            deadline = time.monotonic() + 30
            while time.monotonic() < deadline:
                rows.where(ref("text").like("%nothing%")).all()
    finally:
        stop.set()
        thread.join()
    assert len(rows) == 100_000


def test_the_gil_is_released(db: cairn.Database) -> None:
    """While one thread is in the library another one runs Python."""
    rows = db.collection("rows", key="id", durability=cairn.Durability.Os)
    rows.insert_many({"id": i, "text": f"{i}" * 20} for i in range(100_000))
    ticks = 0
    done = threading.Event()

    def tick() -> None:
        nonlocal ticks
        while not done.is_set():
            ticks += 1
            time.sleep(0.0005)

    thread = threading.Thread(target=tick)
    thread.start()
    time.sleep(0.01)
    before = ticks
    start = time.monotonic()
    # One call of the library alone: nothing matches.
    assert rows.where(ref("text").like("%nothing%")).all() == []
    took, ticked = time.monotonic() - start, ticks - before
    done.set()
    thread.join()
    assert ticked > took / 0.02, (ticked, took)
