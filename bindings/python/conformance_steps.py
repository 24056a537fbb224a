"""The steps of the conformance corpus, for conformance.py."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any, Callable, Dict, List

from conformance_tables import (
    Mismatch, effect_of, encoded, expect, expect_rows, from_portable, got, inserted, mutation, raw, read, rows_of, table,
)  # fmt: skip

from cairn._library import api

if TYPE_CHECKING:
    from conformance import Scenario


def batches(lists: List[Any], row: Callable[..., Any]) -> List[bytes]:
    made = [raw(one) if raw(one) is not None else encoded([row(*each) for each in one]) for one in lists if one != []]
    return [one for one in made if one is not None]


def apply(s: Scenario, step: Any) -> Any:
    return s.write(step, batches(step.get("batches", [step.get("mutations", [])]), mutation))


def reconcile(s: Scenario, step: Any) -> Any:
    return s.write(step, batches(step.get("batches", [step.get("rows", [])]), inserted), mode="Reconcile")


def store(s: Scenario, step: Any) -> Any:
    result = s.write(step, batches([step["rows"]], inserted))
    load(s, step)
    for key, value, *_ in step["rows"]:
        get(s, {**step, "key": key, "value": value})
    digests = {one["name"]: one["digest"] for one in digest(s, step)["collections"]}
    expect(step["digest"], digests[step.get("in", "c")])
    return result


def fill(s: Scenario, step: Any) -> Any:
    start, more = step.get("start", 0), {"t": "x" * step["text"]} if "text" in step else {}
    rows = [[f"{step.get('prefix', 'k')}{i}", {"n": i + step.get("add", 0), **more}]
            for i in range(start, start + step["count"])]
    return s.write(step, batches([rows], inserted))


def from_json(s: Scenario, step: Any) -> Any:
    return s.write(step, [got(api.cairn_batch_from_json(step["text"], step["key_field"]))])


def put(s: Scenario, step: Any) -> Any:
    key, value = api.encode(from_portable(step["key"])), api.encode(from_portable(step["value"]))
    return {"row_version": got(api.cairn_collection_put(s.collection(step), key, value))}


def remove(s: Scenario, step: Any) -> Any:
    key = api.encode(from_portable(step["key"]))
    return {"row_version": got(api.cairn_collection_remove(s.collection(step), key))}


def get(s: Scenario, step: Any) -> None:
    found = got(api.cairn_collection_get(s.collection(step), api.encode(from_portable(step["key"]))))
    expect_rows([step.get("value")], [api.decode(found)], False)


def open_cursor(s: Scenario, step: Any) -> Any:
    collection = s.collection(step)
    if "since" not in step:
        return got(api.cairn_collection_load(collection, table("LoadRequest", step.get("request"))))
    info = read("CollectionInfo", got(api.cairn_collection_info(collection)))
    epoch = info.get("position", {}).get("reset_epoch", 0) - step.get("epochs_ago", 0)
    request = {"since": step["since"], "reset_epoch": epoch, **step.get("request", {})}
    return got(api.cairn_collection_delta(collection, table("DeltaRequest", request)))


def head_of(cursor: Any) -> Any:
    return read("CursorHead", got(api.cairn_cursor_head(cursor)))


def batches_of(cursor: Any, answers: List[Any]) -> List[Any]:
    given, asked = [], 0
    while True:
        status, out = api.cairn_cursor_next(cursor)
        if status == api.CAIRN_DONE:
            break
        if status == api.CAIRN_QUESTION and asked < len(answers):
            expect(answers[asked]["question"], read("Question", out))
            got(api.cairn_cursor_answer(cursor, table("Answer", answers[asked]["answer"])))
            asked += 1
        else:
            given.append(got([status, out]))
    expect(len(answers), asked)
    return given


def drain(s: Scenario, step: Any, cursor: Any) -> None:
    rows = [row for batch in batches_of(cursor, step.get("answers", [])) for row in rows_of(batch)]
    if "rows" in step:
        expect_rows(step["rows"], rows, step.get("any_order", "since" in step))
    expect(step.get("row_count"), len(rows))
    expect(step.get("explain"), read("Explanation", got(api.cairn_cursor_explain(cursor))))


def load(s: Scenario, step: Any) -> Any:
    cursor = open_cursor(s, step)
    try:
        head = head_of(cursor)
        drain(s, step, cursor)
        return head
    finally:
        api.cairn_cursor_close(cursor)


def copy(s: Scenario, step: Any) -> Any:
    cursor = open_cursor(s, {"do": "load", **step["from"]})
    try:
        given = batches_of(cursor, [])
    finally:
        api.cairn_cursor_close(cursor)
    return s.write(step, given)


def reopen(s: Scenario, step: Any) -> None:
    db = step.get("db", "main")
    opening = s.databases[db][1]
    collections = [one for (name, _), (_, one) in s.collections.items() if name == db]
    s.close(db)
    s.database(opening)
    for one in collections:
        s.open_collection(one)


def digest(s: Scenario, step: Any) -> Any:
    return read("DigestReport", got(api.cairn_database_digest(s.database(step))))


def file(s: Scenario, step: Any) -> None:
    path = s.path(step["name"])
    with open(path, "ab"):
        pass
    with open(path, "r+b") as opened:
        opened.seek(step.get("at", 0))
        opened.write(base64.b64decode(step.get("bytes", "")))
        if "size" in step:
            opened.truncate(step["size"])


def cursor(s: Scenario, step: Any) -> Any:
    return head_of(s.name(step, "cursor", open_cursor(s, step)))


def next_batch(s: Scenario, step: Any) -> None:
    status, out = api.cairn_cursor_next(s.named[step["of"]][1])
    wanted = api.CAIRN_DONE if step.get("done") else api.CAIRN_QUESTION if "question" in step else api.CAIRN_OK
    expect(wanted, status)
    if "question" in step:
        expect(step["question"], read("Question", out))
    if "rows" in step:
        expect_rows(step["rows"], list(rows_of(out)), False)


def coordinator(s: Scenario, step: Any) -> None:
    options = table("CoordinatorOptions", step.get("options"))
    s.name(step, "coordinator", got(api.cairn_coordinator_open(s.database(step), options)))


def replica(s: Scenario, step: Any) -> None:
    peers = s.named[step["coordinator"]][1] if "coordinator" in step else None
    options = table("ReplicaOptions", step.get("options"))
    s.name(step, "replica", got(api.cairn_replica_open(s.collection(step), peers, options)))


def send(s: Scenario, step: Any) -> None:
    kind, handle, _, numbers = s.named[step["of"]]
    for i, event in enumerate(step["events"]):
        try:
            if kind == "coordinator":
                got(api.cairn_coordinator_send(handle, table("CoordinatorEvent", event)))
                continue
            if isinstance(event.get("effect"), str):
                event = {**event, "effect": numbers[event["effect"]]}
            got(api.cairn_replica_send(handle, table("ReplicaEvent", event)))
        except Exception as error:
            if "error" in step and i + 1 < len(step["events"]):
                raise Mismatch(f"event {i + 1} fails already: {error!r}") from None
            raise


def listed(step: Any, field: str, all_of_them: List[Any], first: str) -> None:
    kinds = step.get("kinds")
    expect(step.get(field), [one for one in all_of_them if kinds is None or one.get("kind", first) in kinds])


def effects(s: Scenario, step: Any) -> None:
    _, handle, _, numbers = s.named[step["of"]]
    taken = []
    while (given := api.cairn_replica_next(handle))[0] == api.CAIRN_OK:
        taken.append(effect_of(given[1]))
        numbers[taken[-1].get("kind", "Started")] = taken[-1].get("number", 0)
    expect(api.CAIRN_DONE, given[0])
    listed(step, "effects", taken, "Started")


def actions(s: Scenario, step: Any) -> None:
    taken = []
    while (given := api.cairn_coordinator_next(s.named[step["of"]][1]))[0] == api.CAIRN_OK:
        taken.append(read("CoordinatorAction", given[1]))
    expect(api.CAIRN_DONE, given[0])
    for one in taken:
        for name in step.get("deliver", []) if "message" in one else []:
            event = table("CoordinatorEvent", {"kind": "Received", "message": one["message"]})
            got(api.cairn_coordinator_send(s.named[name][1], event))
    listed(step, "actions", taken, "Elect")


def reads(name: str, call: Callable[..., Any], where: str) -> Callable[[Scenario, Any], Any]:
    return lambda s, step: read(name, got(call(getattr(s, where)(step))))


STEPS: Dict[str, Callable[["Scenario", Any], Any]] = {
    "open": lambda s, step: s.database(step) and None,
    "close": lambda s, step: s.close(step.get("db", "main")),
    "reopen": reopen,
    "collection": lambda s, step: read("CollectionInfo", got(api.cairn_collection_info(s.open_collection(step)))),
    "apply": apply, "reconcile": reconcile, "store": store, "fill": fill, "json": from_json, "put": put,
    "remove": remove, "get": get, "load": load, "delta": load, "copy": copy,
    "reset": lambda s, step: got(api.cairn_collection_reset(s.collection(step))),
    "drop": lambda s, step: got(api.cairn_collection_drop(s.database(step), step.get("name", "c"))),
    "metadata": reads("MetadataReport", api.cairn_collection_metadata, "collection"),
    "info": reads("CollectionInfo", api.cairn_collection_info, "collection"),
    "database": reads("DatabaseInfo", api.cairn_database_info, "database"),
    "check": lambda s, step: read("CheckReport", got(api.cairn_database_check(
        s.database(step), table("CheckOptions", step.get("options"))))),
    "digest": digest,
    "flush": lambda s, step: got(api.cairn_database_flush(s.database(step))),
    "compact": lambda s, step: got(api.cairn_database_compact(s.database(step))),
    "backup": lambda s, step: read("BackupReport", got(api.cairn_database_backup(
        s.database(step), s.path(step["to"])))),
    "file": file,
    "ensure_index": lambda s, step: read("IndexInfo", got(api.cairn_collection_ensure_index(
        s.collection(step), table("IndexRequest", step["request"])))),
    "remove_index": lambda s, step: got(api.cairn_collection_remove_index(s.collection(step), step["signature"])),
    "cursor": cursor, "next": next_batch,
    "answer": lambda s, step: got(api.cairn_cursor_answer(s.named[step["of"]][1], table("Answer", step["answer"]))),
    "drain": lambda s, step: drain(s, step, s.named[step["of"]][1]),
    "release": lambda s, step: s.release(step["of"]), "coordinator": coordinator, "replica": replica, "send": send, "effects": effects,
    "actions": actions,
}  # fmt: skip
