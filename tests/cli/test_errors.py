"""What goes wrong with databases: absent, foreign, damaged, locked or read-only ones, and wrong
command lines. Each has its exit code and a message that says what to do."""

import os
import shutil
import sqlite3
import subprocess
import unittest

from harness import CliTest, binary, cities, ndjson

READERS = (["list"], ["info"], ["info", "c"], ["get", "c", "k"], ["query", "c"],
           ["delta", "c", "--since", "0"], ["export", "c"], ["index", "c"], ["check"],
           ["check", "c"], ["digest"])


class Absent(CliTest):
    def test_no_command_but_import_makes_a_database(self):
        snapshot = self.write("s.ndjson", '{"id":1}\n')
        writers = (["diff", "c", snapshot, "--key", "id"],
                   ["reconcile", "c", snapshot, "--key", "id"],
                   ["put", "c", '{"id":1}', "--key", "id"], ["remove", "c", "k"],
                   ["index", "c", "--add", "a"], ["index", "c", "--remove", "a"])
        for command, *rest in READERS + writers:
            result = self.cairn(command, self.db, *rest, code=2)
            self.assertRegex(result.err, r"^cairn: There is no database at .*\nhint: .*import")
            self.assertEqual(result.out, "")
        self.assertEqual([path.name for path in self.folder.iterdir()], ["s.ndjson"])

    def test_a_collection_that_is_not_there(self):
        self.load(cities(1))
        for command, *rest in READERS:
            if not rest:
                continue
            result = self.cairn(command, self.db, "typo", *rest[1:], code=2)
            self.assertRegex(result.err, r'^cairn: There is no collection "typo".*\nhint: .*list')
        self.assertEqual(len(self.cairn("list", self.db, "--json").json_lines()), 1)

    def test_errors_as_json(self):
        error = self.cairn("list", self.db, "--json", code=2).error()
        self.assertEqual(error["status"], "CAIRN_CANNOT_OPEN")
        self.assertIn("There is no database", error["message"])
        self.assertIn("import", error["hint"])
        self.load(cities(1))
        error = self.cairn("query", self.db, "typo", "--json", code=2).error()
        self.assertEqual(error["status"], "CAIRN_NOT_FOUND")
        error = self.cairn("import", self.db, "c", "none.csv", "--key", "id", "--json",
                           code=2).error()
        self.assertIn("none.csv", error["message"])


class Foreign(CliTest):
    def refused(self, path, status):
        before = path.read_bytes()
        for command, *rest in READERS:
            error = self.cairn(command, path, *rest, "--json", code=2).error()
            self.assertEqual(error["status"], status, command)
            self.assertNotEqual(error["message"], "")
        self.assertEqual(path.read_bytes(), before)

    def test_no_database(self):
        self.refused(self.write("text.db", "This is a text. " * 1000), "CAIRN_NOT_A_DATABASE")

    def test_a_database_of_another_application(self):
        path = self.folder / "other.db"
        with sqlite3.connect(path) as other:
            other.execute("CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT)")
        other.close()
        self.refused(path, "CAIRN_FOREIGN_DATABASE")
        self.cairn("import", path, "c", "-", "--key", "id", stdin='{"id":1}', code=2)

    def test_a_folder(self):
        self.cairn("list", self.folder, code=2)


