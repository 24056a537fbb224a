"""Collections: rows one at a time and many at once, metadata, deltas, indexes."""

import threading
from pathlib import Path

import pytest

import cairn
from cairn import UNDEFINED, Durability, MismatchPolicy, Outcome, ref


def test_one_row(db: cairn.Database) -> None:
    rows = db.collection("rows", key="id")
    assert rows.get("a") is None and "a" not in rows
    assert rows.insert({"id": "a", "n": 1, "gone": True}) == 1
    assert rows.update({"id": "a", "n": 2, "gone": UNDEFINED}).updated == 1
    assert rows.get("a") == {"id": "a", "n": 2} and "a" in rows
    rows.insert({"n": 3}, key=7.5)
    assert rows.get(7.5) == {"n": 3} and len(rows) == 2
    version = rows.delete("a")
    assert version == rows.info().position.row_version  # type: ignore[union-attr]
    assert "a" not in rows and list(rows) == [{"n": 3}]
    rows.delete("nothing")


def test_without_a_key(db: cairn.Database) -> None:
    rows = db.collection("rows")
    with pytest.raises(TypeError, match="key"):
        rows.insert({"a": 1})
    with pytest.raises(KeyError, match="id"):
        db.collection("others", key="id").insert({"a": 1})


@pytest.mark.parametrize("key", [None, True, [1], {}, b"a", float("nan"), 2**60])
def test_what_is_no_key(db: cairn.Database, key: object) -> None:
    rows = db.collection("rows")
    with pytest.raises((cairn.UsageError, TypeError)):
        rows.insert({"a": 1}, key=key)  # type: ignore[arg-type]


def test_a_transaction(todos: cairn.Collection) -> None:
    with todos.transaction(metadata={"cursor": 5}, report_keys=True) as transaction:
        transaction.insert({"id": 100, "title": "new"})
        transaction.update({"id": 1, "done": True})
        transaction.delete(2)
    done = transaction.result
    assert done is not None and transaction.closed
    assert (done.outcome, done.inserted, done.updated, done.deleted) == (Outcome.Applied, 1, 1, 1)
    assert (done.inserted_keys, done.updated_keys, done.deleted_keys) == ([100], [1], [2])
    assert done.durability is Durability.Disk
    assert todos.metadata() == {"cursor": 5}
    row = todos.get(1)
    assert row is not None and row["done"] is True and row["title"] == "todo 1"


def test_a_transaction_that_fails_writes_nothing(todos: cairn.Collection) -> None:
    with pytest.raises(ZeroDivisionError):
        with todos.transaction() as transaction:
            transaction.insert({"id": 100})
            1 / 0
    assert transaction.result is None and 100 not in todos
    with pytest.raises(cairn.Closed):
        transaction.commit()
    with pytest.raises(cairn.UsageError) as caught:
        with todos.transaction() as transaction:
            transaction.insert({"id": 100})
            transaction.insert({"id": True})
    assert caught.value.name == "CAIRN_INVALID_VALUE"
    assert 100 not in todos
    # Its lock is gone.
    todos.insert({"id": 100})


def test_rolled_back_and_empty(todos: cairn.Collection) -> None:
    with todos.transaction() as transaction:
        transaction.insert({"id": 100})
        transaction.rollback()
    assert 100 not in todos
    with todos.transaction() as transaction:
        pass
    assert transaction.result is not None and transaction.result.outcome is Outcome.Unchanged
    assert todos.insert_many([]).inserted == 0


def test_many_rows(db: cairn.Database) -> None:
    rows = db.collection("rows", key="id")
    assert rows.insert_many({"id": i} for i in range(10_000)).inserted == 10_000
    assert [len(batch) for batch in rows.batches(4096)] == [4096, 4096, 1808]
    assert [row["id"] for row in rows] == list(range(10_000))
    result = rows.reconcile({"id": i, **({"new": True} if i < 5 else {})} for i in range(9_000))
    assert (result.updated, result.deleted, result.unchanged) == (5, 1000, 8995)


