"""The steps of the corpus, as calls of a runner and as comparisons. README.md lists them; a function's name is its
step's, and it gives the step's result. For the thread of the runner.
"""

import base64
import json

from compare import Mismatch, expect_rows, parse, raw, row_of
from runner import Failure, Gone, bytes_of, word_of
from scenario import Scenario

ROW, PART = "\x1e", "\x1f"
STEPS = {}


def step(function):
    STEPS[function.__name__.rstrip("_")] = function
    return function


def perform(s, given):
    if given["do"] not in STEPS:
        raise Mismatch(f"unknown step {given['do']}")
    return STEPS[given["do"]](s, given)


# --- rows to words, and back ---


def _row_word(op, key, value=None, change=None):
    """A row for the language's own writer. Undefined fields stand apart: JSON has none."""
    parts = [op, json.dumps(key), "", "", ""]
    if op in ("insert", "update"):
        fields = value.items() if isinstance(value, dict) else ()
        undefined = [name for name, one in fields if one == {"$undefined": True}]
        kept = {name: one for name, one in fields if name not in undefined} if undefined else value
        parts[2], parts[4] = json.dumps(kept), json.dumps(undefined) if undefined else ""
    if change:
        parts[3] = json.dumps(change["set"]) if "set" in change else "-"
    return PART.join(parts)


def _mutation(op, key, *rest):
    has_value = op in ("insert", "update")
    return _row_word(op, key, rest[0] if has_value else None, *rest[has_value:])


def _inserted(key, value, extras=None):
    return _row_word("insert", key, value, {"set": extras["metadata"]} if extras and "metadata" in extras else None)


def _batches(lists, word):
    """An empty list is no batch."""
    bytes_given = ((one, raw(one)) for one in lists if one != [])
    return [ROW.join(word(*row) for row in one) if data is None else word_of(data) for one, data in bytes_given]


def _lines(word):
    return [parse(line) for line in word.split(ROW)] if word else []


def _write(s, given, batches, **more):
    options = given.get("options") or {}
    options = s.table("TransactionOptions", options if raw(options) is not None else {**options, **more})
    return s.report("CommitResult", "write", s.collection(given), options, *batches)


# --- databases and collections ---


def _reports(call, table, owner):
    """The step of a call that has no words but its handle."""
    STEPS[call] = lambda s, given: s.report(table, call, owner(s, given))


def _orders(call, owner):
    STEPS[call] = lambda s, given: s.runner.call(call, owner(s, given))


_reports("info", "CollectionInfo", Scenario.collection)
_reports("metadata", "MetadataReport", Scenario.collection)
_reports("database", "DatabaseInfo", Scenario.database)
_orders("reset", Scenario.collection)
_orders("flush", Scenario.database)
_orders("compact", Scenario.database)


@step
def open_(s, given):
    s.database(given)


@step
def close(s, given):
    s.close_database(given.get("db", "main"))


@step
def reopen(s, given):
    s.reopen(given.get("db", "main"))


@step
def collection(s, given):
    return s.report("CollectionInfo", "info", s.open_collection(given))


@step
def drop(s, given):
    s.runner.call("drop", s.database(given), word_of(given.get("name", "c")))


@step
def check(s, given):
    return s.report("CheckReport", "check", s.database(given), s.table("CheckOptions", given.get("options")))


@step
def digest(s, given):
    return s.report("DigestReport", "digest", s.database(given))


@step
def backup(s, given):
    return s.report("BackupReport", "backup", s.database(given), word_of(s.path(given["to"])))


@step
def file(s, given):
    path = s.path(given["name"])
    with open(path, "ab"):
        pass
    with open(path, "r+b") as opened:
        opened.seek(given.get("at", 0))
        opened.write(base64.b64decode(given.get("bytes", "")))
        if "size" in given:
            opened.truncate(given["size"])


@step
def ensure_index(s, given):
    return s.report("IndexInfo", "ensure_index", s.collection(given), s.table("IndexRequest", given["request"]))


@step
def remove_index(s, given):
    s.runner.call("remove_index", s.collection(given), word_of(given["signature"]))


# --- rows ---


@step
def apply(s, given):
    return _write(s, given, _batches(given.get("batches", [given.get("mutations", [])]), _mutation))


@step
def reconcile(s, given):
    return _write(s, given, _batches(given.get("batches", [given.get("rows", [])]), _inserted), mode="Reconcile")


@step
def store(s, given):
    result = _write(s, given, _batches([given["rows"]], _inserted))
    load(s, given)
    for key, value, *_ in given["rows"]:
        get(s, {**given, "key": key, "value": value})
    digests = {one["name"]: one["digest"] for one in digest(s, given)["collections"]}
    s.expect(given["digest"], digests.get(given.get("in", "c")))
    return result


@step
def fill(s, given):
    start, more = given.get("start", 0), {"t": "x" * given["text"]} if "text" in given else {}
    numbers = range(start, start + given["count"])
    rows = [[f"{given.get('prefix', 'k')}{i}", {"n": i + given.get("add", 0), **more}] for i in numbers]
    return _write(s, given, _batches([rows], _inserted))


