"""Writing many rows, whole or not at all. A transaction is for one thread at a time."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Any, List, Optional, Sequence, Tuple, Type

from ._errors import error_of
from ._library import api, ended, result
from ._owner import Owner
from ._schemas import CommitResult, MetadataOp, Op
from ._values import UNDEFINED, Key, Row

if TYPE_CHECKING:
    from .collection import Collection

Mutation = Tuple[int, Optional[Key], object, int, object]

KEEP: Any = object()
"""Row metadata stays as it is."""

# So many rows are handed to the engine at once.
ROWS = 1024


def mutation(op: Op, key: Optional[Key], row: object = None, metadata: object = KEEP) -> Mutation:
    """A row for encode_rows: metadata is set, or removed where it is UNDEFINED."""
    if metadata is KEEP:
        return op.value, key, row, MetadataOp.Keep.value, None
    if metadata is UNDEFINED:
        return op.value, key, row, MetadataOp.Remove.value, None
    return op.value, key, row, MetadataOp.Set.value, metadata


def batches_of(rows: Sequence[Mutation]) -> List[bytes]:
    """Row batches of at most 64 MiB."""
    try:
        return [api.encode_rows(rows)]
    except OverflowError as error:
        if len(rows) == 1:
            name = api.cairn_status_name(api.CAIRN_TOO_LARGE)
            raise error_of(api.CAIRN_TOO_LARGE, name, str(error)) from None
    middle = len(rows) // 2
    return batches_of(rows[:middle]) + batches_of(rows[middle:])


class Transaction(Owner):
    """Takes rows until the end of its `with`, and commits then; an exception rolls it back. It holds
    the database's write lock meanwhile. `result` says afterwards what was done, and how durable it is."""

    __slots__ = ("result", "_collection", "_rows")

    def __init__(self, collection: Collection, options: memoryview) -> None:
        opened = result(api.cairn_transaction_begin(collection._handle, options))
        super().__init__(opened, api.cairn_transaction_close)
        collection._database._children.add(self)
        self.result: Optional[CommitResult] = None
        self._collection = collection
        self._rows: List[Mutation] = []

    def insert(self, row: Row, *, key: Optional[Key] = None, metadata: object = KEEP) -> None:
        """Inserts a row, or replaces the one under its key."""
        self._add(mutation(Op.Insert, self._collection._key_of(row, key), row, metadata))

    def update(self, changes: Row, *, key: Optional[Key] = None, metadata: object = KEEP) -> None:
        """Changes fields of a row; UNDEFINED removes one."""
        self._add(mutation(Op.Update, self._collection._key_of(changes, key), changes, metadata))

    def delete(self, key: Key) -> None:
        self._add(mutation(Op.Delete, key))

    def set_row_metadata(self, key: Key, metadata: object) -> None:
        """Sets the metadata of a row alone, or removes it with UNDEFINED."""
        self._add(mutation(Op.Touch, key, None, metadata))

    def add_batch(self, batch: bytes) -> None:
        """Adds a RowBatch as it is, such as one that another database gave."""
        self._flush()
        ended(api.cairn_transaction_add(self._handle, batch))

    def commit(self) -> CommitResult:
        """Commits before the end of the `with`."""
        self._flush()
        self.result = CommitResult.read(result(api.cairn_transaction_commit(self._handle)))
        return self.result

    def rollback(self) -> None:
        """Gives it up."""
        self.close()

    def _add(self, row: Mutation) -> None:
        self._rows.append(row)
        if len(self._rows) >= ROWS:
            self._flush()

    def _flush(self) -> None:
        rows, self._rows = self._rows, []
        if rows:
            for batch in batches_of(rows):
                ended(api.cairn_transaction_add(self._handle, batch))

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        try:
            if kind is None and self.result is None and not self.closed:
                self.commit()
        finally:
            self.close()
