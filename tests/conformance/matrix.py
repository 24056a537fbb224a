#!/usr/bin/env python3
"""Runs the conformance corpus in every language that is there, and prints a matrix of language by area:

    tests/conformance/matrix.py [--all] [--only LANGUAGE,...] [--build FOLDER]

Then each language writes a file that every other one reads, and each finds mistakes that are planted in
the corpus (mistakes.py). Without the tools of a language it says how to get them, and goes on; with
--all that is a failure. Each language must have run as many scenarios of each area as the corpus has.
The last line is 'N passed, N failed'.
"""

import argparse
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import time

import mistakes

ROOT = pathlib.Path(__file__).resolve().parents[2]
CORPUS = ROOT / "tests" / "conformance"
AREA = re.compile(r"^(\w+) passed (\d+) failed (\d+)$", re.M)
MISSING = 77  # how a runner's exit status says that its tools are not there; its last line says how to get them

# A language's runner, what must be there for it, and how to get that.
LANGUAGES = {
    "C++": (["{build}/bin/cairn_conformance"], ["{build}/bin/cairn_conformance"], "cmake --build --preset release"),
    "C": (["{build}/bin/cairn_conformance_c"], ["{build}/bin/cairn_conformance_c"], "cmake --build --preset release"),
    "Node": (
        ["node", "bindings/js/conformance/run.mjs"],
        ["bindings/js/packages/node/build/cairn.node", "bindings/js/packages/node/dist/esm/engine.js"],
        "Node.js 18 or newer, then in bindings/js: npm ci --ignore-scripts, npm run build:native, npm run build",
    ),
}
for name in ("Python", "Java", "Kotlin", "Swift"):
    folder = f"bindings/{name.lower()}"
    script = f"{folder}/conformance.sh"
    LANGUAGES[name] = ([script], [script], f"{folder}/setup.sh, which {folder}/README.md describes")


class Runner:
    """One language's runner."""

    def __init__(self, name, build):
        command, needed, self.hint = LANGUAGES[name]
        self.name = name
        self.command = [part.format(build=build) for part in command]
        self.needed = [part.format(build=build) for part in needed]

    def missing(self):
        """How to get what is missing; None where nothing is known to be."""
        if all((ROOT / path).exists() for path in self.needed):
            return None
        return self.hint

    def run(self, *arguments):
        """(exit status, output); a status of None where it did not come to an end."""
        try:
            done = subprocess.run(
                [*self.command, *map(str, arguments)],
                cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=1800, check=False,
            )
        except FileNotFoundError:
            return MISSING, self.hint
        except subprocess.TimeoutExpired:
            return None, "it did not end within 30 minutes"
        return done.returncode, done.stdout.decode("utf-8", "replace")


class Matrix:
    """What came of all runs."""

    def __init__(self):
        self.passed = self.failed = 0
        self.areas = {}
        for path in sorted((CORPUS / "scenarios").glob("*.json")):
            with open(path, encoding="utf-8") as file:
                self.areas[path.stem] = len(json.load(file)["scenarios"])
        self.cells = {}
        self.notes = []

    def count(self, good, bad=0):
        self.passed += good
        self.failed += bad

    def note(self, text):
        self.notes.append(text)

    def add_scenarios(self, name, status, output):
        """One language's run; as many scenarios of each area as there are, or it failed."""
        ran = {area: (int(good), int(bad)) for area, good, bad in AREA.findall(output)}
        for area, expected in self.areas.items():
            good, bad = ran.pop(area, (0, 0))
            if good + bad != expected:
                self.note(f"{name} ran {good + bad} of {expected} scenarios of {area}")
                bad = max(bad, expected - good, 1)
            self.cells[area, name] = str(good) if bad == 0 else f"{good}, {bad} failed"
            self.count(good, bad)
        if ran:
            self.note(f"{name} ran areas that are not in the corpus: {', '.join(ran)}")
        consistent = (status == 0) == all("failed" not in self.cells[area, name] for area in self.areas)
        if ran or not consistent:
            self.count(0, 1)
        if status != 0:
            self.note(f"{name} ended with {status}:\n" + tail(output))

    def show(self, title, rows, columns, cells):
        """A table of texts."""
        widths = [max(len(title), *map(len, rows))]
        widths += [max([len(column)] + [len(cells.get((row, column), "")) for row in rows]) for column in columns]
        for line in [[title, *columns]] + [[row] + [cells.get((row, column), "") for column in columns] for row in rows]:
            print("  ".join(text.ljust(width) for text, width in zip(line, widths)).rstrip())
        print()


