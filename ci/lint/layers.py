#!/usr/bin/env python3
"""Includes only look down: a layer uses what stands below it, and core/platform alone the system.

The table follows the arrows of the design: bindings -> capi -> core/replica -> collection ->
query and storage -> value and platform, with coordination beside collection and schemas for all.
"""

import re

from common import Findings, blank_noise, code_files, read

ALLOWED = {
    "platform": set(),
    "value": set(),
    "query": {"value"},
    "storage": {"value", "platform"},
    "collection": {"query", "storage", "value"},
    "coordination": {"collection", "value", "platform"},
    "replica": {"coordination", "collection", "query", "storage", "value"},
}

SYSTEM = re.compile(
    r"(unistd|fcntl|pthread|poll|dirent|dlfcn|signal|sched|semaphore|termios|spawn|pwd|netdb|utime"
    r"|windows|winsock2?|ws2tcpip|io|direct|process|aio|ftw|glob|syslog|ucontext)\.h"
    r"|(sys|netinet|arpa|net|linux|mach)/.*"
)
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.M)


def includes(name):
    """(line, path, whether in quotes) of every include of a file."""
    code = blank_noise(read(name), keep_strings=True)
    for match in INCLUDE.finditer(code):
        yield code.count("\n", 0, match.start()) + 1, match.group(2), match.group(1) == '"'


def layer_of(path):
    parts = path.split("/")
    return parts[1] if parts[0] == "core" and len(parts) > 2 else ""


def check_core(findings, name, line, path, quoted):
    layer = layer_of(name.as_posix())
    if layer not in ALLOWED:
        findings.add(name, line, f"core/{layer} is no layer that this lint knows")
        return
    if path.startswith(("capi/", "bindings/")) or path == "cairn.h":
        findings.add(name, line, f"core/{layer} looks up: it includes {path}")
    elif path.startswith("core/"):
        target = layer_of(path)
        if target != layer and target not in ALLOWED[layer]:
            findings.add(name, line, f"core/{layer} may not include {path}")
    elif quoted and not path.startswith("cairn/schemas/"):
        findings.add(name, line, f'write the path from the top: "core/{layer}/{path}"')


def main():
    findings = Findings()
    files = code_files("core/", "capi/", "bindings/")
    for name in files:
        top = name.parts[0]
        for line, path, quoted in includes(name):
            if top == "core":
                check_core(findings, name, line, path, quoted)
            if top == "bindings" and path.startswith(("core/", "capi/src/")):
                findings.add(name, line, f"a binding uses the C API alone: it includes {path}")
            in_platform = name.as_posix().startswith("core/platform/")
            if top != "bindings" and not in_platform and SYSTEM.fullmatch(path):
                findings.add(name, line, f"<{path}> is the system's: only core/platform includes it")
    findings.finish(f"layers of {len(files)} files")


main()
