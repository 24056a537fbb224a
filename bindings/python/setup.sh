#!/usr/bin/env bash
# Installs what building and testing the Python package needs: SWIG and Python's own headers (as root, on
# Debian), SQLite's source, and a virtual environment in .cache/python. Fast when nothing is missing.
set -euo pipefail
cd "$(dirname "$0")/../.."
. ci/common.sh

python=${PYTHON:-python3}
packages=()
command -v swig >/dev/null || packages+=(swig)
command -v "$python" >/dev/null || packages+=(python3)
have() { "$python" -c "$1" >/dev/null 2>&1; }
have 'import venv, ensurepip' || packages+=(python3-venv)
have 'import os, sysconfig; os.stat(sysconfig.get_path("include") + "/Python.h")' || packages+=(python3-dev)
if [ ${#packages[@]} != 0 ]; then
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null ||
    die "these are missing: ${packages[*]}. As root: apt-get install --no-install-recommends ${packages[*]}"
  export DEBIAN_FRONTEND=noninteractive
  quietly "package lists" apt-get update
  quietly "packages for Python" apt-get install -y --no-install-recommends "${packages[@]}"
fi
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 10))' || die "Python 3.10 or later is needed"

venv=$cache/python/venv
if ! cmp -s bindings/python/requirements.txt "$venv/.installed"; then
  quietly "Python's environment" "$python" -m venv --clear "$venv"
  quietly "packages of PyPI" "$venv/bin/pip" install --disable-pip-version-check \
    -r bindings/python/requirements.txt
  cp bindings/python/requirements.txt "$venv/.installed"
fi
[ -f "$CAIRN_SQLITE_SOURCE/sqlite3.c" ] || quietly "SQLite's source" ci/fetch-sqlite "$CAIRN_SQLITE_SOURCE"
