"""`cairn watch`: changes as other processes make them."""

import json
import signal
import subprocess
import threading
import unittest

from harness import CliTest, binary, cities


class Watch(CliTest):
    def setUp(self):
        super().setUp()
        self.load(cities(3))

    def watch(self, *options):
        """A watcher that knows the rows already."""
        process = subprocess.Popen([str(binary()), "watch", str(self.db), "c", *options],
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=self.folder)
        alarm = threading.Timer(60, process.kill)
        alarm.start()
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        self.addCleanup(alarm.cancel)
        self.assertEqual(process.stderr.readline(), b"watching\n")
        return process

    def line(self, process):
        return json.loads(process.stdout.readline())

    def put(self, row):
        self.cairn("put", self.db, "c", json.dumps(row), "--key", "id")

    def test_changes_in_their_order(self):
        process = self.watch()
        self.put({"id": "new", "n": 1})
        self.assertEqual(self.line(process),
                         {"op": "insert", "key": "new", "value": {"id": "new", "n": 1}})
        self.put({"id": "new", "n": 2})
        self.assertEqual(self.line(process),
                         {"op": "update", "key": "new", "value": {"id": "new", "n": 2}})
        self.cairn("remove", self.db, "c", "new")
        self.assertEqual(self.line(process), {"op": "delete", "key": "new"})
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(), 0)

    def test_all_rows_first(self):
        process = self.watch("--all", "--count", "1")
        rows = [self.line(process) for _ in range(3)]
        self.assertEqual([(row["op"], row["key"]) for row in rows],
                         [("row", "c0"), ("row", "c1"), ("row", "c2")])
        self.put({"id": "c1", "n": 1})
        self.assertEqual(self.line(process)["op"], "update")
        self.assertEqual(process.wait(), 0)

    def test_the_end_after_a_count(self):
        process = self.watch("--count", "4")
        self.load(cities(6, start=3))
        self.assertEqual([self.line(process)["key"] for _ in range(4)], ["c3", "c4", "c5", "c6"])
        self.assertEqual(process.wait(), 0)
        self.assertEqual(process.stdout.read(), b"")

    def test_everything_anew(self):
        process = self.watch()
        self.cairn("reconcile", self.db, "c", "-", "--key", "id", "--format", "ndjson",
                   stdin='{"id":"c1","n":5}\n')
        lines = [self.line(process) for _ in range(3)]
        self.assertEqual(sorted((line["op"], line["key"]) for line in lines),
                         [("delete", "c0"), ("delete", "c2"), ("update", "c1")])

    def test_the_end_after_a_time(self):
        process = self.watch("--timeout", "1")
        self.assertEqual(process.wait(), 0)

    def test_two_watchers(self):
        first, second = self.watch(), self.watch()
        self.put({"id": "new"})
        self.assertEqual(self.line(first), self.line(second))
        first.send_signal(signal.SIGINT)
        self.assertEqual(first.wait(), 0)

    def test_what_is_not_there(self):
        self.cairn("watch", self.db, "missing", code=2)
        self.cairn("watch", self.folder / "missing.db", "c", code=2)
        self.cairn("watch", self.db, "c", "--count", "-1", code=2)


if __name__ == "__main__":
    unittest.main()
