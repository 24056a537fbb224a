"""Values map exactly, in both directions, alone and in row batches."""

import json
import math
from datetime import datetime, timedelta, timezone
from enum import IntEnum
from typing import Any, Dict

import pytest

import cairn
from cairn import UNDEFINED, BigInt, Timestamp
from cairn._library import api, result

UTC = timezone.utc
VALUES = [
    None, True, False, 0, 1, -1, 31, 32, 127, -128, 2**31, -(2**31), 2**53, -(2**53), 0.5, -0.0, 1e300, 5e-324,
    math.inf, -math.inf, "", "a", "x" * 95, "x" * 96, "é", "東京", "🚀", "\ud800", "a\udc00b", "\x00", b"", b"\x00\xff",
    b"x" * 1000, BigInt(0), BigInt(7), BigInt(-7), 2**53 + 1, -(2**53) - 1, 2**64, -(2**200), 10**100,
    datetime(1970, 1, 1, tzinfo=UTC), datetime(2026, 1, 31, 12, 0, 0, 123000, UTC), datetime(1, 1, 1, tzinfo=UTC),
    datetime(9999, 12, 31, 23, 59, 59, 999000, UTC), datetime(1969, 12, 31, 23, 59, 59, 1000, UTC),
    datetime(2024, 2, 29, tzinfo=UTC), Timestamp(8_640_000_000_000_000), Timestamp(-8_640_000_000_000_000),
    [], [1, "a", None, [2, []], {"b": [True]}], {}, {"a": {"b": {"c": 1}}, "": 2},
]


def same(a: Any, b: Any) -> bool:
    """Equal in type, too; what == takes for the same is not."""
    if type(a) is not type(b) and not (isinstance(a, int) and isinstance(b, BigInt) and abs(a) > 2**53):
        return False
    if isinstance(a, float):
        return repr(a) == repr(b)
    if isinstance(a, list):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[name], b[name]) for name in a)
    return bool(a == b)


@pytest.mark.parametrize("value", VALUES, ids=lambda value: repr(value)[:40])
def test_alone(value: Any) -> None:
    encoded = api.encode(value)
    assert same(value, api.decode(encoded))
    # The engine takes it for the same: what it writes as JSON, it reads as the same value again.
    text = bytes(result(api.cairn_value_to_json(encoded)))
    assert same(value, api.decode(result(api.cairn_value_from_json(text.decode()))))


def test_nan() -> None:
    assert math.isnan(api.decode(api.encode(math.nan)))


@pytest.mark.parametrize(
    "value, text",
    [
        (1, "1"), (-0.0, '{"$number":"-0"}'), (math.nan, '{"$number":"NaN"}'), (b"ab", '{"$bytes":"YWI="}'),
        (2**64, '{"$bigint":"18446744073709551616"}'), (BigInt(-5), '{"$bigint":"-5"}'), ("\ud800", '{"$text":"7aCA"}'),
        (datetime(2026, 1, 31, 12, tzinfo=UTC), '{"$date":"2026-01-31T12:00:00.000Z"}'),
        (Timestamp(8_640_000_000_000_000), '{"$date":8640000000000000}'),
        ({"$date": 1}, '{"$object":[["$date",1]]}'), (True, "true"), (None, "null"),
    ],
)  # fmt: skip
def test_what_the_engine_sees(value: Any, text: str) -> None:
    assert json.loads(bytes(result(api.cairn_value_to_json(api.encode(value))))) == json.loads(text)


def test_rows(db: cairn.Database) -> None:
    """Each value in a field of its own, alone in its column, and among others in one column."""
    rows = db.collection("rows", key="k")
    rows.insert_many({"k": i, f"v{i}": value, "mixed": value} for i, value in enumerate(VALUES))
    rows.insert_many({"k": 1000 + i, "same": value, "again": value} for i, value in enumerate(VALUES) for _ in range(2))
    read = {row["k"]: row for row in rows}
    for i, value in enumerate(VALUES):
        assert same({"k": i, f"v{i}": value, "mixed": value}, read[i])
        assert same(value, read[1000 + i]["same"])
        assert same(rows.get(i), read[i])