def test_large_rows_go_in_parts(db: cairn.Database) -> None:
    rows = db.collection("rows", key="id", durability=Durability.Os)
    part = b"x" * (8 << 20)
    assert rows.insert_many({"id": i, "part": part} for i in range(12)).inserted == 12
    # A long journal ends the cursors that keep it from being moved into the file.
    while db.maintain(1000):
        pass
    assert sum(len(row["part"]) for row in rows) == 12 * len(part)
    with pytest.raises(cairn.UsageError) as caught:
        rows.insert_many([{"id": 1, "part": b"x" * (70 << 20)}])
    assert caught.value.name == "CAIRN_TOO_LARGE"


def test_row_metadata_and_batches(db: cairn.Database) -> None:
    rows = db.collection("rows", key="id")
    with rows.transaction() as transaction:
        transaction.insert({"id": 1}, metadata={"etag": "a"})
        transaction.insert({"id": 2}, metadata=None)
        transaction.insert({"id": 3})
    with rows.transaction() as transaction:
        transaction.set_row_metadata(3, [1])
        transaction.set_row_metadata(1, UNDEFINED)
    assert transaction.result is not None
    digest = db.digest().digest
    with db.collection("copy", key="id").transaction() as transaction:
        transaction.insert({"id": 1})
        transaction.insert({"id": 2}, metadata=None)
        transaction.insert({"id": 3}, metadata=[1])
    digests = {one.name: one.digest for one in db.digest().collections}
    assert digests["rows"] == digests["copy"] and digest != db.digest().digest


def test_schema_versions(tmp_path: Path) -> None:
    path = tmp_path / "test.cairn"
    with cairn.open(path) as db:
        db.collection("local", key="id").insert({"id": 1})
        db.collection("synced", key="id", local=False).insert({"id": 1})
    with cairn.open(path) as db:
        with pytest.raises(cairn.CollectionError) as caught:
            db.collection("local", schema_version=2)
        assert caught.value.name == "CAIRN_SCHEMA_MISMATCH" and not caught.value.retryable
        synced = db.collection("synced", schema_version=2, local=False)
        assert synced.info().was_reset and len(synced) == 0
        assert len(db.collection("local", schema_version=2, mismatch=MismatchPolicy.Reset)) == 0


def test_deltas(todos: cairn.Collection) -> None:
    before = todos.info().position
    assert before is not None
    todos.update({"id": 1, "done": True})
    todos.delete(2)
    with todos.transaction(metadata={"a": 1}) as transaction:
        transaction.insert({"id": 50})
    delta = todos.delta(before)
    assert set(delta.changed) == {1, 50} and delta.deleted == [2] and not delta.reload
    assert delta.metadata == {"a": 1} and delta.position == todos.info().position
    assert delta.position is not None and todos.delta(delta.position).changed == {}
    todos.reset()
    assert todos.delta(before).reload and len(todos) == 0 and todos.metadata() == {}


def test_indexes(todos: cairn.Collection) -> None:
    assert todos.where(ref("priority") == 3).explain().access is cairn.Access.Scan
    info = todos.ensure_index("priority", "priority", ref("meta")["pts"])
    assert info.ready and info.entries == 20
    explanation = todos.where(ref("priority") == 3).explain()
    assert explanation.access is cairn.Access.Index and explanation.indexes == ("priority",)
    assert explanation.rows_read == 4
    part = todos.ensure_index("done", "title", where=ref("done") == True, max_rows=5)  # noqa: E712
    assert not part.ready and part.rows_done == 5
    while not part.ready:
        part = todos.ensure_index("done", "title", where=ref("done") == True, max_rows=5)  # noqa: E712
    assert [index.signature for index in todos.info().indexes] == ["done", "priority"]
    assert todos.remove_index("done") and not todos.remove_index("done")


def test_a_dropped_collection(db: cairn.Database, todos: cairn.Collection) -> None:
    assert db.drop("todos") and not db.drop("todos")
    with pytest.raises(cairn.CollectionError) as caught:
        todos.get(1)
    assert caught.value.name == "CAIRN_DROPPED"


def test_threads(db: cairn.Database) -> None:
    rows = db.collection("rows", key="id", durability=Durability.Os)
    failures = []

    def work(number: int) -> None:
        try:
            for i in range(50):
                rows.insert({"id": number * 1000 + i, "by": number})
                assert rows.get(number * 1000 + i) is not None
                assert sum(1 for _ in rows.where(ref("by") == number)) == i + 1
        except BaseException as error:  # noqa: BLE001
            failures.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == [] and len(rows) == 200
