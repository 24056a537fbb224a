#!/usr/bin/env bash
# Runs every test of the Python package; arguments go on to pytest. The last line counts them.
set -euo pipefail
cd "$(dirname "$0")/../.."
. ci/common.sh

bindings/python/setup.sh
bindings/python/build.sh
exec "$cache/python/venv/bin/python" -m pytest -c bindings/python/pyproject.toml bindings/python/tests "$@"
