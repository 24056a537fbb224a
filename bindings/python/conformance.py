"""Runs the conformance corpus (tests/conformance/README.md) in Python: values, keys and row batches go
through this package's codecs, tables of requests through the library's JSON."""

import gc
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any, Dict, List, Optional

import conformance_steps
from conformance_tables import Mismatch, expect, failed_so, got, raw, read, table

import cairn
from cairn._library import api

CORPUS = Path(__file__).resolve().parents[2] / "tests" / "conformance"
CLOSE = {"cursor": api.cairn_cursor_close, "replica": api.cairn_replica_close,
         "coordinator": api.cairn_coordinator_close}
sys.setrecursionlimit(20_000)  # a scenario nests far too deep


class Scenario:
    """What is open while one runs, by names."""

    def __init__(self, folder: str, main: Optional[str] = None) -> None:
        self.folder, self.main = folder, main
        self.databases: Dict[str, Any] = {}
        self.collections: Dict[Any, Any] = {}
        self.named: Dict[str, Any] = {}

    def path(self, name: str) -> str:
        return self.main if name == "main" and self.main else os.path.join(self.folder, name)

    def database(self, step: Any) -> Any:
        name = step.get("db", "main")
        if name not in self.databases:
            options = table("DatabaseOptions", step.get("options") if step["do"] == "open" else {})
            self.databases[name] = got(api.cairn_database_open(self.path(step.get("file", name)), options)), step
        return self.databases[name][0]

    def collection(self, step: Any) -> Any:
        self.database(step)
        return self.collections[step.get("db", "main"), step.get("in", "c")][0]

    def open_collection(self, step: Any) -> Any:
        name = step.get("db", "main"), step.get("as", step.get("name", "c"))
        database = self.database(step)
        if name in self.collections:
            api.cairn_collection_close(self.collections.pop(name)[0])
        options = table("CollectionOptions", step.get("options"))
        handle = got(api.cairn_collection_open(database, step.get("name", "c"), options))
        self.collections[name] = handle, step
        return handle

    def release(self, name: str) -> None:
        kind, handle, *_ = self.named.pop(name)
        CLOSE[kind](handle)

    def name(self, step: Any, kind: str, handle: Any) -> Any:
        self.named[step["as"]] = kind, handle, step.get("db", "main"), {}
        return handle

    def close(self, db: str) -> None:
        for kind in CLOSE:
            for name in [name for name, one in self.named.items() if one[0] == kind and one[2] == db]:
                self.release(name)
        for name in [name for name in self.collections if name[0] == db]:
            api.cairn_collection_close(self.collections.pop(name)[0])
        if db in self.databases:
            api.cairn_database_close(self.databases.pop(db)[0])

    def finish(self, checks: bool) -> None:
        try:
            for handle, _ in self.databases.values() if checks else ():
                report = read("CheckReport", got(api.cairn_database_check(handle, None)))
                expect({"ok": True}, report)
        finally:
            for db in list(self.databases):
                self.close(db)

    def write(self, step: Any, batches: List[bytes], **more: Any) -> Any:
        options = step.get("options") or {}
        options = table("TransactionOptions", options if raw(options) is not None else {**options, **more})
        transaction = got(api.cairn_transaction_begin(self.collection(step), options))
        try:
            for batch in batches:
                got(api.cairn_transaction_add(transaction, batch))
            return read("CommitResult", got(api.cairn_transaction_commit(transaction)))
        finally:
            api.cairn_transaction_close(transaction)

    def run(self, steps: List[Any]) -> None:
        try:
            for i, step in enumerate(steps):
                try:
                    self.step(step)
                except Exception as error:
                    raise Mismatch(f"step {i + 1} {str(step)[:300]}\n    {error!r}"[:3000]) from None
        except BaseException:
            self.finish(False)
            raise
        self.finish(True)

    def step(self, step: Any) -> None:
        perform = conformance_steps.STEPS[step["do"]]
        try:
            result = perform(self, step)
        except Mismatch:
            raise
        except Exception as error:
            if "error" in step and failed_so(step["error"], error):
                return
            raise
        if "error" in step:
            raise Mismatch("it did not fail")
        expect(step.get("result"), result or {})


def passes(steps: List[Any], main: Optional[str], name: str) -> bool:
    try:
        with tempfile.TemporaryDirectory() as folder:
            Scenario(folder, main).run(steps)
        gc.collect()
        expect(0, cairn.live_objects())
    except Exception as error:  # noqa: BLE001 - that is what is counted
        print(f"{error}\nFAILED {name}")
        return False
    return True


def scenarios(files: List[str]) -> bool:
    all_passed = True
    for file in map(Path, files or sorted(map(str, (CORPUS / "scenarios").glob("*.json")))):
        results = [passes(one["steps"], None, f"{file.stem}: {one['name']}")
                   for one in json.loads(file.read_text())["scenarios"]]
        print(f"{file.stem} passed {sum(results)} failed {len(results) - sum(results)}", flush=True)
        all_passed = all_passed and all(results)
    return all_passed


def files(what: str, paths: List[str]) -> bool:
    steps = json.loads((CORPUS / "files.json").read_text())[what]
    results = [passes(steps, os.path.abspath(path), path) for path in paths]
    for path, passed in zip(paths, results):
        print(f"{path} {'passed' if passed else 'failed'}")
    return all(results)


if __name__ == "__main__":
    command, *arguments = sys.argv[1:] or ["scenarios"]
    sys.exit(0 if (scenarios(arguments) if command == "scenarios" else files(command, arguments)) else 1)
