#!/usr/bin/env python3
"""Each function of the C API says what it does, who owns each pointer, its thread rule, its errors."""

import re

import capi
from common import Findings

findings = Findings()
functions = capi.functions()
for function in functions:
    where = (function.header, function.line)
    if not function.comment:
        findings.add(*where, f"{function.name} has no /** comment right before it")
        continue
    lines = [re.sub(r"^\s*(/\*\*|\*(?!/))\s?", "", line) for line in function.comment.splitlines()]
    lines = [line.replace("*/", "").strip() for line in lines]
    for label in ("Ownership:", "Threads:", "Errors:"):
        texts = [line[len(label) :].strip() for line in lines if line.startswith(label)]
        if not texts:
            findings.add(*where, f"{function.name}: its comment has no line '{label}'")
        elif not texts[0]:
            findings.add(*where, f"{function.name}: nothing stands after '{label}'")
    if not lines[0] or lines[0].startswith(("Ownership:", "Threads:", "Errors:")):
        findings.add(*where, f"{function.name}: its comment does not begin with what it does")
    if "cairn_error** error" in function.prototype and "Errors: none." in " ".join(lines):
        findings.add(*where, f"{function.name} gives errors, and its comment says that it has none")
if not functions:
    findings.add(capi.HEADERS, 1, "no CAIRN_API function was found")
findings.finish(f"comments of {len(functions)} functions")