class Damaged(CliTest):
    def test_check_finds_changed_bytes_of_a_row(self):
        """Looks for a text that one row alone has, and changes it in the file."""
        rows = cities(200)
        rows[77]["name"] = "needle-in-the-haystack"
        self.load(rows)
        contents = bytearray(self.db.read_bytes())
        at = contents.index(b"needle-in-the-haystack")
        contents[at:at + 6] = b"NEEDLE"
        self.db.write_bytes(contents)
        report = self.json("check", self.db, code=1)
        self.assertFalse(report["ok"])
        self.assertGreaterEqual(report["problem_count"], 1)
        self.assertEqual((report["problems"][0]["collection"], report["problems"][0]["key"]),
                         ("c", "c77"))
        text = self.cairn("check", self.db, code=1).out
        self.assertRegex(text, "(?s)collection +key +problem.*c77.*1 problem: checked 200 rows")

    def test_problems_are_limited(self):
        rows = [dict(row, mark="needle") for row in cities(20)]
        self.load(rows)
        self.db.write_bytes(self.db.read_bytes().replace(b"needle", b"NEEDLE"))
        report = self.json("check", self.db, "--max-problems", "3", code=1)
        self.assertEqual(len(report["problems"]), 3)
        self.assertGreaterEqual(report["problem_count"], 20)

    def test_a_file_cut_short(self):
        self.load(cities(5000))
        self.db.write_bytes(self.db.read_bytes()[: self.db.stat().st_size // 2])
        result = self.cairn("check", self.db, code=None)
        self.assertIn(result.code, (1, 2))
        self.assertNotEqual(result.out + result.err, "")

    def cairn(self, *arguments, code=0, **how):
        if code is not None:
            return super().cairn(*arguments, code=code, **how)
        try:
            return super().cairn(*arguments, code=1, **how)
        except AssertionError:
            return super().cairn(*arguments, code=2, **how)


class Locked(CliTest):
    def setUp(self):
        super().setUp()
        self.load(cities(3))
        self.other = sqlite3.connect(self.db, isolation_level=None)
        self.addCleanup(self.other.close)
        self.other.execute("BEGIN IMMEDIATE")

    def test_writers_say_that_another_program_writes(self):
        for command in (["import", self.db, "c", "-", "--key", "id"],
                        ["put", self.db, "c", '{"id":1}', "--key", "id"],
                        ["remove", self.db, "c", "c1"],
                        ["index", self.db, "c", "--add", "name"],
                        ["diff", self.db, "c", "-", "--key", "id"]):
            result = self.cairn(*command, "--busy-timeout", "50", "--json", stdin='{"id":1}',
                                code=2)
            self.assertEqual(result.error()["status"], "CAIRN_BUSY")
            self.assertIn("--busy-timeout", result.error()["hint"])
        self.other.execute("ROLLBACK")
        self.assertEqual(self.rows(), cities(3))

    def test_readers_go_on(self):
        self.assertEqual(self.rows(), cities(3))
        self.assertEqual(self.json("get", self.db, "c", "c1"), cities(2)[1])
        self.json("check", self.db)


@unittest.skipUnless(os.name == "posix", "needs rights on files")
class ReadOnly(CliTest):
    """Runs as another user where the tests run as root, for whom there are no rights to lack."""

    def setUp(self):
        super().setUp()
        self.load(cities(3))
        tool = self.folder / "cairn"
        shutil.copy(binary(), tool)
        tool.chmod(0o755)
        self.how = {"binary": tool}
        if os.geteuid() == 0:
            self.how |= {"user": 65534, "group": 65534}

    def freeze(self):
        self.db.chmod(0o444)
        self.folder.chmod(0o555)
        self.addCleanup(self.folder.chmod, 0o755)

    def test_writers_are_refused(self):
        self.freeze()
        for command in (["import", self.db, "c", "-", "--key", "id"],
                        ["put", self.db, "c", '{"id":1}', "--key", "id"],
                        ["remove", self.db, "c", "c1"],
                        ["index", self.db, "c", "--add", "name"],
                        ["reconcile", self.db, "c", "-", "--key", "id"]):
            result = self.cairn(*command, stdin='{"id":1}', code=2, **self.how)
            self.assertRegex(result.err, "^cairn: .*(?i:read-only|readonly|cannot|unable)")

    def test_readers_need_no_right_to_write_the_file(self):
        self.db.chmod(0o444)
        self.folder.chmod(0o777)
        result = self.cairn("export", self.db, "c", **self.how)
        self.assertEqual(result.json_lines(), cities(3))
        self.cairn("check", self.db, **self.how)
        self.cairn("put", self.db, "c", '{"id":1}', "--key", "id", code=2, **self.how)

    def test_readers_of_a_frozen_folder_work_or_say_why(self):
        """SQLite wants to keep an index of its journal beside the file."""
        self.freeze()
        how = {name: value for name, value in self.how.items() if name != "binary"}
        done = subprocess.run([self.how["binary"], "list", self.db], capture_output=True,
                              check=False, timeout=60, **how)
        if done.returncode == 0:
            self.assertIn(b"synced", done.stdout)
        else:
            self.assertEqual(done.returncode, 2)
            self.assertRegex(done.stderr.decode(), "(?s)^cairn: .*read-?only.*hint: .*folder")

    def test_a_folder_that_cannot_be_written(self):
        self.freeze()
        result = self.cairn("export", self.db, "c", "--out", "o.ndjson", code=2, **self.how)
        self.assertIn("Cannot write", result.err)
        result = self.cairn("import", "new.db", "c", "-", "--key", "id", stdin='{"id":1}', code=2,
                            **self.how)
        self.assertIn("cairn: ", result.err)


class CommandLine(CliTest):
    def test_wrong_usage(self):
        for arguments in ([], ["nonsense"], ["list"], ["list", "a", "b"], ["list", "a", "--no"],
                          ["import", "a", "c", "f"], ["import", "a", "--key", "id"],
                          ["import", "a", "c", "f", "--key", "id", "--format", "xml"],
                          ["import", "a", "c", "f", "--key", "id", "--schema-version", "-1"],
                          ["query", "a", "c", "--limit", "x"], ["query", "a", "c", "--limit", "-1"],
                          ["query", "a", "c", "--keys", "--fields", "a"],
                          ["index", "a"], ["index", "a", "c", "--where", "x"],
                          ["index", "a", "c", "--add", "x", "--remove", "y"],
                          ["delta", "a", "c"], ["export", "a", "c", "--format", "csv"]):
            with self.subTest(arguments):
                result = self.cairn(*arguments, code=2)
                self.assertEqual(result.out, "")
                self.assertIn("--help", result.err)
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_help(self):
        text = self.cairn("--help").out
        commands = ("import", "export", "list", "info", "get", "query", "put", "remove", "diff",
                    "reconcile", "delta", "check", "digest", "index")
        for command in commands:
            self.assertRegex(text, rf"(?m)^  {command} +\w")
            self.assertIn("--json", self.cairn(command, "--help").out)
        self.assertIn("Exit codes", text)
        self.assertIn("--text", self.cairn("import", "--help").out)
        for part in ("Predicates:", "Orders:", "is [not] null", "nulls-last"):
            self.assertIn(part, self.cairn("query", "--help").out)

    def test_version(self):
        self.assertRegex(self.cairn("--version").out, r"^cairn \d+\.\d+\.\d+ \(ABI \d+\)\n$")

    def test_output_that_cannot_be_written(self):
        self.load(cities(5))
        for command in (["list", self.db], ["export", self.db, "c"],
                        ["query", self.db, "c", "--json"], ["digest", self.db]):
            with open("/dev/full", "wb") as full:
                done = self.run_with(command, full)
            self.assertEqual(done.returncode, 2, command)
            self.assertIn(b"annot", done.stderr)
        result = self.cairn("export", self.db, "c", "--out", "/dev/full", code=2)
        self.assertIn("No space left", result.err)

    def run_with(self, command, out):
        return subprocess.run([binary(), *command], stdout=out, stderr=subprocess.PIPE,
                              check=False, cwd=self.folder, timeout=60)

    def test_hard_to_read_numbers_and_files(self):
        path = self.write("s.ndjson", ndjson([{"id": 1}]))
        self.cairn("import", self.db, "c", path, "--key", "id", "--schema-version",
                   "99999999999999999999999", code=2)
        self.assertFalse(self.db.exists())