@pytest.mark.parametrize(
    "values",
    [[1, None, 2], [1, 2.5, None], ["a", None, "b"] * 50, ["é", "a", None], [b"", None, b"x"], [[1], None, []],
     [{"a": 1}, None, {"a": 2}, {"b": {}}], [True, None, False], [None, None], [2**70, None, 1], [[{"a": "x"}], [], None],
     [datetime(2026, 1, 1, tzinfo=UTC), None]],
)  # fmt: skip
def test_columns(db: cairn.Database, values: Any) -> None:
    """Every kind of column, with nulls in it; rows read from the file come in columns."""
    rows = db.collection("rows", key="k")
    rows.insert_many({"k": i, "v": value, "nested": {"v": value}} for i, value in enumerate(values))
    read = rows.all()
    assert len(read) == len(values)
    for i, value in enumerate(values):
        assert same({"k": i, "v": value, "nested": {"v": value}}, read[i])


def test_names_are_never_shadowed(db: cairn.Database) -> None:
    names = ["", "a.b", "keys", "items", "get", "_handle", "__class__", "self", "key", "$date", "$object", "where", "\ud83d",
             "é", "0", "None", "class"]  # fmt: skip
    row: Dict[str, Any] = {name: i for i, name in enumerate(names)}
    rows = db.collection("rows")
    rows.insert(row, key="k")
    assert rows.get("k") == row == rows.query().first()
    for name, value in row.items():
        assert rows.where(cairn.ref(name) == value).count() == 1, name
        assert rows.where(cairn.ref(name) == -1).count() == 0, name
        assert rows.query().fields(name).all() == [{name: value}]


def test_times_of_other_zones() -> None:
    moment = datetime(2026, 1, 31, 12, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    assert api.decode(api.encode(moment)) == moment
    assert api.decode(api.encode(moment)).tzinfo is UTC
    # Whole milliseconds are kept, as in JavaScript.
    assert api.decode(api.encode(datetime(2026, 1, 1, 0, 0, 0, 1999, UTC))).microsecond == 1000
    assert api.decode(api.encode(datetime(1969, 12, 31, 23, 59, 59, 999999, UTC))).microsecond == 999000


def test_pairs_of_surrogates_are_a_character() -> None:
    assert api.decode(api.encode("\ud83d\ude80")) == "🚀"


class Color(IntEnum):
    RED = 3


def test_what_looks_like_a_value() -> None:
    assert api.decode(api.encode(Color.RED)) == 3
    assert api.decode(api.encode((1, 2))) == [1, 2]
    assert api.decode(api.encode(bytearray(b"ab"))) == b"ab"
    assert api.decode(api.encode(memoryview(b"abcdef")[::2])) == b"ace"


@pytest.mark.parametrize("value", [object(), {1: 2}, {3, 4}, UNDEFINED, [UNDEFINED], datetime(2026, 1, 1), 1j])
def test_what_cannot_be_kept(value: Any) -> None:
    with pytest.raises((TypeError, ValueError)):
        api.encode(value)


def test_what_is_too_deep() -> None:
    value: Any = 1
    for _ in range(200):
        value = [value]
    with pytest.raises(ValueError, match="128"):
        api.encode(value)
    loop: Any = []
    loop.append(loop)
    with pytest.raises(ValueError):
        api.encode(loop)


@pytest.mark.parametrize("size", range(40))
def test_malformed_values(size: int) -> None:
    whole = api.encode({"a": [1, "text", {"b": b"bytes"}], "c": 2**70})
    if size < len(whole):
        with pytest.raises(ValueError):
            api.decode(whole[:size])
    with pytest.raises(ValueError):
        api.decode(whole + b"\x00")


def test_malformed_batches() -> None:
    """Bytes that were changed give an exception or other rows, never a crash."""
    batch = bytearray(api.encode_rows([(0, i, {"a": i, "b": [f"{i}"], "c": {"d": b"x"}}, 0, None) for i in range(5)]))
    for at in range(len(batch)):
        for flip in (1, 0x80, 0xFF):
            changed = bytearray(batch)
            changed[at] ^= flip
            try:
                api.decode_rows(bytes(changed))
            except (ValueError, MemoryError, UnicodeDecodeError):
                pass
