"""`cairn index`: indexes that are made, listed, kept in step and removed."""

import os
import signal
import subprocess
import time
import unittest

from harness import CliTest, binary, cities


class Index(CliTest):
    def setUp(self):
        super().setUp()
        self.load(cities(300))

    def indexes(self):
        return self.cairn("index", self.db, "c", "--json").json_lines()

    def add(self, *options):
        return self.json("index", self.db, "c", "--add", *options)

    def test_none(self):
        self.assertEqual(self.cairn("index", self.db, "c").out, "There are no indexes.\n")
        self.assertEqual(self.indexes(), [])
        self.assertEqual(self.json("info", self.db, "c")["indexes"], [])

    def test_add(self):
        made = self.add("population")
        self.assertEqual({name: made[name] for name in made if name != "seconds"},
                         {"signature": "population", "definition": "population", "ready": True,
                          "entries": 300, "rows_done": 300, "rows_total": 300})
        self.assertEqual(self.indexes(), [{name: made[name] for name in made if name != "seconds"}])
        self.assertEqual(self.json("info", self.db, "c")["indexes"], self.indexes())
        self.assertRegex(self.cairn("index", self.db, "c", "--add", "name").out,
                         r'^The index "name" is ready: 300 entries of 300 rows, in [0-9.]+ m?s\.$')

    def test_list_for_people(self):
        self.add("population")
        self.add("location.lat,name", "--name", "by place")
        for command in ("index", "info"):
            lines = self.cairn(command, self.db, "c").lines()
            start = next(i for i, line in enumerate(lines) if line.startswith("index "))
            self.assertEqual(lines[start].split(), ["index", "over", "entries", "state"])
            self.assertRegex(lines[start + 2], r"^by place +location\.lat, ?name +300 +ready$")
            self.assertRegex(lines[start + 3], "^population +population +300 +ready$")

    def test_again(self):
        first = self.add("population")
        second = self.add("population")
        self.assertEqual(first["entries"], second["entries"])
        self.assertEqual(len(self.indexes()), 1)

    def test_another_definition_replaces_it(self):
        self.add("population", "--name", "i")
        self.add("name", "--name", "i")
        (index,) = self.indexes()
        self.assertEqual((index["signature"], index["definition"]), ("i", "name"))

    def test_where(self):
        made = self.add("name", "--where", "population >= 5000")
        self.assertEqual(made["signature"], "name where population >= 5000")
        expected = sum(row["population"] >= 5000 for row in cities(300))
        self.assertEqual((made["entries"], made["rows_total"]), (expected, 300))

    def test_expressions(self):
        made = self.add("lower(name)")
        self.assertEqual(made["definition"], "lower(name)")
        plan = self.json("query", self.db, "c", "--explain", "--where", "lower(name) = 'città 7'")
        self.assertEqual((plan["access"], plan["indexes"], plan["rows_matched"]),
                         ("index", ["lower(name)"], 1))

    def test_a_definition_can_be_given_again(self):
        """What the engine writes for people is in the syntax that the tool reads."""
        for text in ("location.lat", "`first name`.`a``b`", "lower(name)", "population * 2 + 1",
                     "(population + 1) * 2", "caseWhen(population > 5, \"a\\\"b\", -1.5)",
                     "coalesce(name, 12n, date\"2024-05-01T10:00:00.5Z\", x\"00ff\", null)",
                     "`and` = `NULL`.in", "(not a) = (not b)", "not not a", "a != NaN",
                     "a in (1, 'x', -2n, date'2024-05-01', -0, -infinity)", "'x' in tags",
                     "a between 1 and 2 and not b is null or c is missing"):
            with self.subTest(text):
                definition = self.add(text, "--name", "one")["definition"]
                self.assertEqual(self.add(definition, "--name", "two")["definition"], definition)

    def test_it_is_kept_in_step(self):
        self.add("population")
        self.cairn("put", self.db, "c", '{"id":"new","population":200000}', "--key", "id")
        self.cairn("remove", self.db, "c", "c1")
        self.load(cities(310, 295))
        (index,) = self.indexes()
        self.assertEqual((index["ready"], index["entries"]), (True, 605))
        self.assertTrue(self.json("check", self.db)["ok"])
        found = self.cairn("query", self.db, "c", "--json", "--where", "population = 200000")
        self.assertEqual([line["key"] for line in found.json_lines()], ["new"])

    def test_remove(self):
        self.add("population")
        self.assertEqual(self.cairn("index", self.db, "c", "--remove", "population").out,
                         'Removed the index "population".\n')
        self.assertEqual(self.indexes(), [])
        result = self.cairn("index", self.db, "c", "--remove", "population", code=1)
        self.assertEqual((result.out, result.err),
                         ("", 'There is no index "population" in "c".\n'))
        self.add("name")
        self.assertEqual(self.json("index", self.db, "c", "--remove", "name"), {"removed": "name"})

    def test_errors(self):
        result = self.cairn("index", self.db, "c", "--add", "a,", code=2)
        self.assertIn("--add, column 3: expected a value, not the end.\n  a,\n    ^\n", result.err)
        for options in (["--add", ""], ["--add", "a", "--where", ""],
                        ["--add", "a", "--remove", "b"], ["--where", "a"], ["--name", "a"]):
            self.assertEqual(self.cairn("index", self.db, "c", *options, code=2).out, "")
        self.assertEqual(self.indexes(), [])

    def test_a_collection_without_rows(self):
        self.load([], "empty")
        made = self.json("index", self.db, "empty", "--add", "v")
        self.assertEqual((made["ready"], made["entries"]), (True, 0))
        self.load([{"id": 1, "v": 1}], "empty")
        (index,) = self.cairn("index", self.db, "empty", "--json").json_lines()
        self.assertEqual(index["entries"], 1)


@unittest.skipUnless(os.name == "posix", "stops the tool by a signal")
class Stopped(CliTest):
    def test_it_goes_on_where_it_was(self):
        """Stopped after some time, it is ready, or goes on; at no time is anything wrong."""
        self.load(cities(70000))
        for pause in (0.02, 0.05, 0.1):
            process = subprocess.Popen([binary(), "index", self.db, "c", "--add",
                                        "name,population,location.lat"],
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(pause)
            process.send_signal(signal.SIGINT)
            self.assertIn(process.wait(timeout=60), (0, -signal.SIGINT))
            for index in self.cairn("index", self.db, "c", "--json").json_lines():
                self.assertTrue(not index["ready"] or index["entries"] == 70000)
            self.assertTrue(self.json("check", self.db)["ok"])
        made = self.json("index", self.db, "c", "--add", "name,population,location.lat")
        self.assertEqual((made["ready"], made["entries"]), (True, 70000))
