"""The conformance runner of Python: performs the calls that it reads, as tests/conformance/RUNNERS.md says.
Values, keys and row batches go through this package's codecs, tables as the bytes that they are."""

import base64
import gc
import json
import sys
from typing import Any, Callable, Dict, Iterator, List, Tuple

import cairn
from cairn._library import api
from cairn._values import UNDEFINED

ROW, PART = "\x1e", "\x1f"
OPS = ("insert", "update", "delete", "touch")
KEEP, SET, REMOVE = range(3)  # what a row does with its metadata

handles: Dict[str, Tuple[str, Any]] = {}  # (kind, handle) by name


class Refused(Exception):
    """A value that Python cannot make, or cairn_value_from_json refuses to."""


class Status(Exception):
    """A status of a call that is no error; the words that come with it."""

    def __init__(self, status: int, *words: str) -> None:
        super().__init__(status)
        self.status, self.words = status, words


# --- words ---


def data(word: str) -> Any:
    return base64.b64decode(word[1:], validate=True) if word else None


def text(word: str) -> str:
    return str(data(word), "utf-8")


def word(given: Any) -> str:
    return "=" + base64.b64encode(given).decode("ascii")


def got(given: Any) -> Any:
    """What a call puts out, where its status is CAIRN_OK."""
    status, out = given if isinstance(given, list) else (given, None)
    if status != api.CAIRN_OK:
        raise Status(status)
    return out


def value(extended: str) -> Any:
    try:
        return api.decode(got(api.cairn_value_from_json(extended)))
    except (cairn.CairnError, ValueError, TypeError, OverflowError, RecursionError) as error:
        raise Refused(str(error)) from error


def encoded(extended: str) -> bytes:
    given = value(extended)
    try:
        return api.encode(given)
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        raise Refused(str(error)) from error


def extended(given: Any) -> str:
    return bytes(got(api.cairn_value_to_json(api.encode(given)))).decode("utf-8")


def row(parts: str) -> Any:
    op, key, fields, metadata, undefined = parts.split(PART)
    given: Any = value(fields) if fields else None
    if undefined:
        given = {**given, **dict.fromkeys(json.loads(undefined), UNDEFINED)}
    if metadata in ("", "-"):
        return OPS.index(op), value(key), given, REMOVE if metadata else KEEP, None
    return OPS.index(op), value(key), given, SET, value(metadata)


def batch(given: str) -> Any:
    if given.startswith("="):
        return data(given)
    rows = [row(parts) for parts in given.split(ROW)]
    try:
        return api.encode_rows(rows)
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        raise Refused(str(error)) from error


def rows(decoded: Any) -> str:
    """The rows of a batch; each has what the reader has found."""
    keys, ops, values, versions, metadata = decoded
    lines = []
    for i, key in enumerate(keys):
        op = OPS[0 if ops is None else ops[i]]
        fields = {"key": extended(key)}
        if op != "insert":
            fields["op"] = json.dumps(op)
        if op in ("insert", "update"):
            fields["value"] = extended(values[i])
        if versions is not None and versions[i] != 0:
            fields["version"] = str(versions[i])
        if metadata is not None and metadata[i] is not UNDEFINED:
            fields["metadata"] = extended(metadata[i])
        lines.append("{" + ",".join(f'"{name}":{one}' for name, one in fields.items()) + "}")
    return ROW.join(lines)


# --- calls ---


def handle(name: str) -> Any:
    return handles[name][1]


def opens(kind: str, call: Callable[..., Any], *readers: Callable[[str], Any]) -> Callable[..., List[str]]:
    def perform(name: str, *words: str) -> List[str]:
        given = [read(one) for read, one in zip(readers, words)]
        handles[name] = kind, got(call(*given))
        return []

    return perform


def calls(call: Callable[..., Any], *readers: Callable[[str], Any], gives: Any = None) -> Callable[..., List[str]]:
    def perform(*words: str) -> List[str]:
        out = got(call(*(read(one) for read, one in zip(readers, words))))
        return [gives(out)] if gives else []

    return perform


def write(collection: str, options: str, *batches: str) -> List[str]:
    transaction = got(api.cairn_transaction_begin(handle(collection), data(options)))
    try:
        for one in batches:
            got(api.cairn_transaction_add(transaction, batch(one)))
        return [word(got(api.cairn_transaction_commit(transaction)))]
    finally:
        api.cairn_transaction_close(transaction)


