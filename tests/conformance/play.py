#!/usr/bin/env python3
"""Plays the conformance corpus in a language (README.md):

    tests/conformance/play.py LANGUAGE scenarios [FILE.json...]   of these files, or of all of scenarios/
    tests/conformance/play.py LANGUAGE write FILE.db              "write" of files.json over a new file
    tests/conformance/play.py LANGUAGE read FILE.db...            "read" of files.json over each

`scenarios` prints 'AREA passed N failed M' for each file, and before it why what failed and 'FAILED AREA: NAME';
`write` and `read` print 'FILE passed' or 'FILE failed'. The last line is 'N passed, N failed'. The exit status is 1
where anything failed, and 77 where the language's tools are not there: then the last line says how to get them.
"""

import argparse
import pathlib
import sys

from languages import LANGUAGES
from player import Player, areas, make_tables, why_not_ended
from runner import NO_TOOLS, Missing


def play_area(player, path):
    """Plays, prints, and gives all outcomes."""
    outcomes = player.play_area(path)
    failed = [one for one in outcomes if one.why is not None]
    for one in failed:
        print(f"{one.why}\nFAILED {path.stem}: {one.name}")
    print(f"{path.stem} passed {len(outcomes) - len(failed)} failed {len(failed)}", flush=True)
    return outcomes


def play_file(player, what, path):
    outcome = player.play_file(what, path)
    print(f"{path} passed" if outcome.why is None else f"{outcome.why}\n{path} failed", flush=True)
    return outcome


def play(player, what, paths):
    """(passed, failed)."""
    if what == "scenarios":
        outcomes = [one for path in map(pathlib.Path, paths or areas()) for one in play_area(player, path)]
    else:
        outcomes = [play_file(player, what, path) for path in paths]
    badly_ended = [why for runner in (player.runner, player.tables.scribe) if (why := why_not_ended(runner))]
    for why in badly_ended:
        print(why)
    failed = sum(one.why is not None for one in outcomes)
    return len(outcomes) - failed, failed + len(badly_ended)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("language", choices=LANGUAGES)
    parser.add_argument("what", choices=("scenarios", "write", "read"))
    parser.add_argument("paths", nargs="*", metavar="FILE")
    parser.add_argument("--build", default="build/release", help="where C++ and C are built")
    parser.add_argument("--over", default="file", choices=("file", "memory", "executor"), help="which databases (C++)")
    options = parser.parse_args()
    try:
        player = Player(LANGUAGES[options.language], make_tables(options.build), options.build, options.over)
        passed, failed = play(player, options.what, options.paths)
    except Missing as missing:
        print(missing)
        return NO_TOOLS
    print(f"{passed} passed, {failed} failed")
    return 0 if failed == 0 and passed > 0 else 1


if __name__ == "__main__":
    sys.exit(main())
