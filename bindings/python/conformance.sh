#!/usr/bin/env bash
# The conformance runner of Python; tests/conformance/play.py starts it.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$here/../..
if ! command -v swig >/dev/null || ! command -v "${PYTHON:-python3}" >/dev/null; then
  echo "Python 3.10 or newer and SWIG: bindings/python/setup.sh installs what is missing"
  exit 77
fi
# Standard output is the runner's alone.
"$here/setup.sh" </dev/null >&2
"$here/build.sh" </dev/null >&2
exec "$root/.cache/python/venv/bin/python" "$here/conformance.py"
