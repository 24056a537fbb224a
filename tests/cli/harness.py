"""What the tests of the command-line tool share: a folder for each test, and ways to run the tool
and read what it prints."""

import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

_state = {"binary": None, "runs": 0}


def set_binary(path):
    _state["binary"] = path.resolve(strict=True)


def binary():
    return _state["binary"]


def runs():
    return _state["runs"]


def cities(count, start=0):
    """Rows with a text key, a number, nested values and texts outside ASCII."""
    return [{"id": f"c{i}", "name": f"Città {i}", "population": i * 37 % 100003,
             "location": {"lat": i / 7, "lon": -i / 3}, "tags": ["a", "ß", None][: i % 4]}
            for i in range(start, start + count)]


def ndjson(rows):
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def pairs(text):
    """JSON with the order of fields kept visible."""
    return json.loads(text, object_pairs_hook=list)


class Result:
    def __init__(self, done):
        self.code = done.returncode
        self.out = done.stdout.decode("utf-8", "surrogateescape")
        self.err = done.stderr.decode("utf-8", "surrogateescape")

    def lines(self):
        return self.out.splitlines()

    def json(self):
        """The one line of JSON that was printed."""
        (line,) = self.out.splitlines()
        return json.loads(line)

    def json_lines(self):
        return [json.loads(line) for line in self.out.splitlines()]

    def error(self):
        """The details of an error with --json."""
        (line,) = self.err.splitlines()
        return json.loads(line)["error"]


class CliTest(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="cairn-cli-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.db = self.folder / "test.db"

    def write(self, name, contents):
        path = self.folder / name
        path.write_bytes(contents if isinstance(contents, bytes) else contents.encode())
        return path

    def cairn(self, *arguments, code=0, stdin=b"", env=None, **how):
        """Runs the tool and checks its exit code."""
        _state["runs"] += 1
        environment = {k: v for k, v in os.environ.items() if k != "COLUMNS"} | (env or {})
        done = subprocess.run([str(how.pop("binary", binary())), *map(os.fspath, arguments)],
                              input=stdin.encode() if isinstance(stdin, str) else stdin,
                              capture_output=True, env=environment, cwd=self.folder, check=False,
                              timeout=300, **how)
        result = Result(done)
        self.assertEqual(result.code, code,
                         f"{arguments}\nout: {result.out[:2000]}\nerr: {result.err[:2000]}")
        return result

    def json(self, *arguments, **how):
        return self.cairn(*arguments, "--json", **how).json()

    def load(self, rows, collection="c", *options):
        """Imports rows through the standard input."""
        return self.json("import", self.db, collection, "-", "--key", "id", "--format", "ndjson",
                         *options, stdin=ndjson(rows))

    def rows(self, collection="c"):
        """The values of a collection, in order."""
        return self.cairn("export", self.db, collection).json_lines()

    def counts(self, result):
        return tuple(result[name] for name in ("inserted", "updated", "deleted", "unchanged"))
