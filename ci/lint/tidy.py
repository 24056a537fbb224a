#!/usr/bin/env python3
"""clang-tidy, with .clang-tidy, over core/ and capi/ as the release build compiles them.

The release build is a unity build, so what is looked at are files that include eight of ours each: the
headers of eight are read once. One whose preprocessed text was clean before under the same rules is
not looked at again: stamps of clean ones are kept in .cache/tidy. Arguments are the build folder
(build/release by default).
"""

import concurrent.futures
import hashlib
import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

from common import ROOT, Findings

STAMPS = ROOT / ".cache/tidy"
FINDING = re.compile(r"^(/[^:]+):(\d+):\d+: (?:warning|error): (.*)$")


def fingerprint(entry, rules):
    """A hash of what the compiler sees of a file, and of the rules."""
    words = shlex.split(entry["command"])
    if Path(words[0]).name == "ccache":
        words = words[1:]
    output = words.index("-o")
    words = words[:output] + words[output + 2 :] + ["-E"]
    done = subprocess.run(words, cwd=entry["directory"], capture_output=True, check=False)
    return hashlib.sha256(rules + entry["file"].encode() + done.stdout).hexdigest()


def tidy(entry, build, rules):
    """The findings in one file; none if nothing has changed since it was clean."""
    stamp = STAMPS / fingerprint(entry, rules)
    if stamp.exists():
        return []
    # The build's compiler is GCC, some of whose warnings clang does not know.
    options = ["--extra-arg=-Wno-unknown-warning-option", "--checks=-bugprone-suspicious-include"]
    command = ["clang-tidy", "-p", str(build), "--quiet", *options, entry["file"]]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    found = [match.groups() for line in done.stdout.splitlines() if (match := FINDING.match(line))]
    if done.returncode != 0 and not found:
        errors = [line for line in done.stdout.splitlines() if "error" in line]
        found = [(entry["file"], 1, errors[0] if errors else done.stderr.strip()[-400:])]
    if not found:
        stamp.touch()
    return found


def main():
    build = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "build/release"
    entries = json.loads((build / "compile_commands.json").read_text())
    folders = [root / part for root in (ROOT, build.resolve()) for part in ("core", "capi")]
    ours = tuple(f"{folder}/" for folder in folders)
    entries = {entry["file"]: entry for entry in entries if entry["file"].startswith(ours)}
    rules = (ROOT / ".clang-tidy").read_bytes()
    STAMPS.mkdir(parents=True, exist_ok=True)
    found = set()
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for result in pool.map(lambda entry: tidy(entry, build, rules), entries.values()):
            found.update(result)
    findings = Findings()
    for name, line, message in found:
        path = Path(name)
        findings.add(path.relative_to(ROOT) if path.is_relative_to(ROOT) else path, int(line), message)
    if not entries:
        findings.add(build.name, 1, "no file of core/ or capi/ is built here")
    findings.finish(f"clang-tidy over {len(entries)} files")


main()
