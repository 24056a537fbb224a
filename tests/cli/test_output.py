"""What depends on who reads: the progress bar on a terminal, and stopping in the middle."""

import os
import pty
import signal
import subprocess
import time

from harness import CliTest, binary, cities, ndjson


class Terminal(CliTest):
    def on_terminal(self, *arguments, term="xterm"):
        """Runs the tool with a terminal as its standard error; gives what it showed there."""
        ours, theirs = pty.openpty()
        environment = {k: v for k, v in os.environ.items() if k != "COLUMNS"} | {"TERM": term}
        done = subprocess.Popen([binary(), *map(os.fspath, arguments)], stdout=subprocess.PIPE,
                                stderr=theirs, env=environment, cwd=self.folder)
        os.close(theirs)
        shown = b""
        while True:
            try:
                part = os.read(ours, 65536)
            except OSError:  # the other end is closed
                break
            if not part:
                break
            shown += part
        out = done.stdout.read()
        done.stdout.close()
        os.close(ours)
        self.assertEqual(done.wait(), 0, shown)
        return out.decode(), shown.decode()

    def test_progress_bar(self):
        path = self.write("a.ndjson", ndjson(cities(60000)))
        out, shown = self.on_terminal("import", self.db, "c", path, "--key", "id")
        self.assertIn("Imported 60,000 rows", out)
        self.assertRegex(shown, r"\rimporting \[[#.]{24}\] +\d+%  [\d,]+ rows  [\d.]+ MB  [\d,]+ ")
        self.assertIn("committing 60,000 rows", shown)
        self.assertTrue(shown.endswith("\r\x1b[K"), "the bar is cleared at the end")
        _, shown = self.on_terminal("export", self.db, "c", "--out", "o.ndjson")
        self.assertRegex(shown, r"\rexporting \[")
        _, shown = self.on_terminal("diff", self.db, "c", path, "--key", "id")
        self.assertRegex(shown, r"\rcomparing \[")

    def test_no_bar_on_a_terminal_that_cannot_redraw(self):
        path = self.write("a.ndjson", ndjson(cities(60000)))
        _, shown = self.on_terminal("import", self.db, "c", path, "--key", "id", term="dumb")
        self.assertEqual(shown, "")


class Stopped(CliTest):
    def start(self, *arguments, **how):
        return subprocess.Popen([binary(), *map(os.fspath, arguments)], cwd=self.folder,
                                stderr=subprocess.DEVNULL, **how)

    def wait_for(self, condition):
        for _ in range(3000):
            if condition():
                return
            time.sleep(0.01)
        self.fail("it did not happen")

    def test_an_import_that_is_stopped_leaves_nothing(self):
        self.load(cities(10))
        done = self.start("import", self.db, "c", "-", "--key", "id", stdin=subprocess.PIPE,
                          stdout=subprocess.DEVNULL)
        done.stdin.write(ndjson(cities(60000, start=100)).encode())
        done.stdin.flush()
        self.assertIsNone(done.poll())
        done.send_signal(signal.SIGINT)
        self.assertEqual(done.wait(), -signal.SIGINT)
        done.stdin.close()
        self.assertEqual(self.rows(), cities(10))
        self.cairn("check", self.db)
        self.load(cities(1))

    def test_an_export_that_is_stopped_leaves_no_file(self):
        """A writer's temporary file is there until the tool is stopped."""
        self.load(cities(200000))
        done = self.start("export", self.db, "c", "--out", "o.ndjson", stdout=subprocess.DEVNULL)
        self.wait_for(lambda: list(self.folder.glob("o.*")))
        done.send_signal(signal.SIGSTOP)
        temporary = [path.name for path in self.folder.glob("o.*")]
        done.send_signal(signal.SIGTERM)
        done.send_signal(signal.SIGCONT)
        code = done.wait()
        left = [path.name for path in self.folder.glob("o.*")]
        self.assertEqual(len(temporary), 1)
        if code == 0:  # it was ready before the signal came
            self.assertEqual(left, ["o.ndjson"])
        else:
            self.assertEqual((code, left), (-signal.SIGTERM, []))

    def test_a_reader_that_goes_away(self):
        self.load(cities(50000))
        with subprocess.Popen([binary(), "query", self.db, "c", "--json"], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE) as done:
            done.stdout.readline()
            done.stdout.close()
            self.assertEqual(done.wait(), -signal.SIGPIPE)
            self.assertNotIn(b"error", done.stderr.read())
