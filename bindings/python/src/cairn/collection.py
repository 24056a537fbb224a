"""A collection: rows under a unique key. Any number of threads may use it at once; calls that take
long do so without the GIL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, Iterable, Iterator, List, Mapping, Optional, Tuple

from ._cairn import Handle
from ._library import api, ended, result
from ._owner import Owner
from ._schemas import (
    CollectionInfo,
    CommitResult,
    CursorHead,
    Durability,
    IndexInfo,
    Op,
    Position,
    TransactionMode,
)
from ._tables import from_portable, make, name_of, portable
from ._values import UNDEFINED, Key, Metadata, Row, checked
from .expressions import Expression
from .query import By, Query, expression_of
from .transaction import Transaction

if TYPE_CHECKING:
    from .database import Database
    from .live import CollectionChanges, Live, SourceLike


class Delta:
    """What changed since a row version. Where `reload` is set it cannot be said: read all rows anew."""

    __slots__ = ("changed", "deleted", "reload", "reload_reason", "position", "metadata")

    def __init__(self, head: CursorHead) -> None:
        self.changed: Dict[Key, Row] = {}
        self.deleted: List[Key] = []
        self.reload = head.reload
        self.reload_reason = head.reload_reason
        self.position = head.position
        self.metadata = {entry.key: entry.value for entry in head.metadata}


class Collection(Owner):
    """Made by Database.collection()."""

    __slots__ = ("name", "key", "local", "_database")

    def __init__(self, database: Database, handle: Handle, name: str, key: Optional[str], local: bool) -> None:
        super().__init__(handle, api.cairn_collection_close)
        self.name = name
        self.key = key
        self.local = local
        self._database = database

    def _key_of(self, row: Mapping[str, Any], key: Optional[Key]) -> Key:
        if key is not None:
            return checked(key)
        if self.key is None:
            raise TypeError(f'the collection "{self.name}" was opened without the name of its key field: give a key')
        if self.key not in row:
            raise KeyError(f'the row has no field "{self.key}", which holds its key')
        return checked(row[self.key])

    # --- one row ---

    def get(self, key: Key) -> Optional[Row]:
        """The row under a key, or None."""
        status, value = api.cairn_collection_get(self._handle, api.encode(key))
        return None if ended(status) or value is None else api.decode(value)

    def insert(self, row: Row, *, key: Optional[Key] = None) -> int:
        """Inserts a row, or replaces the one under its key, and gives the new row version."""
        encoded = api.encode(self._key_of(row, key))
        return result(api.cairn_collection_put(self._handle, encoded, api.encode(row)))

    def update(self, changes: Row, *, key: Optional[Key] = None) -> CommitResult:
        """Changes fields of the row under the key; UNDEFINED removes one."""
        with self.transaction() as transaction:
            transaction.update(changes, key=key)
            return transaction.commit()

    def delete(self, key: Key) -> int:
        """Deletes the row under a key, where there is one, and gives the new row version."""
        return result(api.cairn_collection_remove(self._handle, api.encode(key)))

    def __contains__(self, key: object) -> bool:
        status, _ = api.cairn_collection_get(self._handle, api.encode(key))
        return not ended(status)

    # --- many rows ---

    def insert_many(self, rows: Iterable[Row]) -> CommitResult:
        """Inserts rows in one transaction."""
        with self.transaction() as transaction:
            for row in rows:
                transaction.insert(row)
            return transaction.commit()

    def reconcile(self, rows: Iterable[Row], **options: Any) -> CommitResult:
        """Makes the collection have these rows and no others, and writes only what differs."""
        with self.transaction(mode=TransactionMode.Reconcile, **options) as transaction:
            for row in rows:
                transaction.insert(row)
            return transaction.commit()

    def transaction(
        self,
        *,
        metadata: Optional[Metadata] = None,
        durability: Optional[Durability] = None,
        mode: Optional[TransactionMode] = None,
        replace: bool = False,
        truncate: bool = False,
        id: str = "",
        writer: str = "",
        term: int = 0,
        seq: int = 0,
        row_version: int = 0,
        request_id: str = "",
        dry_run: bool = False,
        report_keys: bool = False,
    ) -> Transaction:
        """Begins a transaction: `with` it. `metadata` is the collection's, to be changed with it."""
        fields: Dict[str, Any] = {
            "mode": name_of(mode), "durability": name_of(durability), "replace": replace or None,
            "truncate": truncate or None, "id": id or None, "writer": writer or None, "term": term or None,
            "seq": seq or None, "row_version": row_version or None, "request_id": request_id or None,
            "dry_run": dry_run or None, "report_keys": report_keys or None,
        }
        if metadata:
            fields["metadata"] = [_entry(name, value) for name, value in metadata.items()]
        return Transaction(self, make("TransactionOptions", fields))

    # --- reading ---

    def query(self) -> Query:
        """All rows, to be narrowed down."""
        return Query(self)

    def where(self, predicate: Expression) -> Query:
        return Query(self).where(predicate)

    def order_by(self, by: By, **options: Any) -> Query:
        return Query(self).order_by(by, **options)

    def limit(self, rows: int) -> Query:
        return Query(self).limit(rows)

    def offset(self, rows: int) -> Query:
        return Query(self).offset(rows)

    def __iter__(self) -> Iterator[Row]:
        return iter(Query(self))

    def batches(self, rows: int = 4096) -> Iterator[List[Row]]:
        return Query(self).batches(rows)

    def items(self) -> Iterator[Tuple[Key, Row]]:
        return Query(self).items()

    def all(self) -> List[Row]:
        return Query(self).all()

    def __len__(self) -> int:
        return self.info().rows

    def __bool__(self) -> bool:
        return True  # also without rows

    def delta(self, since: Position) -> Delta:
        """What changed since a position, such as one of info() or of a CommitResult."""
        fields = {"since": since.row_version, "reset_epoch": since.reset_epoch}
        opened = api.cairn_collection_delta(self._handle, make("DeltaRequest", fields))
        with Owner(result(opened), api.cairn_cursor_close) as cursor:
            self._database._children.add(cursor)
            delta = Delta(CursorHead.read(result(api.cairn_cursor_head(cursor._handle))))
            while True:
                status, batch = api.cairn_cursor_next(cursor._handle)
                if ended(status) or batch is None:
                    return delta
                keys, ops, values, _, _ = api.decode_rows(batch)
                for i, key in enumerate(keys):
                    if ops is not None and ops[i] == Op.Delete:
                        delta.deleted.append(key)
                    else:
                        delta.changed[key] = values[i]

    def info(self) -> CollectionInfo:
        return CollectionInfo.read(result(api.cairn_collection_info(self._handle)))

    def metadata(self) -> Dict[str, Any]:
        """The collection's own metadata. A transaction changes it."""
        import json

        table = result(api.cairn_collection_metadata(self._handle))
        report = json.loads(bytes(result(api.cairn_table_to_json("MetadataReport", table))))
        return {entry["key"]: from_portable(entry["value"]) for entry in report.get("entries", [])}

    # --- indexes ---

    def ensure_index(
        self, signature: str, *by: By, where: Optional[Expression] = None, max_rows: int = 0
    ) -> IndexInfo:
        """Makes an index over fields or expressions, and keeps it from then on. With `max_rows` it
        takes in so many rows a call: call again until it is `ready`."""
        fields: Dict[str, Any] = {
            "signature": signature,
            "expressions": [expression_of(one)._table() for one in by],
            "where": None if where is None else where._table(),
            "max_rows": max_rows,
        }
        request = make("IndexRequest", fields)
        return IndexInfo.read(result(api.cairn_collection_ensure_index(self._handle, request)))

    def remove_index(self, signature: str) -> bool:
        """Whether there was one."""
        return not ended(api.cairn_collection_remove_index(self._handle, signature))

    def reset(self) -> None:
        """Drops rows, indexes, log and metadata, in one transaction."""
        ended(api.cairn_collection_reset(self._handle))

    # --- live ---

    def live(self, source: Optional[SourceLike] = None, **options: Any) -> Live:
        """A live view of the collection, for asyncio: `async with` it. See cairn.live.Live."""
        from .live import Live

        return Live(self, source, **options)

    def changes(self) -> CollectionChanges:
        """What changes, whoever changes it, this process or another: `async for` it. It hears of all
        that happens from its first step on."""
        from .live import CollectionChanges

        return CollectionChanges(self)


def _entry(name: str, value: object) -> Dict[str, Any]:
    return {"key": name} if value is UNDEFINED else {"key": name, "value": portable(value)}
