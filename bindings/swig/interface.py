#!/usr/bin/env python3
"""Writes the part of the interface that follows from the headers: interface.py HEADERS OUT.

OUT is included by cairn.i. It has CAIRN_HANDLE(type, function that closes it) for every handle, an
%apply for every pair of pointer and size, and an %include for every header, so that no list of
functions is written by hand. What CAIRN_HANDLE and the typemaps (const uint8_t* BYTES, size_t SIZE)
and (const char* TEXT, size_t SIZE) mean is said by the file of each language.
"""
import re
import sys
from pathlib import Path

PAIR = re.compile(r"const (uint8_t|char)\s*\*\s*(\w+),\s*size_t (\2_size)\b")
CLOSE = re.compile(r"void (cairn_(\w+?)_close)\((cairn_\w+)\s*\*")


def code_of(header: Path) -> str:
    return re.sub(r"/\*.*?\*/", "", header.read_text(), flags=re.S)


def interface(folder: Path) -> str:
    umbrella = code_of(folder / "cairn.h")
    headers = ["cairn/base.h"] + [
        name for name in re.findall(r'#include "(cairn/\w+\.h)"', umbrella) if name != "cairn/base.h"
    ]
    # status.h comes before what uses its type.
    headers.sort(key=lambda name: (name != "cairn/base.h", name != "cairn/status.h"))
    code = "".join(code_of(folder / name) for name in headers)
    lines = ["/* Made from the headers by interface.py. */"]
    for close, _, handle in sorted(set(CLOSE.findall(code))):
        lines.append(f"CAIRN_HANDLE({handle}, {close})")
    for kind, name, size in sorted(set(PAIR.findall(code))):
        typemap = "BYTES" if kind == "uint8_t" else "TEXT"
        lines.append(
            f"%apply (const {kind}* {typemap}, size_t SIZE) {{ (const {kind}* {name}, size_t {size}) }};"
        )
    lines += [f'%include "{name}"' for name in headers]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    Path(sys.argv[2]).write_text(interface(Path(sys.argv[1])))
