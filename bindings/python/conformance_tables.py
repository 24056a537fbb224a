"""What the conformance corpus says, as values, tables and rows, and how they are compared; for
conformance.py."""

import base64
import functools
import json
from typing import Any, Callable, Dict, Iterator, List, Optional

import cairn
from cairn._errors import error_of
from cairn._library import api
from cairn._tables import from_portable
from cairn._values import UNDEFINED

FIRST_NAMES = "Applied Default Elect EnsureRemoteSubset Heartbeat None Nothing Rank Started".split()
OPS = {"insert": 0, "update": 1, "delete": 2, "touch": 3}


class Mismatch(Exception):
    pass


def got(given: Any) -> Any:
    """What a call puts out; a status that is not CAIRN_OK fails as an error does."""
    status, out = given if isinstance(given, list) else (given, None)
    if status != api.CAIRN_OK:
        raise error_of(status, api.cairn_status_name(status), "")
    return out


# --- what the corpus says ---


def raw(given: Any) -> Optional[bytes]:
    if isinstance(given, dict) and len(given) == 1:
        if isinstance(given.get("$bytes"), str):
            return base64.b64decode(given["$bytes"])
        if "$zeros" in given:
            return bytes(given["$zeros"])
    return None


def fields_of(value: Any) -> Any:
    """A row's value; in updates {"$undefined": true} may stand for a field."""
    if not isinstance(value, dict) or {"$undefined": True} not in value.values():
        return from_portable(value)
    return {name: UNDEFINED if one == {"$undefined": True} else from_portable(one) for name, one in value.items()}


def encoded(mutations: List[Any]) -> bytes:
    return api.encode_rows([(OPS[op], key, value, metadata_op, metadata)
                            for op, key, value, metadata_op, metadata in mutations])


def mutation(op: str, key: Any, *rest: Any) -> Any:
    value = fields_of(rest[0]) if op in ("insert", "update") else None
    change = rest[-1] if len(rest) > (op in ("insert", "update")) else {}
    metadata_op = 1 if "set" in change else 2 if "remove" in change else 0
    return op, from_portable(key), value, metadata_op, from_portable(change["set"]) if "set" in change else None


def inserted(key: Any, value: Any, extras: Any = None) -> Any:
    has = extras is not None and "metadata" in extras
    return "insert", from_portable(key), fields_of(value), int(has), from_portable(extras["metadata"]) if has else None


def event_row(row: Any) -> Any:
    op = row.get("op", "insert")
    has, value = "metadata" in row, row.get("value")
    metadata = from_portable(row["metadata"]) if has else None
    return op, from_portable(row["key"]), fields_of(value) if value is not None else None, int(has), metadata


def table(name: str, fields: Any) -> Any:
    """The bytes of a table of the corpus."""
    if raw(fields) is not None:
        return raw(fields)
    fields = dict(fields or {})
    for field, one in fields.items():
        if isinstance(one, dict) and "$table" in one:
            fields[field] = {"$bytes": base64.b64encode(table(*one["$table"])).decode()}
        elif field == "batch" and isinstance(one, list):
            fields[field] = {"$bytes": base64.b64encode(encoded([event_row(row) for row in one])).decode()}
    return got(api.cairn_table_from_json(name, json.dumps(fields)))


def read(name: str, bytes_of: Any) -> Any:
    return json.loads(bytes(got(api.cairn_table_to_json(name, bytes_of))))


def effect_of(bytes_of: Any) -> Any:
    """An effect; its rows come from this package's reader."""
    effect = read("ReplicaEffect", bytes_of)
    if "batch" in effect:
        keys, ops, values, versions, metadata = api.decode_effect(bytes_of)["batch"]
        effect["batch"] = [
            {"key": key, "op": list(OPS)[0 if ops is None else ops[i]], "value": values[i],
             "version": None if versions is None else versions[i],
             "metadata": UNDEFINED if metadata is None else metadata[i]} for i, key in enumerate(keys)]
    return effect


def rows_of(batch: Any) -> Iterator[List[Any]]:
    keys, ops, values, versions, metadata = api.decode_rows(batch)
    for i, key in enumerate(keys):
        if ops is not None and ops[i] == OPS["delete"]:
            yield [key]
            continue
        extras = {} if versions is None else {"version": versions[i]}
        if metadata is not None and metadata[i] is not UNDEFINED:
            extras["metadata"] = metadata[i]
        yield [key, values[i], extras] if extras else [key, values[i]]


# --- comparing ---


def same(expected: Any, actual: Any) -> bool:
    """Whether extended JSON is a value."""
    return actual is not UNDEFINED and api.encode(from_portable(expected)) == api.encode(actual)


def matches(expected: Any, actual: Any, is_value: bool = False) -> bool:
    if is_value:
        return same(expected, from_portable(actual))
    if isinstance(expected, dict) and "$table" in expected:
        bytes_of = raw(actual)
        return bytes_of is not None and matches(expected["$table"][1], read(expected["$table"][0], bytes_of))
    if isinstance(expected, dict) and isinstance(actual, dict) and not any(name[:1] == "$" for name in expected):
        return all(field_matches(name, one, actual) for name, one in expected.items())
    if isinstance(expected, list) and isinstance(actual, list):
        return len(expected) == len(actual) and all(map(matches, expected, actual))
    return type(expected) is type(actual) and expected == actual


def field_matches(name: str, expected: Any, actual: Dict[str, Any]) -> bool:
    if name not in actual:
        return expected in ([], None) or any(type(expected) is type(one) and expected == one
                                             for one in (0, False, "", *FIRST_NAMES))
    if name == "batch":
        return len(expected) == len(actual[name]) and all(map(row_matches, expected, actual[name]))
    return matches(expected, actual[name], name in ("value", "values"))


def row_matches(expected: Any, actual: Any) -> bool:
    return all(actual[name] == one if name in ("op", "version") else same(one, actual[name])
               for name, one in expected.items())


def expect(expected: Any, actual: Any, equal: Optional[bool] = None) -> None:
    if expected is not None and not (matches(expected, actual) if equal is None else equal):
        raise Mismatch(f"expected {str(expected)[:2000]}\n    but got  {str(actual)[:2000]}")


def expect_rows(expected: List[Any], rows: List[Any], any_order: bool) -> None:
    wanted, found = [api.encode(from_portable(row)) for row in expected], [api.encode(row) for row in rows]
    if any_order:
        wanted.sort()
        found.sort()
    expect(expected, rows, wanted == found)


def failed_so(expected: Any, error: Exception) -> bool:
    if not isinstance(error, cairn.CairnError):
        # The package's own encoder has refused it.
        return isinstance(error, (ValueError, TypeError, OverflowError, RecursionError))
    if error.__dict__.get("refused"):
        return True
    return (expected.get("status", error.name) == error.name and expected.get("message", "") in error.message
            and expected.get("message_is", error.message) == error.message)


def value_maker(make: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(make)
    def made(*arguments: Any) -> Any:
        try:
            return make(*arguments)
        except cairn.CairnError as error:
            error.__dict__["refused"] = True  # cairn_value_from_json has
            raise

    return made


from_portable = value_maker(from_portable)
