#!/usr/bin/env bash
# Builds the wheel of the package cairn, and installs it into the environment of setup.sh, where something
# has changed since the last time. The wheel is in .cache/python/wheel.
set -euo pipefail
cd "$(dirname "$0")/../.."
. ci/common.sh

folder=$cache/python
stamp=$folder/venv/.built
exec 9>"$folder/.lock" # one build at a time
flock 9
sources=(bindings/python/{CMakeLists.txt,pyproject.toml,generate.py,native.pyi,native,src} bindings/swig
  schemas core capi CMakeLists.txt)
if [ -f "$stamp" ] && [ -z "$(find "${sources[@]}" -newer "$stamp" -not -name '*.pyc' -print -quit)" ]; then
  exit
fi
export CMAKE_C_COMPILER_LAUNCHER CMAKE_CXX_COMPILER_LAUNCHER CMAKE_GENERATOR=Ninja
CMAKE_C_COMPILER_LAUNCHER=$(command -v ccache || true)
CMAKE_CXX_COMPILER_LAUNCHER=$CMAKE_C_COMPILER_LAUNCHER
export CMAKE_BUILD_PARALLEL_LEVEL=$jobs
rm -rf "$folder/wheel"
touch "$folder/.started"
quietly "the wheel of Python" "$folder/venv/bin/pip" wheel --disable-pip-version-check --no-deps \
  --no-build-isolation --wheel-dir "$folder/wheel" -Cbuild-dir="$folder/build" \
  -Ccmake.define.CAIRN_SQLITE_SOURCE="$CAIRN_SQLITE_SOURCE" bindings/python
quietly "installing it" "$folder/venv/bin/pip" install --disable-pip-version-check --no-deps \
  --force-reinstall "$folder"/wheel/*.whl
mv "$folder/.started" "$stamp" # with the time of the start: what has changed since is built the next time
