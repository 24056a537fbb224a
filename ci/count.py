#!/usr/bin/env python3
"""Counts the cases of a ctest run: ci/count.py JUNIT.xml prints 'PASSED FAILED', and to stderr how
many cases were skipped for which reason.

A ctest entry may hold many cases: those that GoogleTest reports, or that the program reports itself
with a line 'N passed, N failed'. An entry without either counts as one.
"""

import collections
import re
import sys
import xml.etree.ElementTree as ElementTree

GTEST = re.compile(r"^\[  (PASSED|FAILED)  \] (\d+) tests?[.,]", re.M)
GTEST_SKIPPED = re.compile(r"Skipped\n(.*)\n(?:\n)?\[  SKIPPED \] \S+ \(\d+ ms\)")
OWN = re.compile(r"^(\d+) passed, (\d+) failed\s*$", re.M)


def cases_of(output):
    """(passed, failed) as an entry's own output has them."""
    own = [(int(passed), int(failed)) for passed, failed in OWN.findall(output)]
    gtest = {"PASSED": 0, "FAILED": 0}
    for kind, number in GTEST.findall(output):
        gtest[kind] += int(number)
    return (
        gtest["PASSED"] + sum(passed for passed, _ in own),
        gtest["FAILED"] + sum(failed for _, failed in own),
    )


def main():
    passed = failed = 0
    reasons = collections.Counter()
    for case in ElementTree.parse(sys.argv[1]).getroot().iter("testcase"):
        output = case.findtext("system-out") or ""
        skipped = GTEST_SKIPPED.findall(output)
        reasons.update(skipped)
        good, bad = cases_of(output)
        status = case.get("status")
        if status == "run":
            passed += max(good, 0 if skipped else 1)
        elif status == "fail":  # A crash reports no failed case, but it is one.
            passed, failed = passed + good, failed + max(bad, 1)
        elif not skipped:
            reasons[f"{case.get('name')} did not run"] += 1
    for reason, count in reasons.items():
        print(f"{count} {'case' if count == 1 else 'cases'}: {reason}", file=sys.stderr)
    print(passed, failed)


main()
