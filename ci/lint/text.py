#!/usr/bin/env python3
"""Text files end in one newline, have no trailing spaces, and name no machine or package source."""

import re

from common import ROOT, Findings, tree_files

# Written so that this file does not match itself.
FORBIDDEN = [
    (re.compile(r"(?<![\w.$}])/(?:home|root|work|Users)/[\w.]"), "a path of one machine"),
    (re.compile(r"\b[A-Z]:\\\\?Users\b"), "a path of one machine"),
    (re.compile(r"\b(?:registry\.(?:npmjs|yarnpkg)|pypi|deb\.debian|proxy\.golang)\.\w+"), "a registry's host"),
    (re.compile(r"\bhttps?://(?:10\.|192\.168\.)"), "a host of one network"),
    (re.compile(r"^(?:<{7}|>{7}) "), "a conflict that was not resolved"),
]


def check(findings, name, text):
    for number, line in enumerate(text.split("\n"), 1):
        if line != line.rstrip():
            findings.add(name, number, "spaces at the end of the line")
        if "\t" in line and name.suffix in {".cpp", ".h", ".c", ".py", ".mjs", ".fbs"}:
            findings.add(name, number, "a tab; this tree indents with spaces")
        for pattern, what in FORBIDDEN:
            if match := pattern.search(line):
                findings.add(name, number, f"{what}: {match.group(0)}")
    if text and not text.endswith("\n"):
        findings.add(name, text.count("\n") + 1, "no newline at the end")
    elif text.endswith("\n\n"):
        findings.add(name, text.count("\n"), "empty lines at the end")


def main():
    findings = Findings()
    count = 0
    for name in tree_files():
        data = (ROOT / name).read_bytes()
        if b"\0" in data:
            continue  # not text
        count += 1
        check(findings, name, data.decode("utf-8", errors="replace"))
    findings.finish(f"text of {count} files")


main()