def next_batch(cursor: str) -> List[str]:
    status, out = api.cairn_cursor_next(handle(cursor))
    if status != api.CAIRN_OK or out is None:
        raise Status(status, *([word(out)] if status == api.CAIRN_QUESTION else []))
    return [word(out), rows(api.decode_rows(out))]


def send(name: str, event: str) -> List[str]:
    kind, given = handles[name]
    got((api.cairn_replica_send if kind == "replica" else api.cairn_coordinator_send)(given, data(event)))
    return []


def taken(call: Callable[..., Any], given: Any) -> Iterator[Any]:
    while (next_one := call(given))[0] == api.CAIRN_OK:
        yield next_one[1]
    if next_one[0] != api.CAIRN_DONE:
        raise Status(next_one[0])


def take(name: str) -> List[str]:
    kind, given = handles[name]
    if kind == "coordinator":
        return [word(action) for action in taken(api.cairn_coordinator_next, given)]
    effects = [(word(effect), api.decode_effect(effect).get("batch")) for effect in taken(api.cairn_replica_next, given)]
    return [one for effect, found in effects for one in (effect, "" if found is None else rows(found))]


def close(name: str) -> List[str]:
    kind, given = handles.pop(name)
    getattr(api, f"cairn_{kind}_close")(given)
    return []


def live() -> List[str]:
    gc.collect()
    return [str(cairn.live_objects())]


CALLS: Dict[str, Callable[..., List[str]]] = {
    "open": opens("database", api.cairn_database_open, text, data),
    "collection": opens("collection", api.cairn_collection_open, handle, text, data),
    "write": write,
    "batch_from_json": calls(api.cairn_batch_from_json, text, text, gives=word),
    "put": calls(api.cairn_collection_put, handle, encoded, encoded, gives=str),
    "remove": calls(api.cairn_collection_remove, handle, encoded, gives=str),
    "get": calls(api.cairn_collection_get, handle, encoded, gives=lambda found: extended(api.decode(found))),
    "load": opens("cursor", api.cairn_collection_load, handle, data),
    "delta": opens("cursor", api.cairn_collection_delta, handle, data),
    "head": calls(api.cairn_cursor_head, handle, gives=word),
    "next": next_batch,
    "answer": calls(api.cairn_cursor_answer, handle, data),
    "explain": calls(api.cairn_cursor_explain, handle, gives=word),
    "reset": calls(api.cairn_collection_reset, handle),
    "drop": calls(api.cairn_collection_drop, handle, text),
    "metadata": calls(api.cairn_collection_metadata, handle, gives=word),
    "info": calls(api.cairn_collection_info, handle, gives=word),
    "database": calls(api.cairn_database_info, handle, gives=word),
    "check": calls(api.cairn_database_check, handle, data, gives=word),
    "digest": calls(api.cairn_database_digest, handle, gives=word),
    "flush": calls(api.cairn_database_flush, handle),
    "compact": calls(api.cairn_database_compact, handle),
    "backup": calls(api.cairn_database_backup, handle, text, gives=word),
    "ensure_index": calls(api.cairn_collection_ensure_index, handle, data, gives=word),
    "remove_index": calls(api.cairn_collection_remove_index, handle, text),
    "coordinator": opens("coordinator", api.cairn_coordinator_open, handle, data),
    "replica": opens("replica", api.cairn_replica_open, handle, lambda name: handle(name) if name else None, data),
    "send": send,
    "take": take,
    "close": close,
    "live": live,
}


def answer(line: str) -> List[str]:
    call, *words = line.split("\t")
    try:
        return ["CAIRN_OK", *CALLS[call](*words)]
    except Refused as error:
        return ["REFUSED", word(str(error).encode())]
    except Status as status:
        return [api.cairn_status_name(status.status), *status.words]
    except cairn.CairnError as error:
        return [error.name, word(error.message.encode())]


if __name__ == "__main__":
    for request in sys.stdin.buffer:
        sys.stdout.buffer.write("\t".join(answer(request.decode("utf-8")[:-1])).encode("utf-8") + b"\n")
        sys.stdout.buffer.flush()
