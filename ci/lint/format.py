#!/usr/bin/env python3
"""C and C++ stand as .clang-format says; `ci/lint/format.py --fix` makes them so."""

import re
import subprocess
import sys

from common import ROOT, Findings, code_files

FINDING = re.compile(r"^(.+?):(\d+):\d+: (?:error|warning): ", re.M)


def main():
    files = [name.as_posix() for name in code_files()]
    if sys.argv[1:] == ["--fix"]:
        subprocess.run(["clang-format", "-i", *files], cwd=ROOT, check=True)
        return
    command = ["clang-format", "--dry-run", "-Werror", *files]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    findings = Findings()
    lines = {}
    for name, line in FINDING.findall(done.stderr):
        lines.setdefault(name, set()).add(int(line))
    for name, numbers in lines.items():
        findings.add(name, min(numbers), f"{len(numbers)} lines to format: ci/lint/format.py --fix")
    if done.returncode != 0 and not FINDING.search(done.stderr):
        findings.add(".clang-format", 1, done.stderr.strip() or "clang-format failed")
    findings.finish(f"format of {len(files)} files")


main()
