#!/usr/bin/env python3
"""Headers, library and the last release agree on what is exported.

The dynamic symbols of the library (build/release/lib/libcairn.so, or the first argument) are exactly
the CAIRN_API functions; and no prototype and no status of the last release, capi/exports.txt, has
gone or changed. `exports.py --write` rewrites that list when a release is made.
"""

import subprocess
import sys
from pathlib import Path

import capi
from common import ROOT, Findings

LIST = "capi/exports.txt"


def exported_symbols(library):
    done = subprocess.run(
        ["nm", "--dynamic", "--defined-only", "--format=posix", str(library)],
        capture_output=True,
        text=True,
        check=True,
    )
    return {line.split()[0].split("@")[0] for line in done.stdout.splitlines() if line.strip()}


def compare_symbols(findings, functions, library):
    declared = {function.name: function for function in functions}
    exported = exported_symbols(library)
    for name in sorted(exported - declared.keys()):
        findings.add(library.name, 1, f"exports {name}, which no header declares")
    for name in sorted(declared.keys() - exported):
        function = declared[name]
        findings.add(function.header, function.line, f"{name} is not exported by {library.name}")


def compare_release(findings, current):
    lines = (ROOT / LIST).read_text().splitlines()
    for number, line in enumerate(lines, 1):
        if line and not line.startswith("#") and line not in current:
            findings.add(LIST, number, f"gone or changed since the last release: {line}")


def main():
    functions = capi.functions()
    current = [f"{function.prototype};" for function in functions] + capi.statuses()
    if sys.argv[1:] == ["--write"]:
        head = "# The C API of the last release: prototypes and statuses. ci/lint/exports.py --write\n"
        (ROOT / LIST).write_text(head + "".join(f"{line}\n" for line in sorted(current)))
        return
    library = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "build/release/lib/libcairn.so"
    findings = Findings()
    compare_symbols(findings, functions, library)
    compare_release(findings, set(current))
    findings.finish(f"exports, {len(functions)} functions")


main()
