"""What the lints share: the tree's files, a finding's form, and comments and texts cut from code.

A lint is a script that prints its findings as `file:line: message` and exits with 1 if it has any.
"""

import functools
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

C_SUFFIXES = {".h", ".hpp", ".c", ".cc", ".cpp"}


@functools.cache
def tree_files():
    """The files of the tree as paths below ROOT: what git tracks, and what it would if added."""
    command = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode == 0:
        names = [Path(name.decode()) for name in done.stdout.split(b"\0") if name]
    else:  # An unpacked release: no git, so whatever is not made by a build.
        made = {".git", "build", ".cache", "node_modules", "__pycache__"}
        names = [path.relative_to(ROOT) for path in ROOT.rglob("*") if path.is_file()]
        names = [name for name in names if not made & set(name.parts)]
    return sorted(name for name in set(names) if (ROOT / name).is_file())


def code_files(*folders, suffixes=C_SUFFIXES):
    """C and C++ files in these top-level folders, all of them without any."""
    return [
        name
        for name in tree_files()
        if name.suffix in suffixes and (not folders or name.as_posix().startswith(tuple(folders)))
    ]


def read(name):
    return (ROOT / name).read_text(encoding="utf-8", errors="replace")


_NOISE = re.compile(
    r"//[^\n]*|/\*.*?\*/"
    r"|R\"(?P<delimiter>[^()\s\\]{0,16})\(.*?\)(?P=delimiter)\""
    r"|\"(?:\\.|[^\"\\\n])*\""
    r"|(?<![0-9A-Za-z_])(?:u8|[uUL])?'(?:\\.|[^'\\\n])+'",
    re.DOTALL,
)


def blank_noise(text, keep_strings=False):
    """The code with comments (and the contents of texts) blanked out, each line in its place."""

    def blank(match):
        found = match.group(0)
        if found.startswith(("//", "/*")):
            return re.sub(r"[^\n]", " ", found)
        if keep_strings:
            return found
        return '"' + re.sub(r"[^\n]", " ", found[1:-1]) + '"'

    return _NOISE.sub(blank, text)


class Findings:
    """Collects findings, prints them in the order of the files, and ends the script."""

    def __init__(self):
        self._found = []

    def add(self, name, line, message):
        self._found.append((str(name), line, message))

    def finish(self, summary):
        for name, line, message in sorted(self._found):
            print(f"{name}:{line}: {message}")
        print(f"{summary}: {len(self._found)} findings" if self._found else f"{summary}: none wrong")
        sys.exit(1 if self._found else 0)
