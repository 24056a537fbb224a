"""A scenario while it runs: what it has open, by names, and what of it is asked of a runner. steps.py has its
steps. For the thread of the runner.
"""

import contextlib
import dataclasses
import itertools
import os

from compare import Mismatch, expect, raw, shown
from runner import Failure, Gone, bytes_of, word_of

GIVEN = {"CAIRN_OK": 2, "CAIRN_QUESTION": 1, "CAIRN_DONE": 0}  # words of an answer to `next`


@dataclasses.dataclass
class Handle:
    id: str
    kind: str
    db: str
    step: dict
    numbers: dict = dataclasses.field(default_factory=dict)  # of the last effect of each kind


class Scenario:
    def __init__(self, runner, tables, folder, kind, main):
        self.runner, self.tables, self.folder, self.kind, self.main = runner, tables, folder, kind, main
        self.databases = {}
        self.collections = {}  # by (database, handle name)
        self.named = {}  # cursors, replicas and coordinators
        self.ids = itertools.count(1)

    # --- asking ---

    def table(self, name, fields):
        """A table as a word."""
        return word_of(self.tables.make(name, fields))

    def report(self, name, *call):
        """The table that a call gives, as JSON."""
        return self.tables.read(name, bytes_of(self.runner.call(*call, gives=1)[0]))

    def expect(self, expected, actual):
        expect(expected, actual, self.tables.read)

    def new(self, call, kind, step, *words):
        """A new handle."""
        handle = Handle(f"{kind}{next(self.ids)}", kind, step.get("db", "main"), step)
        self.runner.call(call, handle.id, *words)
        return handle

    def close(self, handle):
        self.runner.call("close", handle.id)

    # --- databases and collections ---

    def path(self, name):
        return self.main if name == "main" and self.main else os.path.join(self.folder, name)

    def database(self, step):
        name = step.get("db", "main")
        if name not in self.databases:
            options = (step.get("options") if step.get("do") == "open" else None) or {}
            if self.kind == "memory" and raw(options) is None:
                options = {**options, "in_memory": True}
            path = word_of(self.path(step.get("file", name)))
            self.databases[name] = self.new("open", "database", step, path, self.table("DatabaseOptions", options))
        return self.databases[name].id

    def collection(self, step):
        self.database(step)
        name = step.get("in", "c")
        if (step.get("db", "main"), name) not in self.collections:
            raise Mismatch(f"no collection is open as {name}")
        return self.collections[step.get("db", "main"), name].id

    def open_collection(self, step):
        database, name = self.database(step), step.get("name", "c")
        place = step.get("db", "main"), step.get("as", name)
        if place in self.collections:
            self.close(self.collections.pop(place))
        options = self.table("CollectionOptions", step.get("options"))
        self.collections[place] = self.new("collection", "collection", step, database, word_of(name), options)
        return self.collections[place].id

    def close_collections(self, db):
        """And cursors, replicas and coordinators."""
        for kind in ("cursor", "replica", "coordinator"):
            for name in [name for name, one in self.named.items() if (one.kind, one.db) == (kind, db)]:
                self.close(self.named.pop(name))
        for place in [place for place in self.collections if place[0] == db]:
            self.close(self.collections.pop(place))

    def close_database(self, db):
        self.close_collections(db)
        if db in self.databases:
            self.close(self.databases.pop(db))

    def reopen(self, db):
        steps = [one.step for place, one in self.collections.items() if place[0] == db]
        if self.kind == "memory":
            self.close_collections(db)
        else:
            opening = self.databases[db].step
            self.close_database(db)
            self.database(opening)
        for step in steps:
            self.open_collection(step)

    # --- cursors, replicas and coordinators ---

    def of(self, name):
        if name not in self.named:
            raise Mismatch(f"nothing is open as {name}")
        return self.named[name]

    def name(self, handle):
        if handle.step["as"] in self.named:
            self.close(self.named[handle.step["as"]])
        self.named[handle.step["as"]] = handle
        return handle

    def new_cursor(self, step):
        collection = self.collection(step)
        if "since" not in step:
            return self.new("load", "cursor", step, collection, self.table("LoadRequest", step.get("request")))
        position = self.report("CollectionInfo", "info", collection).get("position", {})
        epoch = position.get("reset_epoch", 0) - step.get("epochs_ago", 0)
        request = {"since": step["since"], "reset_epoch": epoch, **step.get("request", {})}
        return self.new("delta", "cursor", step, collection, self.table("DeltaRequest", request))

    @contextlib.contextmanager
    def cursor(self, step):
        """A cursor for a step alone."""
        cursor = self.new_cursor(step)
        try:
            yield cursor
        except (Failure, Mismatch):  # after anything else nobody is there any more to close it
            self.close(cursor)
            raise
        self.close(cursor)

    def head(self, cursor):
        return self.report("CursorHead", "head", cursor.id)

    def next(self, cursor):
        """(status, words) of what is next: a batch and its rows, a question, or nothing."""
        status, words = self.runner.ask("next", cursor.id)
        if status not in GIVEN:
            raise self.runner.failure(status, words)
        if len(words) != GIVEN[status]:
            raise Gone(f"next gives {len(words)} words with {status}")
        return status, words

    def drain(self, cursor, answers=()):
        """(batch, rows) of each batch that a cursor has left; each question has its answer."""
        answers, batches = list(answers), []
        while (given := self.next(cursor))[0] != "CAIRN_DONE":
            if given[0] == "CAIRN_OK":
                batches.append(given[1])
                continue
            question = self.tables.read("Question", bytes_of(given[1][0]))
            if not answers:
                raise Mismatch(f"it asks {shown(question)}")
            self.expect(answers[0]["question"], question)
            self.runner.call("answer", cursor.id, self.table("Answer", answers.pop(0)["answer"]))
        if answers:
            raise Mismatch(f"it does not ask {shown(answers)}")
        return batches

    # --- the whole ---

    def run(self, steps, perform):
        for i, step in enumerate(steps):
            try:
                self._run_step(step, perform)
            except (Failure, Mismatch) as error:
                raise Mismatch(f"step {i + 1} {shown(step)[:300]}\n    {error}") from None
            except Gone as error:
                raise Gone(f"step {i + 1} {shown(step)[:300]}\n    {error}") from None
        for handle in self.databases.values():
            self.expect({"ok": True}, self.report("CheckReport", "check", handle.id, ""))
        self.close_all()

    def close_all(self):
        for db in list(self.databases):
            self.close_database(db)
        (live,) = self.runner.call("live", gives=1)
        if live != "0":
            raise Mismatch(f"{live} objects are left")

    def _run_step(self, step, perform):
        try:
            result = perform(self, step)
        except Failure as failure:
            if "error" in step and is_as_said(step["error"], failure):
                return
            raise
        if "error" in step:
            raise Mismatch("it does not fail")
        self.expect(step.get("result"), result or {})


def is_as_said(error, failure):
    """A language may refuse a value before the engine sees it, in its own words."""
    return failure.status == "REFUSED" or (
        error.get("status", failure.status) == failure.status
        and error.get("message", "") in failure.message
        and error.get("message_is", failure.message) == failure.message
    )
