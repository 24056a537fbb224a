"""Plays scenarios against the runner of a language; play.py and matrix.py are its users. For the main thread alone."""

import dataclasses
import os
import pathlib
import sys
import tempfile

from compare import Mismatch, parse
from languages import LANGUAGES
from runner import Failure, Gone, Missing
from scenario import Scenario
from steps import perform
from tables import Tables
from transcript import Transcript

CORPUS = pathlib.Path(__file__).resolve().parent
sys.setrecursionlimit(20000)  # a scenario nests far too deep


def areas():
    return sorted((CORPUS / "scenarios").glob("*.json"))


def scenarios_of(path):
    return parse(path.read_text(encoding="utf-8"))["scenarios"]


def make_tables(build):
    """The tables of all languages, which the runner of C makes and reads."""
    return Tables(LANGUAGES["C"].runner(build))


def why_not_ended(runner):
    """Why a runner did not end well; None where it did."""
    try:
        runner.finish()
    except Gone as gone:
        return f"{runner.command[0]}: {gone}"
    return None


@dataclasses.dataclass
class Outcome:
    name: str
    why: str  # it failed; None where it passed
    transcript: Transcript


class Player:
    """Plays in one language, over databases of one kind."""

    def __init__(self, language, tables, build, kind="file"):
        self.language, self.tables, self.kind = language, tables, kind
        self.runner = language.runner(build, kind)
        self.crashes = 0

    def play_area(self, path):
        """The outcomes of a file's scenarios, of those that databases of this kind can have."""
        scenarios = [one for one in scenarios_of(path) if self.kind == "file" or "needs" not in one]
        return [self._play(one["name"], one["steps"]) for one in scenarios]

    def play_file(self, what, path):
        """The outcome of files.json's steps over a file."""
        steps = parse((CORPUS / "files.json").read_text(encoding="utf-8"))[what]
        return self._play(str(path), steps, os.path.abspath(path))

    def _play(self, name, steps, main=None):
        transcript = Transcript()
        self.runner.listen = transcript.add
        with tempfile.TemporaryDirectory(prefix="cairn-conformance-") as folder:
            why = self._run(Scenario(self.runner, self.tables, folder, self.kind, main), self.language.kept(steps))
        return Outcome(name, why, transcript)

    def _run(self, scenario, steps):
        """Why the steps failed; None where they passed."""
        try:
            scenario.run(steps, perform)
        except Missing:
            raise
        except (Failure, Mismatch) as error:
            self._close(scenario)
            return str(error)
        except Exception as error:  # the runner is gone, or has said what nobody expects
            self.crashes += 1
            return str(self.runner.killed(str(error) if isinstance(error, Gone) else repr(error)))
        return None

    def _close(self, scenario):
        """Leaves nothing of a scenario that has failed; the runner starts afresh where that cannot be."""
        try:
            scenario.close_all()
        except Exception as error:
            self.runner.killed(str(error))
