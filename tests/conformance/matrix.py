#!/usr/bin/env python3
"""Plays the conformance corpus in every language that is there, and prints a matrix of language by area:

    tests/conformance/matrix.py [--all] [--only LANGUAGE,...] [--build FOLDER]

All have to say the same in each scenario as the first does (transcript.py). Then each language writes a file that
every other one reads, and each finds mistakes that are planted in the corpus (mistakes.py). Without the tools of a
language it says how to get them, and goes on; with --all that is a failure. A runner of too many lines is one, too.
The last line is 'N passed, N failed'.
"""

import argparse
import json
import pathlib
import sys
import tempfile
import time

import mistakes
from languages import LANGUAGES, LINES
from player import Player, areas, make_tables, scenarios_of, why_not_ended
from runner import Missing


class Matrix:
    """What came of all, and what is to be said of it."""

    def __init__(self):
        self.passed = self.failed = 0
        self.areas = {path.stem: len(scenarios_of(path)) for path in areas()}
        self.cells, self.notes = {}, []

    def count(self, good, note=None):
        """One check, with what to say where it failed."""
        self.passed += good
        self.failed += not good
        if not good and note:
            self.notes.append(note)

    def add_area(self, name, area, outcomes):
        failed = [one for one in outcomes if one.why is not None]
        for one in outcomes:
            self.count(one.why is None, f"{name} failed {area}: {one.name}\n    {one.why}")
        if len(outcomes) != self.areas[area]:
            self.count(False, f"{name} played {len(outcomes)} of {self.areas[area]} scenarios of {area}")
        good = len(outcomes) - len(failed)
        self.cells[area, name] = f"{good}, {len(failed)} failed" if failed else str(good)

    def show(self, title, rows, columns, cells):
        """A table of texts."""
        widths = [max(len(title), *map(len, rows))]
        widths += [max([len(column)] + [len(cells.get((row, column), "")) for row in rows]) for column in columns]
        lines = [[row, *(cells.get((row, column), "") for column in columns)] for row in rows]
        for line in [[title, *columns], *lines]:
            print("  ".join(text.ljust(width) for text, width in zip(line, widths)).rstrip())
        print()


def play_all(name, matrix, tables, build):
    """The language's player, and the outcomes of all scenarios; Missing without its tools."""
    start = time.monotonic()
    player = Player(LANGUAGES[name], tables, build)
    outcomes = {}
    for path in areas():
        outcomes[path.stem] = player.play_area(path)
        matrix.add_area(name, path.stem, outcomes[path.stem])
    lines = LANGUAGES[name].lines()
    print(f"{name}: {time.monotonic() - start:.1f} s; {lines} lines", flush=True)
    matrix.count(0 < lines < LINES, f"the runner of {name} has {lines} lines; it has to have less than {LINES}")
    return player, outcomes


def try_scenarios(names, matrix, tables, build, needs_all):
    """(name, player, outcomes) of those whose tools are there."""
    found = []
    for name in names:
        try:
            found.append((name, *play_all(name, matrix, tables, build)))
        except Missing as missing:
            print(f"{name}: {'missing' if needs_all else 'skipped'}; to get it: {missing}")
            if needs_all:
                matrix.count(False)
    print()
    return found


def try_transcripts(found, matrix):
    """All have to say what the first one says, where both passed."""
    (first, player, reference), *others = found
    for name, _, outcomes in others:
        same = []
        for area, played in outcomes.items():
            for one, another in zip(reference[area], played):
                if one.why is None and another.why is None:
                    where = one.transcript.difference(another.transcript, player.tables)
                    matrix.count(where is None, f"{first} and {name} differ in {area}: {one.name}\n    {where}")
                    same.append(where is None)
        print(f"{name} says what {first} says in {sum(same)} of {len(same)} scenarios")
    print()


def try_files(found, matrix, folder):
    """Each language writes a file, and reads those of all."""
    written, cells = {}, {}
    for name, player, _ in found:
        path = folder / f"{name.replace('+', 'p').lower()}.db"
        why = player.play_file("write", path).why
        matrix.count(why is None, f"{name} could not write its file:\n    {why}")
        if why is None:
            written[name] = path
    for name, player, _ in found:
        for writer, path in written.items():
            why = player.play_file("read", path).why
            cells[writer, name] = "same" if why is None else "DIFFERS"
            matrix.count(why is None, f"{name} does not read what {writer} has written:\n    {why}")
    matrix.show("written by \\ read by", list(written), [name for name, *_ in found], cells)


def try_mistakes(found, matrix, folder):
    """Every mistake that is planted in the corpus must be found in every language."""
    paths = []
    for path in areas():
        paths.append(folder / path.name)
        paths[-1].write_text(json.dumps(mistakes.planted(path)), encoding="utf-8")
    for name, player, _ in found:
        outcomes = [one for path in paths for one in player.play_area(path)]
        for one in outcomes:
            matrix.count(one.why is not None, f"{name} does not find the mistake in {one.name}")
        print(f"{name} finds {sum(one.why is not None for one in outcomes)} of {len(outcomes)} planted mistakes")
        if player.crashes:
            matrix.count(False, f"the runner of {name} crashed {player.crashes} times")
    print()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--all", action="store_true", help="a language that is missing is a failure")
    parser.add_argument("--only", default=",".join(LANGUAGES), help="these languages alone")
    parser.add_argument("--build", default="build/release", help="where C++ and C are built")
    options = parser.parse_args()
    matrix = Matrix()
    try:
        tables = make_tables(options.build)
    except Missing as missing:
        sys.exit(f"nothing can be played without the runner of C: {missing}")
    found = try_scenarios(options.only.split(","), matrix, tables, options.build, options.all)
    names = [name for name, *_ in found]
    cells = {**matrix.cells, **{(area, "corpus"): str(count) for area, count in matrix.areas.items()}}
    matrix.show("area", list(matrix.areas), ["corpus", *names], cells)
    if found:
        try_transcripts(found, matrix)
        with tempfile.TemporaryDirectory(prefix="cairn-matrix-") as folder:
            try_files(found, matrix, pathlib.Path(folder))
            try_mistakes(found, matrix, pathlib.Path(folder))
        for runner in (*(player.runner for _, player, _ in found), tables.scribe):
            matrix.count((why := why_not_ended(runner)) is None, why)
    for text in matrix.notes:
        print(text)
    print(f"{matrix.passed} passed, {matrix.failed} failed")
    return 0 if matrix.failed == 0 and matrix.passed > 0 else 1


if __name__ == "__main__":
    sys.exit(main())
