#!/usr/bin/env python3
"""Makes what of the package follows from the schemas and the headers; the build runs it.

    generate.py SCHEMAS HEADERS OUT

OUT/_schemas.py has the tables as dataclasses with their defaults, and the enums; OUT/_cairn.pyi the
types of the functions that SWIG generates, before those of native.pyi beside this file.
"""
import hashlib
import re
import sys
from pathlib import Path

# Names of an enum's entries that Python keeps for itself get a line below, as is usual.
KEYWORDS = {"None", "True", "False"}
NUMBERS = {"ubyte", "short", "ushort", "int", "uint", "long", "ulong"}
HEAD = '"""{about}\n\nMade by the build from {source}; changes here are lost."""\n'


def python_name(entry: str) -> str:
    return f"{entry}_" if entry in KEYWORDS else entry


def without_comments(text: str) -> str:
    return re.sub(r"//[^\n]*", "", text)


# --- schemas ---


class Schemas:
    """The declarations of schemas/, in an order in which each stands after what it names."""

    def __init__(self, folder: Path, headers: Path) -> None:
        abi = re.search(r"CAIRN_ABI_VERSION (\d+)", (headers / "version.h").read_text())
        assert abi is not None
        self.abi_version = abi[1]
        text = "".join(without_comments(file.read_text()) for file in sorted(folder.glob("*.fbs")))
        self.enums = {
            name: [entry.split("=") for entry in re.sub(r"\s", "", body).split(",") if entry]
            for name, body in re.findall(r"\benum (\w+)\s*:\s*\w+\s*\{([^}]*)\}", text)
        }
        names = re.search(r"set\(names ([\w ]+)\)", (folder / "CMakeLists.txt").read_text())
        assert names is not None
        whole = "".join((folder / f"{name}.fbs").read_text() for name in names[1].split())
        self.hash = hashlib.sha256(whole.encode()).hexdigest()[:16]
        self.tables = {
            name: re.findall(r"(\w+)\s*:\s*(\[?\w+\]?)\s*(?:=\s*(\w+))?\s*(\(portable\))?[^;]*;", body)
            for name, body in re.findall(r"\btable (\w+)\s*\{([^}]*)\}", text)
        }

    def field(self, kind: str, default: str, portable: str) -> tuple[str, str]:
        """Gives a field's type and default in Python."""
        if portable:
            return "Any", "None"
        if kind in NUMBERS:
            return "int", default or "0"
        if kind == "bool":
            return "bool", (default or "false").capitalize()
        if kind == "string":
            return "str", '""'
        if kind == "[ubyte]":
            return "bytes", 'b""'
        if kind in self.enums:
            return kind, f"{kind}.{python_name(default or self.enums[kind][0][0])}"
        if kind in self.tables:
            return f"{kind} | None", "None"
        item = kind[1:-1]
        if item in NUMBERS or item == "double":
            item = "float" if item == "double" else "int"
        return f"tuple[{'str' if item == 'string' else item}, ...]", "()"

    def module(self) -> str:
        lines = [HEAD.format(about="The tables of requests and results, and their enums.", source="schemas/"),
                 "from __future__ import annotations\n", "import enum", "from dataclasses import dataclass",
                 "from typing import Any\n", "from ._tables import Table\n",
                 "# What the library is compared with when it is loaded.",
                 f"ABI_VERSION = {self.abi_version}", f"SCHEMA_HASH = 0x{self.hash}", ""]
        for name, entries in self.enums.items():
            lines += ["", f"class {name}(enum.IntEnum):"]
            lines += [f"    {python_name(entry)} = {number}" for entry, number in entries] + [""]
        for name, fields in self.tables.items():
            lines += ["", "@dataclass(frozen=True)", f"class {name}(Table):"]
            for field, kind, default, portable in fields:
                of, value = self.field(kind, default, portable)
                lines.append(f"    {field}: {of} = {value}")
            lines.append("")
        return "\n".join(lines)


# --- headers ---

TYPES = {"cairn_status": "int", "int32_t": "int", "uint32_t": "int", "int64_t": "int", "uint64_t": "int",
         "size_t": "int", "void": "None", "const char*": "str", "const uint8_t*": "object"}
LEFT_OUT = ("cairn_wakeup", "cairn_sql_executor")


def parameters(text: str) -> tuple[list[str], list[str]]:
    """Gives what a function takes and what it gives beside its result, as python.i has it."""
    taken: list[str] = []
    given: list[str] = []
    text = re.sub(r"const uint8_t\* (\w+), size_t \1_size", r"BYTES \1", text)
    text = re.sub(r"const char\* (\w+), size_t \1_size", r"TEXT \1", text)
    text = re.sub(r"const (?:void|char)\*\* out, size_t\* \w+", "SLICE out", text)
    for parameter in filter(None, (part.strip() for part in text.split(","))):
        kind, name = parameter.rsplit(" ", 1) if " " in parameter else (parameter, "")
        if kind in ("BYTES", "TEXT"):
            taken.append(f"{name}: {'Buffer | None' if kind == 'BYTES' else 'str'}")
        elif kind == "SLICE":
            given.append("bytes")
        elif kind == "cairn_buffer**":
            given.append("memoryview | None")
        elif kind.endswith("**") and kind != "cairn_error**":
            given.append("Handle | None")
        elif kind in ("uint64_t*", "uint32_t*"):
            given.append("int")
        elif kind in TYPES:
            taken.append(f"{name}: {TYPES[kind]}")
        elif kind != "cairn_error**":
            taken.append(f"{name}: Handle | None")
    return taken, given


def stub(folder: Path, own: str) -> str:
    code = "".join(re.sub(r"/\*.*?\*/", "", file.read_text(), flags=re.S)
                   for file in sorted(folder.glob("*.h")))
    lines = [HEAD.format(about="The C API as SWIG offers it, and the codecs.", source="the headers")]
    lines.append(own)
    lines += [f"{name}: int" for name in re.findall(r"\b(CAIRN_[A-Z_]+)\s*=\s*\d+", code)]
    code = code.replace("(void)", "()")
    for result, name, text in re.findall(r"CAIRN_API\s+([\w\s*]*?)\s*\b(\w+)\(([^)]*)\);", code):
        if any(left_out in text for left_out in LEFT_OUT):
            continue
        taken, given = parameters(" ".join(text.split()))
        gives = TYPES[" ".join(result.split())]
        if len(given) == 1:
            gives = f"tuple[{gives}, {given[0]}]"
        assert len(given) < 2, name
        lines.append(f"def {name}({', '.join(taken)}{', ' if taken else ''}/) -> {gives}: ..."
                     if taken else f"def {name}() -> {gives}: ...")
    return "\n".join(lines) + "\n"


def main(schemas: Path, headers: Path, out: Path) -> None:
    (out / "_schemas.py").write_text(Schemas(schemas, headers).module())
    own = (Path(__file__).parent / "native.pyi").read_text()
    (out / "_cairn.pyi").write_text(stub(headers, own))


if __name__ == "__main__":
    main(*(Path(argument) for argument in sys.argv[1:]))
