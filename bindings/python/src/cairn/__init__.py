"""Cairn keeps collections of rows on disk: cairn.open() gives a database, its collection() the rows."""

from ._errors import Cancelled, CairnError, Closed, CollectionError, InternalError, StorageError, UsageError
from ._library import api as _api
from ._schemas import (
    Access,
    BackupReport,
    CheckReport,
    CollectionInfo,
    CommitResult,
    DamagePolicy,
    DatabaseInfo,
    DigestReport,
    Durability,
    Explanation,
    IndexInfo,
    MismatchPolicy,
    Outcome,
    Position,
    SalvageReport,
    Sorting,
    TransactionMode,
)
from ._values import UNDEFINED, BigInt, Key, Metadata, Row, Timestamp, Value
from .collection import Collection, Delta
from .database import Database, open, restore, salvage
from .expressions import Expression, call, case_when, coalesce, concat, ref, value
from .live import Change, Confirmed, Live, Subset, Sync
from .query import Query
from .transaction import Transaction

__version__ = _api.cairn_version()


def live_objects() -> int:
    """How many handles and buffers of the library there are, for tests against leaks."""
    return _api.cairn_live_objects()


__all__ = [
    "Access",
    "BackupReport",
    "BigInt",
    "CairnError",
    "call",
    "Cancelled",
    "case_when",
    "Change",
    "CheckReport",
    "Closed",
    "coalesce",
    "Collection",
    "CollectionError",
    "CollectionInfo",
    "CommitResult",
    "concat",
    "Confirmed",
    "DamagePolicy",
    "Database",
    "DatabaseInfo",
    "Delta",
    "DigestReport",
    "Durability",
    "Explanation",
    "Expression",
    "IndexInfo",
    "InternalError",
    "Key",
    "Live",
    "live_objects",
    "Metadata",
    "MismatchPolicy",
    "open",
    "Outcome",
    "Position",
    "Query",
    "ref",
    "restore",
    "Row",
    "salvage",
    "SalvageReport",
    "Sorting",
    "StorageError",
    "Subset",
    "Sync",
    "Timestamp",
    "Transaction",
    "TransactionMode",
    "UNDEFINED",
    "UsageError",
    "Value",
    "value",
]
