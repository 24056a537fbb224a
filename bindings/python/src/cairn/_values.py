"""What values are in Python, beside None, bool, str, bytes, list and dict.

A number is an int where it is an integer within 2**53, else a float. An int beyond that is a bigint,
and comes back as a BigInt; so does a small one that was a bigint before. A date is a datetime in UTC
with whole milliseconds. All of this is for any thread.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Any, Dict, Mapping, Union


class BigInt(int):
    """An int that is kept as a bigint, whatever its size."""

    def __repr__(self) -> str:
        return f"BigInt({int(self)})"


@dataclass(frozen=True, order=True)
class Timestamp:
    """A date in a year that datetime does not have: milliseconds since 1970-01-01 in UTC."""

    milliseconds: int


class Undefined(enum.Enum):
    """The type of UNDEFINED."""

    UNDEFINED = "undefined"

    def __repr__(self) -> str:
        return "cairn.UNDEFINED"

    def __bool__(self) -> bool:
        return False


UNDEFINED = Undefined.UNDEFINED
"""As a field of an update, or an entry of metadata: it is removed."""

Key = Union[str, int, float]
Buffer = Union[bytes, bytearray, memoryview]
Value = Any
Row = Dict[str, Any]
Metadata = Mapping[str, Any]


def checked(key: object) -> Key:
    """A key of a type that keys have; the engine checks the rest."""
    if not isinstance(key, (str, int, float)):
        raise TypeError(f"a key is a str or a number, not {key!r}")
    return key


def identity(key: Key) -> object:
    """Gives what is equal for equal keys: -0.0 is another key than 0, which Python's == denies."""
    if key == 0 and str(key) == "-0.0":
        return (key,)
    return key
