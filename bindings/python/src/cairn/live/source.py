"""What a live collection's source works with. A source is any callable that takes a Sync: a coroutine
function runs as a task, a plain one may return a function that ends it. An object with a method `sync`
is a source as well, and may have `load_subset` and `unload_subset` for collections on demand. For the
thread of the event loop."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Any, Awaitable, Callable, Dict, List, Literal, Optional, Protocol, Type, Union

from .._errors import Closed
from .._schemas import Durability, Op
from .._tables import Table
from .._values import UNDEFINED, Key, Metadata, Row
from ..expressions import Expression
from ..transaction import KEEP, Mutation, batches_of, mutation
from .front import Write

if TYPE_CHECKING:
    from .live import Live

Ending = Union[None, Awaitable[object], Callable[[], object]]


class SourceObject(Protocol):
    def sync(self, sync: Sync) -> Ending: ...


SourceLike = Union[SourceObject, Callable[["Sync"], Ending]]

_OPS = {"insert": Op.Insert, "update": Op.Update, "delete": Op.Delete}


@dataclass(frozen=True)
class Order:
    expression: Expression
    descending: bool
    nulls: Literal["first", "last"]


@dataclass(frozen=True)
class Subset:
    """What a source on demand is asked for."""

    where: Optional[Expression] = None
    order_by: tuple[Order, ...] = ()
    limit: Optional[int] = None
    offset: int = 0
    keys: Optional[List[Key]] = None


class Sync:
    """Given to a source for one run. After the run it raises Closed."""

    def __init__(self, live: Live, metadata: Dict[str, Any]) -> None:
        self._live = live
        self._open: Optional[_Pending] = None
        self._ended = False
        self.metadata = metadata
        """The collection's metadata, as committed: the place for a resume cursor."""

    @property
    def rows(self) -> Live:
        """The rows that are there already."""
        return self._live

    def begin(self) -> None:
        self._check()
        if self._open is not None:
            raise RuntimeError("the source's transaction has begun already")
        self._open = _Pending()

    def write(
        self,
        op: Literal["insert", "update", "delete"],
        row: Optional[Row] = None,
        *,
        key: Optional[Key] = None,
        metadata: object = KEEP,
    ) -> None:
        """A row of the transaction. An insert replaces, an update merges, unless the collection was
        opened with full_updates. To delete, give the key or a row with it."""
        pending = self._transaction()
        kind = _OPS[op]
        key = self._live.collection._key_of(row or {}, key)
        if kind is Op.Delete:
            pending.rows.append(mutation(kind, key))
            pending.writes.append((kind, key, None))
            return
        if row is None:
            raise TypeError(f"an {op} needs a row")
        # A fresh row has no metadata of the row before.
        kept = UNDEFINED if metadata is KEEP and kind is Op.Insert else metadata
        row = dict(row)
        pending.rows.append(mutation(kind, key, row, kept))
        pending.writes.append((kind, key, row))

    def truncate(self) -> None:
        """Drops all rows, and what this transaction has written so far."""
        pending = self._transaction()
        pending.truncates = True
        pending.rows.clear()
        pending.writes.clear()

    def commit(self, metadata: Optional[Metadata] = None, *, id: str = "") -> asyncio.Future[Durability]:
        """Rows and metadata are seen at once, and saved together: then the future has how durable they
        are. Nobody has to await it. Where another instance leads, that one saves what its own source
        brings, and the future has Durability.Default."""
        pending = self._transaction()
        self._open = None
        saved = self._live._commit(pending, dict(metadata or {}), id)
        for name, value in (metadata or {}).items():
            if value is UNDEFINED:
                self.metadata.pop(name, None)
            else:
                self.metadata[name] = value
        return saved

    def transaction(self) -> _SyncTransaction:
        """`with` it: begin and commit."""
        return _SyncTransaction(self)

    def ready(self) -> None:
        """All that the source had at its start is there."""
        self._check()
        self._live._source_ready()

    def error(self, error: BaseException) -> None:
        """The source cannot go on, for now: whoever waits for it hears so."""
        self._check()
        self._live._source_failed(error)

    def _transaction(self) -> _Pending:
        self._check()
        if self._open is None:
            raise RuntimeError("the source has begun no transaction")
        return self._open

    def _check(self) -> None:
        if self._ended:
            raise Closed("source")

    def _end(self) -> None:
        self._ended = True
        self._open = None


class _SyncTransaction:
    def __init__(self, sync: Sync) -> None:
        self._sync = sync

    def __enter__(self) -> Sync:
        self._sync.begin()
        return self._sync

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        if kind is None:
            self._sync.commit()
        else:
            self._sync._open = None


class _Pending:
    """A transaction of the source that is not committed."""

    def __init__(self) -> None:
        self.truncates = False
        self.rows: List[Mutation] = []
        self.writes: List[Write] = []

    def batches(self, size: int = 1024) -> List[tuple[bytes, List[Write]]]:
        """Row batches with what they write. Raises where a row cannot be kept."""
        made: List[tuple[bytes, List[Write]]] = []
        for start in range(0, len(self.rows), size):
            writes = self.writes[start : start + size]
            batches = batches_of(self.rows[start : start + size])
            last = len(batches) - 1
            made += [(batch, writes if i == last else []) for i, batch in enumerate(batches)]
        return made


# --- subsets that the engine asks for ---


def _expression(table: Any) -> Expression:
    made: List[Expression] = []
    for node in table.nodes:
        kind = node.kind.name
        if kind == "Value":
            made.append(Expression("Value", node.value))
        elif kind == "Reference":
            made.append(Expression("Reference", node.path))
        else:
            made.append(Expression("Call", node.function, [made[i] for i in node.arguments]))
    return made[-1]


def subset_of(table: Table) -> Subset:
    """A source's view of a Subset table. A page's cursor stays behind: the rows before it are asked
    for as well."""
    fields: Any = table
    unlimited = fields.limit >= 2**64 - 1 or fields.cursor is not None
    return Subset(
        where=None if fields.where is None else _expression(fields.where),
        order_by=tuple(
            Order(
                _expression(by.expression),
                by.direction.name == "Descending",
                "last" if by.nulls.name == "Last" else "first",
            )
            for by in fields.order_by
        ),
        limit=None if unlimited else fields.limit,
        offset=fields.offset,
        keys=fields.keys,
    )


__all__ = ["Order", "SourceLike", "SourceObject", "Subset", "Sync", "subset_of"]
