#!/usr/bin/env python3
"""The house numbers: no file above 600 lines; functions of capi/ of a median of 6 lines and 90%
within 15; functions of core/ 90% within 30.

A function's lines are those between its braces, so a function on one line counts 1. Functions are
found by their braces: an opening brace after a parameter list, in a namespace or a class.
"""

import re
import statistics

from common import Findings, blank_noise, code_files, read, tree_files

FILE_LINES = 600
DATA = {".json", ".ndjson", ".csv", ".txt"}  # data, and lists that tools write

_CONTROL = re.compile(r"(?:^|[;{}\s])(?:if|for|while|switch|catch|do|else|return)\b")
_TYPE = re.compile(r"\b(?:class|struct|union|enum)\b")


def _matching(code, start):
    """The position of the brace that closes the one at `start`."""
    depth = 0
    for match in re.compile(r"[{}]").finditer(code, start):
        depth += 1 if match.group() == "{" else -1
        if depth == 0:
            return match.start()
    return len(code) - 1


def _kind(head):
    """What a brace after this text opens: a scope, a function, or something else."""
    head = re.sub(r"^\s*#[^\n]*(?:\\\n[^\n]*)*$", " ", head, flags=re.M).strip()
    plain = re.sub(r"\btemplate\s*<[^{}()]*>", " ", head)
    if re.search(r"\bnamespace\b[\w:\s]*$", head) or re.search(r'\bextern\s+"[^"]*"$', head):
        return "scope"
    if head.endswith("CAIRN_BEGIN"):
        return "scope"
    if _TYPE.search(plain) and not re.search(r"\)\s*(?:const|noexcept|override|final|\s)*$", plain):
        if "(" not in plain or plain.lstrip().startswith(("class", "struct", "union", "enum", "typedef")):
            return "scope"
    if "(" in head and not re.search(r"=\s*$|(?<![=!<>])=(?!=)[^()]*$", head):
        return "function"
    return "other"


def functions(code):
    """(line, name, lines of the body) of each function of code without comments and texts."""
    position, head_start = 0, 0
    token = re.compile(r"[;{}]")
    while match := token.search(code, position):
        position = match.end()
        if match.group() != "{":
            # A semicolon inside parentheses belongs to a head that goes on.
            head = code[head_start : match.start()]
            if match.group() == "}" or head.count("(") == head.count(")"):
                head_start = position
            continue
        head = code[head_start : match.start()]
        kind = _kind(head)
        if kind == "scope":
            head_start = position
            continue
        end = _matching(code, match.start())
        position = end + 1
        following = re.compile(r"\s*(.)", re.S).match(code, position)
        if following and following.group(1) in ",{" or kind == "other":
            continue  # `member{value},` before a constructor's body, or an initialiser
        head_start = position
        if kind == "function" and not _CONTROL.search(head):
            body = code[match.end() : end]
            lines = max(1, body.count("\n") - 1) if body.strip() else 0
            name = re.search(r"([~\w:]+|operator[^\s(]+)\s*\(", head)
            yield code.count("\n", 0, match.start()) + 1, name.group(1) if name else "?", lines


def percentile(lengths, share):
    """The length that this share of the functions does not exceed."""
    return sorted(lengths)[max(0, -(-len(lengths) * share // 100) - 1)]


def check_functions(findings, folder, median, ninety):
    found = [
        (lines, name, line, function)
        for name in code_files(folder, suffixes={".cpp", ".h"})
        for line, function, lines in functions(blank_noise(read(name)))
    ]
    if not found:
        findings.add(folder, 1, "no functions were found")
        return
    lengths = [lines for lines, *_ in found]
    middle, long = statistics.median(lengths), percentile(lengths, 90)
    print(f"{folder}: {len(found)} functions, median {middle:g} lines, 90% within {long}, longest:")
    longest = sorted(found, reverse=True)[:3]
    for lines, name, line, function in longest:
        print(f"  {lines:4} {function} ({name}:{line})")
    if (median and middle > median) or long > ninety:
        for lines, name, line, function in (entry for entry in found if entry[0] > ninety):
            findings.add(name, line, f"{function} has {lines} lines: too many are above {ninety}")


def main():
    findings = Findings()
    for name in tree_files():
        lines = read(name).count("\n")
        if lines > FILE_LINES and name.suffix not in DATA:
            findings.add(name, lines, f"{lines} lines; a file has at most {FILE_LINES}")
    check_functions(findings, "capi/", median=6, ninety=15)
    check_functions(findings, "core/", median=0, ninety=30)
    findings.finish(f"sizes of {len(tree_files())} files")


main()
