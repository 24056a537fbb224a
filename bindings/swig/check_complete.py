#!/usr/bin/env python3
"""Fails where a function or a status of the headers is missing from a generated binding.

    check_complete.py python MODULE.so [STUB.pyi]     the extension, and its types
    check_complete.py java FOLDER                     with the classes that SWIG has made

It reads the headers by itself, in another way than interface.py does, so that what is lost there is
found here.
"""
import argparse
import importlib.machinery
import importlib.util
import re
import sys
from pathlib import Path

HEADERS = Path(__file__).resolve().parents[2] / "capi" / "include" / "cairn"

# What is left out on purpose, and why.
LEFT_OUT = {
    "cairn_coordinator_set_wakeup": "calls back from the engine's threads: cairn_wait does this here",
    "cairn_database_open_executor": "calls back in the midst of calls: files are opened here",
}


def declared(folder: Path = HEADERS) -> tuple[set[str], set[str]]:
    """Gives the functions and the statuses of the headers."""
    functions: set[str] = set()
    statuses: set[str] = set()
    for header in sorted(folder.glob("*.h")):
        # Comments and lines of the preprocessor name functions, too.
        code = re.sub(r"/\*.*?\*/", " ", header.read_text(), flags=re.S)
        code = re.sub(r"^#(?:.*\\\n)*.*$", " ", code, flags=re.M)
        for declaration in re.split(r"[;{}]", code):
            found = re.match(r"\s*CAIRN_API\b[^(]*?(\w+)\s*\(", declaration)
            if found:
                functions.add(found[1])
        statuses |= set(re.findall(r"\b(CAIRN_[A-Z_]+)\s*=\s*\d+", code))
    return functions, statuses


def in_python(module: Path) -> set[str]:
    name = module.name.split(".")[0]
    loader = importlib.machinery.ExtensionFileLoader(name, str(module))
    spec = importlib.util.spec_from_loader(name, loader)
    assert spec is not None
    loaded = importlib.util.module_from_spec(spec)
    loader.exec_module(loaded)
    return {name for name in dir(loaded) if name.startswith(("cairn_", "CAIRN_"))}


def in_text(files: list[Path]) -> set[str]:
    code = "".join(re.sub(r"/\*.*?\*/", " ", file.read_text(), flags=re.S) for file in files)
    return set(re.findall(r"\b(cairn_\w+)\s*\(", code)) | set(re.findall(r"\b(CAIRN_\w+)\b", code))


def problems(offered: set[str], statuses_too: bool = True) -> list[str]:
    functions, statuses = declared()
    if len(functions) < 50 or len(statuses) < 30:
        return [f"only {len(functions)} functions and {len(statuses)} statuses found in {HEADERS}"]
    wanted = functions | (statuses if statuses_too else set())
    found = [f"{name} is missing" for name in sorted(wanted - offered - set(LEFT_OUT))]
    found += [f"{name} is left out here, but in no header" for name in sorted(set(LEFT_OUT) - functions)]
    found += [f"{name} is offered, and should not be: it {LEFT_OUT[name]}"
              for name in sorted(set(LEFT_OUT) & offered)]
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description="compares a generated binding with the headers")
    parser.add_argument("language", choices=["python", "java"])
    parser.add_argument("generated", type=Path, nargs="+")
    given = parser.parse_args()
    if given.language == "python":
        found = problems(in_python(given.generated[0]))
        for stub in given.generated[1:]:
            found += [f"{stub.name}: {problem}" for problem in problems(in_text([stub]))]
    else:
        files = [file for folder in given.generated for file in sorted(folder.rglob("*.java"))]
        found = problems(in_text(files))
    for problem in found:
        print(f"{given.language}: {problem}", file=sys.stderr)
    if not found:
        print(f"{given.language}: {len(declared()[0])} functions, {len(LEFT_OUT)} of them left out")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
