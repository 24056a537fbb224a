"""Live collections, for asyncio: rows that stay fresh, streams of changes, local mutations, sources."""

from .front import Change
from .live import Live
from .parts import Changes, CollectionChanges, Confirmed, LiveTransaction, Loaded, State
from .source import Order, SourceLike, SourceObject, Subset, Sync

__all__ = [
    "Change",
    "Changes",
    "CollectionChanges",
    "Confirmed",
    "Live",
    "LiveTransaction",
    "Loaded",
    "Order",
    "SourceLike",
    "SourceObject",
    "State",
    "Subset",
    "Sync",
]
