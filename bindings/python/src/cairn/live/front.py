"""The rows of a live collection as its consumer sees them (core/replica/FRONT.md): what the replica
gives, what the source has written since, and local mutations on top until they are settled. For the
thread of the event loop."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Callable, Dict, Iterable, Iterator, List, Literal, Optional, Set, Tuple

from .._library import api
from .._schemas import EffectKind, Op
from .._values import UNDEFINED, Key, Row, identity
from .runner import Effect

Entry = Tuple[Key, Row]
Write = Tuple[int, Key, Optional[Row]]  # an Op, and the row or its changes


@dataclass(frozen=True)
class Change:
    """What became of a row."""

    kind: Literal["insert", "update", "delete"]
    key: Key
    row: Optional[Row]
    """As it is now; None where it was deleted."""
    previous: Optional[Row]


def merged(row: Optional[Row], changes: Row) -> Row:
    """A row with the changes of an update."""
    result = {**(row or {}), **changes}
    for name in [name for name, value in changes.items() if value is UNDEFINED]:
        del result[name]
    return result


class Front:
    def __init__(self, changed: Callable[[List[Change]], None]) -> None:
        self._changed = changed
        self._rows: Dict[object, Entry] = {}
        self._metadata: Dict[object, Any] = {}
        self._written: Dict[object, int] = {}  # the source's last event for a key, deletions too
        self._truncated = 0
        self._mentioned: Optional[Set[object]] = None  # while everything is replaced
        self._pending: Dict[int, List[Write]] = {}
        self._overlay: Dict[object, Tuple[Key, Optional[Row]]] = {}
        self.watched = False  # whether anybody wants to hear of changes

    # --- what is seen ---

    def see(self, name: object) -> Optional[Row]:
        if name in self._overlay:
            return self._overlay[name][1]
        entry = self._rows.get(name)
        return None if entry is None else entry[1]

    def entries(self) -> Iterator[Entry]:
        for name, entry in self._rows.items():
            if name not in self._overlay:
                yield entry
            elif (row := self._overlay[name][1]) is not None:
                yield entry[0], row
        for name, (key, seen) in self._overlay.items():
            if name not in self._rows and seen is not None:
                yield key, seen

    def count(self) -> int:
        hidden = sum(name in self._rows and row is None for name, (_, row) in self._overlay.items())
        added = sum(name not in self._rows and row is not None for name, (_, row) in self._overlay.items())
        return len(self._rows) - hidden + added

    def row_metadata(self, key: Key) -> Any:
        return self._metadata.get(identity(key))

    # --- what the source and the app do ---

    def write(self, number: int, writes: Iterable[Write], replaces: bool) -> None:
        """Rows of the source, seen at once."""
        with self._changing(identity(key) for _, key, _ in writes):
            for op, key, row in writes:
                name = identity(key)
                self._written[name] = number
                if row is not None and op == Op.Update and not replaces:
                    row = merged(self._base(name), row)
                self._put(name, key, row)

    def truncate(self, number: int) -> None:
        with self._changing(list(self._rows)):
            self._truncated = number
            self._rows.clear()
            self._metadata.clear()

    def mutate(self, number: int, writes: List[Write]) -> None:
        with self._changing(identity(key) for _, key, _ in writes):
            self._pending[number] = writes
            self._lay_over()

    def settle(self, number: int) -> None:
        """Mutations are confirmed or rejected: what the replica gave stands."""
        writes = self._pending.get(number, [])
        with self._changing([identity(key) for _, key, _ in writes]):
            self._pending.pop(number, None)
            self._lay_over()

    # --- what the replica gives ---

    def start(self) -> None:
        with self._changing([*self._rows, *self._overlay]):
            self._rows.clear()
            self._metadata.clear()
            self._written.clear()
            self._truncated = 0
            self._mentioned = None
            self._pending.clear()
            self._overlay.clear()

    def saved(self, seen: int) -> None:
        """No later effect is older than this."""
        self._written = {name: number for name, number in self._written.items() if number > seen}

    def take(self, effect: Effect) -> None:
        """Takes the rows of an effect."""
        replaces = effect["kind"] == EffectKind.Replace
        if replaces and effect.get("first"):
            self._mentioned = set()
        if "batch" in effect:
            self._take_batch(effect["batch"], effect["seen"])
        if replaces and effect.get("last"):
            self._end_replace(effect["seen"])

    def _take_batch(self, batch: Tuple[Any, ...], seen: int) -> None:
        keys, ops, rows, _, metadata = batch
        names = [identity(key) for key in keys]
        if self._mentioned is not None:
            self._mentioned.update(names)
        with self._changing(names):
            for i, name in enumerate(names):
                if self._is_older(name, seen):
                    continue
                deleted = ops is not None and ops[i] == Op.Delete
                self._put(name, keys[i], None if deleted else rows[i])
                if not deleted and metadata is not None and metadata[i] is not UNDEFINED:
                    self._metadata[name] = metadata[i]
            if self._overlay:
                self._lay_over()

    def _end_replace(self, seen: int) -> None:
        mentioned, self._mentioned = self._mentioned, None
        if mentioned is None:
            return
        gone = [name for name in self._rows if name not in mentioned and not self._is_older(name, seen)]
        with self._changing(gone):
            for name in gone:
                self._put(name, self._rows[name][0], None)
            self._lay_over()

    def _is_older(self, name: object, seen: int) -> bool:
        return self._truncated > seen or self._written.get(name, 0) > seen

    def _base(self, name: object) -> Optional[Row]:
        entry = self._rows.get(name)
        return None if entry is None else entry[1]

    def _put(self, name: object, key: Key, row: Optional[Row]) -> None:
        self._metadata.pop(name, None)
        if row is None:
            self._rows.pop(name, None)
        else:
            self._rows[name] = (key, row)

    def _lay_over(self) -> None:
        self._overlay.clear()
        for writes in self._pending.values():
            for op, key, row in writes:
                name = identity(key)
                if row is not None and op == Op.Update:
                    row = merged(self.see(name), row)
                self._overlay[name] = (key, row)

    def _changing(self, names: Iterable[object]) -> _Changing:
        return _Changing(self, list(names) if self.watched else [])

    def _entry(self, name: object) -> Tuple[Optional[Key], Optional[Row]]:
        if name in self._overlay:
            return self._overlay[name]
        return self._rows.get(name, (None, None))

    def _compare(self, before: Dict[object, Tuple[Optional[Key], Optional[Row]]]) -> None:
        changes: List[Change] = []
        for name, (old_key, old) in before.items():
            key, row = self._entry(name)
            if row is old or (row is not None and old is not None and api.encode(row) == api.encode(old)):
                continue
            kind: Literal["insert", "update", "delete"]
            kind = "insert" if old is None else "delete" if row is None else "update"
            shown = key if key is not None else old_key
            assert shown is not None
            changes.append(Change(kind, shown, row, old))
        if changes:
            self._changed(changes)


class _Changing:
    """Tells what has changed of some rows, where anybody wants to hear of it."""

    def __init__(self, front: Front, names: List[object]) -> None:
        self._front = front
        self._before = {name: front._entry(name) for name in names}

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: object, traceback: object) -> None:
        if self._before and kind is None:
            self._front._compare(self._before)
