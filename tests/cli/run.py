"""Runs the tests of the command-line tool: run.py PATH_OF_CAIRN [NAME...]. Every test starts the
real binary on files of its own, and looks at what it prints and at its exit code."""

import importlib
import pathlib
import sys
import unittest

import harness

MODULES = ["test_compare", "test_errors", "test_files", "test_import", "test_import_errors",
           "test_index", "test_output", "test_query", "test_read", "test_salvage",
           "test_watch"]


def select(suite, names):
    """The tests whose id contains one of the names; all without names."""
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            yield from select(test, names)
        elif not names or any(name in test.id() for name in names):
            yield test


def main():
    if len(sys.argv) < 2:
        sys.exit("usage: run.py PATH_OF_CAIRN [NAME...]")
    harness.set_binary(pathlib.Path(sys.argv[1]))
    loader = unittest.defaultTestLoader
    loaded = [loader.loadTestsFromModule(importlib.import_module(name)) for name in MODULES]
    tests = unittest.TestSuite(select(loaded, sys.argv[2:]))
    result = unittest.TextTestRunner(stream=sys.stdout, verbosity=2).run(tests)
    failed = len(result.failures) + len(result.errors)
    skipped = len(result.skipped)
    passed = result.testsRun - failed - skipped
    print(f"{harness.runs()} runs of the tool, {skipped} tests skipped")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or passed == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
