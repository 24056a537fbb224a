"""Values of extended JSON (cairn/value.h), tables and rows of the corpus, and whether they are what is expected.
No engine has a part in that. README.md, 'Comparing', says the rules. Any thread.
"""

import base64
import datetime
import json
import math
import re
import struct

FIRST_NAMES = ("Applied", "Default", "Elect", "EnsureRemoteSubset", "Heartbeat", "None", "Nothing", "Rank", "Started")
DATE = re.compile(r"([+-]?\d+)-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{3}))?Z")


class Mismatch(Exception):
    """What came is not what is expected."""


# --- values ---


def parse(text):
    """JSON of a runner or of the corpus, in which no field may stand twice."""

    def fields(pairs):
        if len(dict(pairs)) != len(pairs):
            raise Mismatch(f"a field twice: {shown(pairs)}")
        return dict(pairs)

    try:
        return json.loads(text, object_pairs_hook=fields)
    except ValueError as error:
        raise Mismatch(f"no JSON: {error}: {text[:500]!r}") from None


def _days(year, month, day):
    """Days since some day; the calendar repeats itself every 400 years."""
    return year // 400 * 146097 + datetime.date(year % 400 + 400, month, day).toordinal()


def _milliseconds(date):
    if not isinstance(date, str):
        return date
    if not (parts := DATE.fullmatch(date)):
        raise Mismatch(f"no date: {date}")
    year, month, day, hour, minute, second, millisecond = (int(part or 0) for part in parts.groups())
    hours = (_days(year, month, day) - _days(1970, 1, 1)) * 24 + hour
    return ((hours * 60 + minute) * 60 + second) * 1000 + millisecond


def _number(number):
    return ("number", b"NaN" if math.isnan(number) else struct.pack(">d", number))


def _text(text):
    return text.encode("utf-8", "surrogatepass")


def _object(pairs):
    return ("object", tuple((_text(name), value_of(value)) for name, value in pairs))


MARKS = {
    "$date": lambda date: ("date", _milliseconds(date)),
    "$bigint": lambda digits: ("bigint", int(digits)),
    "$bytes": lambda text: ("bytes", base64.b64decode(text)),
    "$number": lambda name: _number(float(name)),
    "$text": lambda text: ("text", base64.b64decode(text)),
    "$object": _object,
    "$undefined": lambda _: ("undefined",),
}


def is_mark(extended):
    return isinstance(extended, dict) and len(extended) == 1 and next(iter(extended)) in MARKS


def value_of(extended):
    """The value that extended JSON is: what is equal for equal values, and has an order."""
    if is_mark(extended):
        ((name, inner),) = extended.items()
        return MARKS[name](inner)
    if isinstance(extended, dict):
        return _object(extended.items())
    if isinstance(extended, list):
        return ("array", tuple(map(value_of, extended)))
    if isinstance(extended, str):
        return ("text", _text(extended))
    if isinstance(extended, bool):
        return ("boolean", extended)
    return ("null",) if extended is None else _number(float(extended))


# --- tables ---


def matches(expected, actual, read):
    """Whether a table's JSON has the fields that are expected; `read` gives the JSON of a table's bytes."""
    if isinstance(expected, dict) and "$table" in expected:
        name, fields = expected["$table"]
        return isinstance(actual, dict) and "$bytes" in actual and matches(fields, read(name, raw(actual)), read)
    if is_mark(expected) or is_mark(actual):
        return value_of(expected) == value_of(actual)
    if isinstance(expected, dict) and isinstance(actual, dict):
        return all(_field_matches(name, one, actual, read) for name, one in expected.items())
    if isinstance(expected, list) and isinstance(actual, list):
        return len(expected) == len(actual) and all(matches(*pair, read) for pair in zip(expected, actual))
    return _leaf(expected) == _leaf(actual)


def _field_matches(name, expected, actual, read):
    if name not in actual:
        return expected is None or expected == [] or _leaf(expected) in DEFAULTS
    if name in ("value", "values"):
        return value_of(expected) == value_of(actual[name])
    if name == "batch":
        return len(expected) == len(actual[name]) and all(map(_row_matches, expected, actual[name]))
    return matches(expected, actual[name], read)


def _row_matches(expected, actual):
    given = {"op": "insert", **actual}
    return all(name in given and value_of(one) == value_of(given[name]) for name, one in expected.items())


def _leaf(one):
    """True is not 1, though Python has it so. What is no leaf is equal to nothing that is one."""
    return (isinstance(one, bool), one)


DEFAULTS = [_leaf(one) for one in (0, False, "", *FIRST_NAMES)]


def raw(given):
    """Bytes that stand for themselves; None where it is something else."""
    if isinstance(given, dict) and len(given) == 1:
        if isinstance(given.get("$bytes"), str):
            return base64.b64decode(given["$bytes"])
        if "$zeros" in given:
            return bytes(given["$zeros"])
    return None


def expect(expected, actual, read):
    """Raises Mismatch where something else is expected; None expects nothing."""
    if expected is not None and not matches(expected, actual, read):
        _differ(shown(expected), shown(actual))


# --- rows ---


def row_of(line):
    """A row that was read, as the corpus has it: [key], [key, value] or [key, value, extras]."""
    op = line.get("op", "insert")
    if op == "delete":
        return [line["key"]]
    if op != "insert":
        raise Mismatch(f"a row that is read has the op {op}")
    extras = {name: line[name] for name in ("version", "metadata") if name in line}
    return [line["key"], line["value"], extras] if extras else [line["key"], line["value"]]


def expect_rows(expected, rows, any_order):
    arrange = sorted if any_order else list
    if arrange(map(value_of, expected)) != arrange(map(value_of, rows)):
        _differ(_listed(expected), _listed(rows))


def _listed(rows):
    return f"{len(rows)} rows" + "".join("\n      " + shown(row) for row in rows)


def shown(extended):
    return json.dumps(extended, ensure_ascii=False)


def _differ(expected, actual):
    raise Mismatch(f"expected {expected[:4000]}\n    but got  {actual[:4000]}")
