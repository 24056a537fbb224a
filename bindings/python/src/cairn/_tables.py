"""Tables of requests and results: made from and read as JSON by the library, which knows them. The
dataclasses are in _schemas.py, which the build makes. Any thread may use them."""

from __future__ import annotations

import dataclasses
import enum
import functools
import json
import typing
from typing import Any, Callable, Mapping, Optional, Type, TypeVar, cast

T = TypeVar("T", bound="Table")


@dataclasses.dataclass(frozen=True)
class Table:
    """What is read has every field; those that the library leaves out have their default."""

    @classmethod
    def read(cls: Type[T], table: memoryview) -> T:
        """Reads a table of this kind out of the library's bytes."""
        from ._library import api, result

        text = result(api.cairn_table_to_json(cls.__name__, table))
        return cls.of(json.loads(bytes(text)))

    @classmethod
    def of(cls: Type[T], fields: Mapping[str, Any]) -> T:
        readers = _readers(cast(Any, cls))
        return cls(**{name: readers[name](value) for name, value in fields.items() if name in readers})


def make(table: str, fields: Mapping[str, Any]) -> memoryview:
    """Makes the bytes of a table. What is None is left out; values for portable fields come from
    `portable`."""
    from ._library import api, result

    given = {name: value for name, value in fields.items() if value is not None}
    return result(api.cairn_table_from_json(table, json.dumps(given, default=_plain)))


def portable(value: object) -> Any:
    """Gives the extended JSON of a value, for a field of a table."""
    from ._library import api, result

    return json.loads(bytes(result(api.cairn_value_to_json(api.encode(value)))))


def from_portable(extended: object) -> Any:
    """Gives the value of extended JSON."""
    from ._library import api, result

    return api.decode(result(api.cairn_value_from_json(json.dumps(extended))))


def _plain(value: object) -> Any:
    if isinstance(value, (list, tuple)):
        return list(value)
    raise TypeError(f"{value!r} does not belong in a request")


@functools.lru_cache(maxsize=None)
def _readers(table: Any) -> dict[str, Callable[[Any], Any]]:
    from . import _schemas

    hints = typing.get_type_hints(table, vars(_schemas), {"Any": Any})
    return {field.name: _reader(hints[field.name]) for field in dataclasses.fields(table)}


def _reader(kind: Any) -> Callable[[Any], Any]:
    if kind is Any:
        return from_portable
    arguments = typing.get_args(kind)
    if typing.get_origin(kind) is tuple:
        item = _reader(arguments[0])
        return lambda values: tuple(item(value) for value in values)
    if arguments:  # a table, or None
        return _reader(arguments[0])
    if isinstance(kind, type) and issubclass(kind, Table):
        return kind.of
    if isinstance(kind, type) and issubclass(kind, enum.IntEnum):
        names = {member.name.rstrip("_"): member for member in kind}
        return lambda name: names[name] if isinstance(name, str) else kind(name)
    return lambda value: value


def name_of(member: Optional[enum.IntEnum]) -> Optional[str]:
    """The name of an enum's member as tables have it."""
    return None if member is None else member.name.rstrip("_")
