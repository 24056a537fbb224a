"""A database: one file, or memory, and the collections in it. Any number of threads may use it at
once; calls that take long do so without the GIL."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Optional, Union

from ._library import api, ended, path_text, result
from ._owner import Children, Owner
from ._schemas import (
    BackupReport,
    CheckReport,
    DamagePolicy,
    DatabaseInfo,
    DigestReport,
    Durability,
    MismatchPolicy,
    SalvageReport,
)
from ._tables import make, name_of
from .collection import Collection

if TYPE_CHECKING:
    from .live.runner import Link, Runner

Path = Union[str, "os.PathLike[str]"]


class Database(Owner):
    """Made by cairn.open()."""

    __slots__ = ("path", "_children", "_runner", "_lock", "_in_memory")

    def __init__(self, path: str, options: memoryview, in_memory: bool) -> None:
        super().__init__(result(api.cairn_database_open(path, options)), api.cairn_database_close)
        self.path = path
        self._children = Children()
        self._runner: Optional[Runner] = None
        self._lock = threading.Lock()
        self._in_memory = in_memory

    def collection(
        self,
        name: str,
        *,
        schema_version: int = 1,
        key: Optional[str] = None,
        local: bool = True,
        mismatch: Optional[MismatchPolicy] = None,
        durability: Optional[Durability] = None,
        log_transactions: Optional[int] = None,
        log_seconds: Optional[int] = None,
    ) -> Collection:
        """Opens a collection, and creates it where there is none. `key` names the field of a row that
        holds its key. `local` is for what is nowhere else: each transaction is synced to the disk, and
        another schema version than the stored one is an error. A collection with a source is opened
        with local=False: another version resets it, so that the source brings it anew."""
        options = make(
            "CollectionOptions",
            {
                "schema_version": schema_version,
                "local": local,
                "mismatch_policy": name_of(mismatch),
                "durability": name_of(durability),
                "log_transactions": log_transactions,
                "log_seconds": log_seconds,
            },
        )
        opened = result(api.cairn_collection_open(self._handle, name, options))
        collection = Collection(self, opened, name, key, local)
        self._children.add(collection)
        return collection

    def drop(self, name: str) -> bool:
        """Drops a collection with all that belongs to it. Whether there was one."""
        return not ended(api.cairn_collection_drop(self._handle, name))

    def info(self) -> DatabaseInfo:
        return DatabaseInfo.read(result(api.cairn_database_info(self._handle)))

    def check(
        self, collection: Optional[str] = None, *, pages: bool = True, max_problems: Optional[int] = None
    ) -> CheckReport:
        """Checks pages, rows, hashes, counts and the log; the report lists what is wrong."""
        options = make("CheckOptions", {"collection": collection, "pages": pages, "max_problems": max_problems})
        return CheckReport.read(result(api.cairn_database_check(self._handle, options)))

    def digest(self) -> DigestReport:
        """Equal for equal rows, whatever their history, the platform or the language that wrote them."""
        return DigestReport.read(result(api.cairn_database_digest(self._handle)))

    def flush(self) -> None:
        """Syncs what has been committed so far to the disk."""
        ended(api.cairn_database_flush(self._handle))

    def maintain(self, budget_ms: int) -> bool:
        """Does upkeep for about so long; whether there is more to do."""
        return not ended(api.cairn_database_maintain(self._handle, budget_ms))

    def compact(self) -> None:
        """Writes the file anew without gaps."""
        ended(api.cairn_database_compact(self._handle))

    def prepare_for_suspend(self) -> None:
        """Lets go of every lock and file, until the next call."""
        ended(api.cairn_database_prepare_for_suspend(self._handle))

    def backup(self, path: Path) -> BackupReport:
        """Copies the database as it is now to a file, and checks the copy."""
        return BackupReport.read(result(api.cairn_database_backup(self._handle, path_text(path))))

    def interrupt(self) -> None:
        """Ends the calls that run now, in other threads, with Cancelled."""
        api.cairn_database_interrupt(self._handle)

    def close(self) -> None:
        """Closes the database and all that was opened from it."""
        with self._lock:
            runner, self._runner = self._runner, None
        if runner is not None:
            runner.stop()
        self._children.close()
        super().close()

    def _run(self) -> Runner:
        """The thread that works for live collections; there is one while there are any."""
        from .live.runner import Runner

        with self._lock:
            if self._runner is None:
                self._runner = Runner(self._handle, self._in_memory)
            self._runner.users += 1
            return self._runner

    def _leave(self, link: Optional[Link]) -> None:
        """A live collection has ended."""
        with self._lock:
            runner = self._runner
            if runner is None:
                return
            runner.users -= 1
            if runner.users == 0:
                self._runner = None
        if runner.users == 0:
            runner.stop()
        if link is not None:
            runner.remove(link)


def open(
    path: Path = "",
    *,
    read_only: bool = False,
    in_memory: bool = False,
    durability: Optional[Durability] = None,
    busy_timeout_ms: Optional[int] = None,
    background: bool = True,
    damage: Optional[DamagePolicy] = None,
    check: bool = False,
) -> Database:
    """Opens a database, and creates it where there is none. Several processes may open one file. A
    damaged file is set aside, and a new one begins, unless DamagePolicy.Refuse is given."""
    options = make(
        "DatabaseOptions",
        {
            "read_only": read_only,
            "in_memory": in_memory,
            "durability": name_of(durability),
            "busy_timeout_ms": busy_timeout_ms,
            "background": background,
            "damage": name_of(damage),
            "check": check,
        },
    )
    return Database(path_text(path), options, in_memory)


def restore(backup: Path, path: Path) -> BackupReport:
    """Puts a copy of a backup at a path, once it was checked; what is there is set aside."""
    return BackupReport.read(result(api.cairn_restore(path_text(backup), path_text(path))))


def salvage(damaged: Path, out: Path, *, max_keys: Optional[int] = None) -> SalvageReport:
    """Recovers every row that still passes its hash from a damaged file into a new database."""
    options = make("SalvageOptions", {"max_keys": max_keys})
    return SalvageReport.read(result(api.cairn_salvage(path_text(damaged), path_text(out), options)))