@step
def json_(s, given):
    batch = s.runner.call("batch_from_json", word_of(given["text"]), word_of(given["key_field"]), gives=1)
    return _write(s, given, batch)


@step
def put(s, given):
    key, value = json.dumps(given["key"]), json.dumps(given["value"])
    return {"row_version": int(s.runner.call("put", s.collection(given), key, value, gives=1)[0])}


@step
def remove(s, given):
    return {"row_version": int(s.runner.call("remove", s.collection(given), json.dumps(given["key"]), gives=1)[0])}


@step
def get(s, given):
    found = s.runner.call("get", s.collection(given), json.dumps(given["key"]), gives=1)
    expect_rows([given.get("value")], [parse(found[0])], False)


# --- cursors ---


def _drain(s, given, cursor):
    rows = [row_of(line) for _, rows in s.drain(cursor, given.get("answers", [])) for line in _lines(rows)]
    if "rows" in given:
        expect_rows(given["rows"], rows, given.get("any_order", "since" in given))
    s.expect(given.get("row_count"), len(rows))
    s.expect(given.get("explain"), s.report("Explanation", "explain", cursor.id))


@step
def load(s, given):
    with s.cursor(given) as opened:
        head = s.head(opened)
        _drain(s, given, opened)
        return head


STEPS["delta"] = load


@step
def copy(s, given):
    with s.cursor(given["from"]) as opened:
        batches = [batch for batch, _ in s.drain(opened)]
    return _write(s, given, batches)


@step
def cursor(s, given):
    return s.head(s.name(s.new_cursor(given)))


@step
def next_(s, given):
    status, words = s.next(s.of(given["of"]))
    wanted = "CAIRN_DONE" if given.get("done") else "CAIRN_QUESTION" if "question" in given else "CAIRN_OK"
    s.expect(wanted, status)
    if "question" in given:
        s.expect(given["question"], s.tables.read("Question", bytes_of(words[0])))
    if "rows" in given:
        expect_rows(given["rows"], list(map(row_of, _lines(words[1]))), False)


@step
def answer(s, given):
    s.runner.call("answer", s.of(given["of"]).id, s.table("Answer", given["answer"]))


@step
def drain(s, given):
    _drain(s, given, s.of(given["of"]))


@step
def release(s, given):
    s.close(s.of(given["of"]))
    del s.named[given["of"]]


# --- replicas and coordination ---


@step
def coordinator(s, given):
    options = s.table("CoordinatorOptions", given.get("options"))
    s.name(s.new("coordinator", "coordinator", given, s.database(given), options))


@step
def replica(s, given):
    peers = s.of(given["coordinator"]).id if "coordinator" in given else ""
    options = s.table("ReplicaOptions", given.get("options"))
    s.name(s.new("replica", "replica", given, s.collection(given), peers, options))


@step
def send(s, given):
    for i, event in enumerate(given["events"]):
        try:
            _send(s, s.of(given["of"]), event)
        except Failure as failure:
            if "error" in given and i + 1 < len(given["events"]):
                raise Mismatch(f"event {i + 1} fails already: {failure}") from None
            raise


def _send(s, handle, event):
    if isinstance(name := event.get("effect"), str):
        if name not in handle.numbers:
            raise Mismatch(f"no effect {name} was taken")
        event = {**event, "effect": handle.numbers[name]}
    table = "ReplicaEvent" if handle.kind == "replica" else "CoordinatorEvent"
    s.runner.call("send", handle.id, s.table(table, event))


@step
def effects(s, given):
    replica = s.of(given["of"])
    words = s.runner.call("take", replica.id, gives=None)
    if len(words) % 2:
        raise Gone(f"take gives {len(words)} words of effects")
    taken = [_effect(s, *pair) for pair in zip(words[::2], words[1::2])]
    for one in taken:
        replica.numbers[one.get("kind", "Started")] = one.get("number", 0)
    _expect_kinds(s, given, "effects", taken, "Started")


def _effect(s, word, rows):
    """The effect as the library reads it, but its rows as the language does."""
    effect = s.tables.read("ReplicaEffect", bytes_of(word))
    if "batch" in effect:
        effect["batch"] = _lines(rows)
    elif rows:
        raise Mismatch(f"rows of an effect that has none: {rows[:500]}")
    return effect


@step
def actions(s, given):
    words = s.runner.call("take", s.of(given["of"]).id, gives=None)
    taken = [s.tables.read("CoordinatorAction", bytes_of(word)) for word in words]
    for one in taken:
        for name in given.get("deliver", []) if "message" in one else []:
            _send(s, s.of(name), {"kind": "Received", "message": one["message"]})
    _expect_kinds(s, given, "actions", taken, "Elect")


def _expect_kinds(s, given, field, taken, first):
    kinds = given.get("kinds")
    s.expect(given.get(field), [one for one in taken if kinds is None or one.get("kind", first) in kinds])