def tail(output, lines=40):
    """The end of an output, without what passed."""
    kept = [line[:400] for line in output.splitlines() if not re.match(r"^\w+ passed \d+ failed 0$", line)]
    return "\n".join("    " + line for line in kept[-lines:])


def present(runners, matrix, needs_all):
    """Those whose tools are there, after they have run all scenarios."""
    found = []
    for runner in runners:
        hint = runner.missing()
        start = time.monotonic()
        status, output = (MISSING, hint) if hint else runner.run("scenarios")
        if status == MISSING:
            print(f"{runner.name}: {'missing' if needs_all else 'skipped'}; to get it: {output.strip().splitlines()[-1]}")
            matrix.count(0, 1 if needs_all else 0)
            continue
        print(f"{runner.name}: {time.monotonic() - start:.1f} s", flush=True)
        matrix.add_scenarios(runner.name, status, output)
        found.append(runner)
    return found


def try_files(runners, matrix, folder):
    """Each language writes a file, and reads those of all."""
    written, cells = {}, {}
    for runner in runners:
        path = folder / f"{runner.name.replace('+', 'p').lower()}.db"
        status, output = runner.run("write", path)
        if status == 0 and path.exists():
            written[runner.name] = path
            matrix.count(1)
        else:
            matrix.count(0, 1)
            matrix.note(f"{runner.name} could not write its file:\n" + tail(output))
    for runner in runners:
        _, output = runner.run("read", *written.values())
        for writer, path in written.items():
            good = re.search(rf"^{re.escape(str(path))} passed$", output, re.M) is not None
            cells[writer, runner.name] = "same" if good else "DIFFERS"
            matrix.count(good, not good)
            if not good:
                matrix.note(f"{runner.name} does not read what {writer} has written:\n" + tail(output))
    names = [runner.name for runner in runners]
    matrix.show("written by \\ read by", list(written), names, cells)


def try_mistakes(runners, matrix, folder):
    """Every mistake that is planted in the corpus must be found in every language."""
    paths = []
    for area in matrix.areas:
        paths.append(folder / f"{area}.json")
        with open(paths[-1], "w", encoding="utf-8") as file:
            json.dump(mistakes.planted(CORPUS / "scenarios" / f"{area}.json"), file)
    for runner in runners:
        _, output = runner.run("scenarios", *paths)
        ran = [(int(good), int(bad)) for _, good, bad in AREA.findall(output)]
        missed, found = sum(good for good, _ in ran), sum(bad for _, bad in ran)
        whole = len(ran) == len(paths)
        print(f"{runner.name} finds {found} of {found + missed} planted mistakes")
        matrix.count(found, missed + (0 if whole else 1))
        if missed:
            matrix.note(f"{runner.name} does not find all planted mistakes; tests/conformance/mistakes.py")
        if not whole:
            matrix.note(f"{runner.name} did not run all planted mistakes:\n" + tail(output))
    print()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--all", action="store_true", help="a language that is missing is a failure")
    parser.add_argument("--only", default=",".join(LANGUAGES), help="these languages alone")
    parser.add_argument("--build", default="build/release", help="where C++ and C are built")
    options = parser.parse_args()
    matrix = Matrix()
    runners = [Runner(name, options.build) for name in options.only.split(",")]
    found = present(runners, matrix, options.all)
    print()
    names = [runner.name for runner in found]
    cells = {**matrix.cells, **{(area, "corpus"): str(count) for area, count in matrix.areas.items()}}
    matrix.show("area", list(matrix.areas), ["corpus", *names], cells)
    with tempfile.TemporaryDirectory(prefix="cairn-matrix-") as folder:
        try_files(found, matrix, pathlib.Path(folder))
        try_mistakes(found, matrix, pathlib.Path(folder))
    for text in matrix.notes:
        print(text)
    print(f"{matrix.passed} passed, {matrix.failed} failed")
    return 0 if matrix.failed == 0 and matrix.passed > 0 else 1


if __name__ == "__main__":
    sys.exit(main())
