#!/usr/bin/env bash
# The conformance corpus in Python; see tests/conformance/README.md:
#   conformance.sh scenarios [FILE.json...] | write FILE.db | read FILE.db...
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$here/../..
if ! command -v swig >/dev/null || ! command -v "${PYTHON:-python3}" >/dev/null; then
  echo "Python 3.10 or newer and SWIG: bindings/python/setup.sh installs what is missing"
  exit 77
fi
# Both are silent where there is nothing to do, and no line of theirs is for the matrix.
"$here/setup.sh" >&2
"$here/build.sh" >&2
exec "$root/.cache/python/venv/bin/python" "$here/conformance.py" "$@"
