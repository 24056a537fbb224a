"""A language's runner as a process, and the words that it is spoken to in; RUNNERS.md has both. A runner that
crashes, hangs or writes nonsense is Gone: it is killed, and the next request starts it afresh. For the main thread
alone: time limits are alarms.
"""

import base64
import binascii
import contextlib
import os
import re
import signal
import subprocess
import tempfile

# Seconds. Before its first answer a runner may have to be built.
TO_START, TO_ANSWER, TO_END = 1800, 120, 60
NO_TOOLS = 77
STATUS = re.compile(r"CAIRN_[A-Z_]+|REFUSED")


class Gone(Exception):
    """The runner is of no more use."""


class Missing(Exception):
    """The language's tools are not there; the text says how to get them."""


class Failure(Exception):
    """A call has failed with a status and a message."""

    def __init__(self, status, message):
        super().__init__(f"{status}: {message}" if message else status)
        self.status, self.message = status, message


def word_of(data):
    """Bytes, or a text, as a word; None is NULL."""
    if data is None:
        return ""
    if isinstance(data, str):
        data = data.encode("utf-8", "surrogatepass")
    return "=" + base64.b64encode(data).decode("ascii")


def bytes_of(word):
    """The bytes of a word of an answer."""
    try:
        if word.startswith("="):
            return base64.b64decode(word[1:], validate=True)
    except binascii.Error:
        pass
    raise Gone(f"no bytes: {word[:200]!r}")


@contextlib.contextmanager
def within(seconds):
    """Raises TimeoutError in what takes longer."""

    def ring(*_):
        raise TimeoutError(f"it takes more than {seconds} s")

    former = signal.signal(signal.SIGALRM, ring)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, former)


class Runner:
    def __init__(self, command, folder):
        self.command, self.folder = command, folder
        self.process = self.errors = None
        self.listen = None  # is told of each exchange: words, status, answer

    def call(self, call, *words, gives=0):
        """The words that a call gives, which are so many (None: any number). Raises Failure where its status is not
        CAIRN_OK."""
        status, answer = self.ask(call, *words)
        if status != "CAIRN_OK":
            raise self.failure(status, answer)
        if gives is not None and len(answer) != gives:
            raise Gone(f"{call} gives {len(answer)} words, not {gives}")
        return answer

    def ask(self, *words):
        """(status, other words) of the answer."""
        if self.process is None:
            self._start()
        status, answer = self._exchange(words, TO_ANSWER)
        if self.listen:
            self.listen(words, status, answer)
        return status, answer

    @staticmethod
    def failure(status, answer):
        message = bytes_of(answer[0]) if answer and answer[0] else b""
        return Failure(status, message.decode("utf-8", "replace"))

    def finish(self):
        """Ends the runner, which has to end well, and to write nothing more."""
        if self.process is None:
            return
        try:
            with within(TO_END):
                self.process.stdin.close()
                rest = self.process.stdout.read()
                status = self.process.wait()
        except (BrokenPipeError, TimeoutError) as error:
            raise self.killed(f"at its end: {error}")
        if rest or status != 0:
            raise self.killed(f"it writes {rest[:200]!r} at its end" if rest else "it does not end well")
        self._forget()

    def killed(self, why):
        """Kills it, and gives what says why, with the end of what it has written to standard error."""
        if self.process is None:
            return Gone(why)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)  # all that a script has started, too
        status = self.process.wait()
        self.errors.seek(0)
        lines = self.errors.read().decode("utf-8", "replace").splitlines()[-60:]
        self._forget()
        return Gone("\n".join([f"{why}; exit status {status}", *("      | " + line[:300] for line in lines)]))

    def _start(self):
        self.errors = tempfile.TemporaryFile()
        try:
            self.process = subprocess.Popen(
                self.command, cwd=self.folder, start_new_session=True,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors,
            )  # fmt: skip
        except OSError as error:
            raise Missing(f"{self.command[0]}: {error.strerror}") from None
        if self._exchange(["live"], TO_START) != ("CAIRN_OK", ["0"]):
            raise self.killed("something is live before the first call")

    def _exchange(self, words, seconds):
        try:
            with within(seconds):
                line = self._line_for(words)
        except TimeoutError as error:
            raise self.killed(f"no answer to {words[0]}: {error}")
        try:
            status, *answer = line.decode("utf-8").removesuffix("\n").split("\t")
        except UnicodeDecodeError:
            status, answer = "", []
        if not STATUS.fullmatch(status) or not line.endswith(b"\n"):
            raise self._explained(words[0], line)
        return status, answer

    def _line_for(self, words):
        try:
            self.process.stdin.write("\t".join(words).encode("utf-8") + b"\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass  # what it has written before it ended says more
        return self.process.stdout.readline()

    def _explained(self, call, line):
        """What is the matter where a line is no answer."""
        status = None
        with contextlib.suppress(TimeoutError, BrokenPipeError), within(5):
            line += self.process.stdout.read()
            status = self.process.wait()
        if status == NO_TOOLS:
            return Missing(line.decode("utf-8", "replace").strip().split("\n")[-1])
        return self.killed(f"no answer to {call}, but {line[:500]!r}" if line else f"it ends at {call}")

    def _forget(self):
        self.errors.close()
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        self.process.stdout.close()
        self.process = self.errors = None
