"""Queries: predicates of Python's operators, orders, pages."""

from datetime import datetime, timezone
from typing import Any, Callable, List

import pytest

import cairn
from cairn import Expression, ref


def ids(query: Any) -> List[int]:
    return [row["id"] for row in query]


@pytest.mark.parametrize(
    "predicate, expected",
    [
        (ref("done") == True, lambda i: i % 3 == 0),  # noqa: E712
        (ref("done") != True, lambda i: i % 3 != 0),  # noqa: E712
        (ref("id") < 5, lambda i: i < 5),
        (ref("id") <= 5, lambda i: i <= 5),
        (ref("id") > 15, lambda i: i > 15),
        (15 <= ref("id"), lambda i: i >= 15),
        ((ref("id") > 3) & (ref("id") < 7), lambda i: 3 < i < 7),
        ((ref("id") < 3) | (ref("id") > 17), lambda i: i < 3 or i > 17),
        (~(ref("id") < 18), lambda i: i >= 18),
        (ref("id").in_([1, 2, 99]), lambda i: i in (1, 2)),
        (ref("title").like("todo 1%"), lambda i: str(i).startswith("1")),
        (ref("title").ilike("TODO _"), lambda i: i < 10),
        (ref("meta", "pts") == 40, lambda i: i == 4),
        (ref("meta")["pts"] == 40, lambda i: i == 4),
        (ref("missing").is_undefined() & (ref("id") == 1), lambda i: i == 1),
        (ref("missing").is_null(), lambda i: False),
        (ref("title").upper() == "TODO 3", lambda i: i == 3),
        (ref("title").length() == 7, lambda i: i >= 10),
        (ref("id") + ref("priority") * 2 - 1 == 2, lambda i: i + i % 5 * 2 - 1 == 2),
        (100 / ref("id") == 10, lambda i: i == 10),
        (cairn.concat(ref("title"), "!") == "todo 2!", lambda i: i == 2),
        (cairn.coalesce(ref("missing"), ref("id")) == 6, lambda i: i == 6),
        (cairn.case_when(ref("done"), "yes", "no") == "yes", lambda i: i % 3 == 0),
        (cairn.value(True), lambda i: True),
    ],
    ids=str,
)
def test_predicates(todos: cairn.Collection, predicate: Expression, expected: Callable[[int], bool]) -> None:
    assert ids(todos.where(predicate)) == [i for i in range(20) if expected(i)]


def test_pages(todos: cairn.Collection) -> None:
    by = todos.order_by("priority", descending=True).order_by("id")
    assert ids(by.limit(3)) == [4, 9, 14]
    assert ids(by.limit(3).offset(2)) == [14, 19, 3]
    assert ids(todos.limit(2)) == [0, 1] and ids(todos.offset(18)) == [18, 19] and ids(todos.limit(0)) == []
    assert ids(todos.query().keys([7, 3, 99])) == [7, 3]
    assert todos.where(ref("id") > 17).where(ref("done") == True).first() == todos.get(18)  # noqa: E712
    assert todos.where(ref("id") > 100).first() is None
    assert todos.where(ref("done") == True).count() == 7  # noqa: E712
    assert todos.query().fields("id", "done").limit(1).all() == [{"id": 0, "done": True}]
    assert list(todos.where(ref("id") == 3).items()) == [(3, todos.get(3))]
    assert [len(batch) for batch in todos.query().batches(rows=8)] == [8, 8, 4]


def test_dates_and_nulls(db: cairn.Database) -> None:
    rows = db.collection("rows", key="id")
    days = [datetime(2026, 1, day, tzinfo=timezone.utc) for day in (3, 1, 2)]
    rows.insert_many({"id": i, "at": day} for i, day in enumerate([*days, None]))
    assert ids(rows.where(ref("at") > days[1])) == [0, 2]
    assert ids(rows.order_by("at", nulls="last")) == [1, 2, 0, 3]
    assert ids(rows.order_by("at", nulls="first")) == [3, 1, 2, 0]


def test_collations(db: cairn.Database) -> None:
    rows = db.collection("rows", key="id")
    rows.insert_many({"id": name} for name in ["b", "B", "a", "C", "é"])
    assert ids(rows.order_by("id")) == ["B", "C", "a", "b", "é"]
    assert ids(rows.order_by("id", collate=str.casefold)) == ["a", "B", "b", "C", "é"]
    assert ids(rows.order_by("id", collate=str.casefold, descending=True).limit(2)) == ["é", "C"]
    assert rows.where(cairn.call("date", "Tue, 01 Jul 2003 10:52:37 +0200") != None).count() >= 0  # noqa: E711


def test_a_query_is_of_one_moment(todos: cairn.Collection) -> None:
    batches = todos.query().batches(rows=5)
    first = next(batches)
    todos.insert({"id": 100})
    todos.delete(19)
    assert [row["id"] for batch in batches for row in batch] == list(range(5, 20))
    assert len(first) == 5


def test_expressions_are_no_booleans(todos: cairn.Collection) -> None:
    with pytest.raises(TypeError, match="&"):
        ref("a") == 1 and ref("b") == 2
    with pytest.raises(TypeError):
        not ref("a")
    with pytest.raises(TypeError):
        1 in ref("a")
    with pytest.raises(TypeError):
        todos.where(lambda row: True)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        ref()
    assert repr((ref("a", "b") == 1) & ~ref("c")) == "and(eq(ref('a', 'b'), 1), not(ref('c')))"


def test_what_the_engine_refuses(todos: cairn.Collection) -> None:
    with pytest.raises(cairn.UsageError, match="nonsense"):
        todos.where(cairn.call("nonsense", ref("a"))).all()
    deep = ref("a")
    for _ in range(300):
        deep = ~deep
    with pytest.raises(cairn.UsageError):
        todos.where(deep).all()
