"""What is asked of a collection: a predicate, an order and a page. A Query never changes, each method
gives another one; reading it opens a cursor of its own, so that any thread may."""

from __future__ import annotations

import math
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Callable, Dict, Iterator, List, Literal, Optional, Sequence, Tuple, Union

from ._library import api, ended, result
from ._owner import Owner
from ._schemas import Explanation, QuestionKind
from ._tables import from_portable, make, portable
from ._values import Key, Row
from .expressions import Expression, call, ref

if TYPE_CHECKING:
    from .collection import Collection

By = Union[str, Expression]
Collate = Callable[[str], Any]


def expression_of(by: By) -> Expression:
    return ref(by) if isinstance(by, str) else by


class Query:
    """Rows of a collection. Iterating reads them, in batches of bounded size."""

    __slots__ = ("_collection", "_parts", "_order", "_fields", "_collate")

    def __init__(self, collection: Collection) -> None:
        self._collection = collection
        self._parts: Dict[str, Any] = {}
        self._order: Tuple[Dict[str, Any], ...] = ()
        self._fields: Optional[List[str]] = None
        self._collate: Optional[Collate] = None

    def _with(self, **parts: Any) -> Query:
        other = Query(self._collection)
        other._parts = {**self._parts, **parts}
        other._order, other._fields, other._collate = self._order, self._fields, self._collate
        return other

    # --- what is asked for ---

    def where(self, predicate: Expression) -> Query:
        """Only rows for which this is true, beside what was asked before."""
        if not isinstance(predicate, Expression):
            raise TypeError(f"a predicate is built from cairn.ref(), not {predicate!r}")
        before = self._parts.get("where")
        return self._with(where=predicate if before is None else call("and", before, predicate))

    def order_by(
        self,
        by: By,
        *,
        descending: bool = False,
        nulls: Literal["first", "last"] = "first",
        collate: Optional[Collate] = None,
    ) -> Query:
        """In this order; a second call orders what is equal by the first. Texts are in the order of
        their code units, or in that of what `collate` makes of them, such as str.casefold or
        locale.strxfrm. What is still equal comes in the order of keys."""
        other = self._with()
        other._order += (
            {
                "expression": expression_of(by),
                "direction": "Descending" if descending else "Ascending",
                "nulls": "Last" if nulls == "last" else "First",
                "string_sort": "Lexical" if collate is None else "Locale",
            },
        )
        if collate is not None:
            if other._collate not in (None, collate):
                raise ValueError("one query has one collation")
            other._collate = collate
        return other

    def limit(self, rows: int) -> Query:
        return self._with(limit=rows)

    def offset(self, rows: int) -> Query:
        return self._with(offset=rows)

    def keys(self, keys: Sequence[Key]) -> Query:
        """Only the rows under these keys, and in their order unless another is asked for."""
        return self._with(keys=list(keys))

    def fields(self, *names: str) -> Query:
        """Gives only these fields of each row."""
        other = self._with()
        other._fields = list(names)
        return other

    # --- reading ---

    def __iter__(self) -> Iterator[Row]:
        for batch in self.batches():
            yield from batch

    def all(self) -> List[Row]:
        return [row for batch in self.batches() for row in batch]

    def first(self) -> Optional[Row]:
        """The first row, or None."""
        return next(iter(self.limit(min(1, self._parts.get("limit", 1)))), None)

    def batches(self, rows: int = 4096) -> Iterator[List[Row]]:
        """Lists of up to so many rows. The cursor reads one moment of the collection, and is closed at
        the end, or with the iterator."""
        for batch in self._read(rows):
            yield api.decode_values(batch)

    def items(self) -> Iterator[Tuple[Key, Row]]:
        """Pairs of key and row."""
        for batch in self._read(4096):
            keys, _, values, _, _ = api.decode_rows(batch)
            yield from zip(keys, values)

    def count(self) -> int:
        """How many rows it has: they are read, not given."""
        return sum(len(api.decode_rows(batch)[0]) for batch in self._read(65536, keys_only=True))

    def explain(self) -> Explanation:
        """How the rows are found, and how much had to be read for it: it reads them."""
        with self._cursor(4096) as cursor:
            for _ in self._drain(cursor):
                pass
            return Explanation.read(result(api.cairn_cursor_explain(cursor._handle)))

    # --- requests ---

    def _subset(self) -> Dict[str, Any]:
        """The Subset table as JSON."""
        parts = dict(self._parts)
        if "where" in parts:
            parts["where"] = parts["where"]._table()
        if "keys" in parts:
            parts["keys"] = portable(parts["keys"])
        if self._order:
            parts["order_by"] = [{**by, "expression": by["expression"]._table()} for by in self._order]
        return parts

    def _request(self, rows: int, keys_only: bool) -> memoryview:
        return make(
            "LoadRequest",
            {
                "subset": self._subset() or None,
                "batch_rows": rows,
                "host": True if self._collate is not None else None,
                "keys_only": keys_only or None,
                "fields": None if self._fields is None else portable(self._fields),
            },
        )

    def _cursor(self, rows: int, keys_only: bool = False) -> Owner:
        opened = api.cairn_collection_load(self._collection._handle, self._request(rows, keys_only))
        cursor = Owner(result(opened), api.cairn_cursor_close)
        self._collection._database._children.add(cursor)
        return cursor

    def _read(self, rows: int, keys_only: bool = False) -> Iterator[memoryview]:
        with self._cursor(rows, keys_only) as cursor:
            yield from self._drain(cursor)

    def _drain(self, cursor: Owner) -> Iterator[memoryview]:
        while True:
            status, out = api.cairn_cursor_next(cursor._handle)
            if status == api.CAIRN_QUESTION:
                assert out is not None
                api.cairn_cursor_answer(cursor._handle, self._answer(out))
            elif ended(status) or out is None:
                return
            else:
                yield out

    def _answer(self, question: memoryview) -> memoryview:
        import json

        fields = json.loads(bytes(result(api.cairn_table_to_json("Question", question))))
        values: List[Any] = from_portable(fields.get("values", []))
        answers = _ANSWERS[QuestionKind[fields.get("kind", "Rank")]](values, self._collate or str)
        return make("Answer", {"values": portable(answers)})


# --- what the engine cannot know alone ---


def _ranks(texts: List[Any], collate: Collate) -> List[Any]:
    names = [collate(text) for text in texts]
    order = sorted(range(len(texts)), key=lambda i: names[i])
    ranks: List[Any] = [0] * len(texts)
    for before, at in zip(order, order[1:]):
        ranks[at] = ranks[before] + (1 if names[before] < names[at] else 0)
    return ranks


def _dates(texts: List[Any], _: Collate) -> List[Any]:
    return [_milliseconds(text) for text in texts]


def _milliseconds(text: str) -> float:
    try:
        moment = parsedate_to_datetime(text)
    except (TypeError, ValueError, IndexError):
        return math.nan
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=timezone.utc)
    return round(moment.timestamp() * 1000)


def _texts(dates: List[Any], _: Collate) -> List[Any]:
    pattern = "%a %b %d %Y %H:%M:%S GMT+0000 (Coordinated Universal Time)"
    return [date.strftime(pattern) if isinstance(date, datetime) else "Invalid Date" for date in dates]


_ANSWERS: Dict[QuestionKind, Callable[[List[Any], Collate], List[Any]]] = {
    QuestionKind.Rank: _ranks,
    QuestionKind.ParseDate: _dates,
    QuestionKind.DateText: _texts,
}
