"""The languages of the corpus: the command of each one's runner, what must be there for it and how to get that, and
the runner's files, which may have so many lines in all.
"""

import dataclasses
import pathlib
import re
import typing

from runner import Missing, Runner

ROOT = pathlib.Path(__file__).resolve().parents[2]
LINES = 300
INDEX = re.compile(r"0|[1-9][0-9]{0,8}")


@dataclasses.dataclass(frozen=True)
class Language:
    name: str
    command: tuple
    needs: tuple
    hint: str
    files: tuple  # patterns
    kept: typing.Callable = lambda steps: steps  # the corpus's values as values of the language keep them

    def runner(self, build, kind="file"):
        """Its runner, over a kind of database; Missing where it is known not to be there."""
        known = {"build": build, "kind": kind}
        if not all((ROOT / path.format(**known)).exists() for path in self.needs):
            raise Missing(self.hint)
        return Runner([part.format(**known) for part in self.command], ROOT)

    def lines(self):
        """How many lines its runner's files have."""
        paths = {path for pattern in self.files for path in ROOT.glob(pattern) if path.is_file()}
        return sum(path.read_bytes().count(b"\n") for path in paths)


def integers_first(json):
    """The fields of an object in JavaScript's order."""
    if isinstance(json, list):
        return [integers_first(one) for one in json]
    if not isinstance(json, dict):
        return json
    names = sorted((name for name in json if INDEX.fullmatch(name)), key=int)
    return {name: integers_first(json[name]) for name in (*names, *(name for name in json if name not in names))}


def _native(name, program, files, *arguments):
    path = "{build}/bin/" + program
    return Language(name, (path, *arguments), (path,), "cmake --build --preset release", files)


def _scripted(name, *files):
    folder = f"bindings/{name.lower()}"
    script = f"{folder}/conformance.sh"
    hint = f"{folder}/setup.sh, which {folder}/README.md describes"
    return Language(name, (script,), (script,), hint, tuple(f"{folder}/{one}" for one in files))


_ALL = (
    _native("C++", "cairn_conformance", ("tests/conformance/*.cpp", "tests/conformance/*.h"), "{kind}"),
    _native("C", "cairn_conformance_c", ("tests/conformance/c/*",)),
    Language(
        "Node",
        ("node", "bindings/js/conformance/run.mjs"),
        ("bindings/js/packages/node/build/cairn.node", "bindings/js/packages/node/dist/esm/engine.js"),
        "Node.js 18 or newer, then in bindings/js: npm ci --ignore-scripts, npm run build:native, npm run build",
        ("bindings/js/conformance/*",),
        integers_first,
    ),
    _scripted("Python", "conformance*.py"),
    _scripted("Java", "conformance/**/*"),
    _scripted("Kotlin", "conformance/**/*"),
    _scripted("Swift", "Conformance/**/*"),
)
LANGUAGES = {language.name: language for language in _ALL}
