#!/usr/bin/env bash
# build.sh CODE LIBRARY SCRATCH: generates the Java of the binding into CODE, builds libcairn_java into
# LIBRARY/natives/<os>-<arch>, with CMake's files in SCRATCH. Maven runs it with JAVA_HOME set. It
# needs CMake 3.25, a compiler for C++20, swig, flatc 2.0.8, and SQLite's amalgamation, which
# ci/fetch-sqlite puts into .cache/sqlite where CAIRN_SQLITE_SOURCE names no folder.
set -euo pipefail
code=$1 library=$2 scratch=$3
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
sqlite=${CAIRN_SQLITE_SOURCE:-$root/.cache/sqlite}
[ -f "$sqlite/sqlite3.c" ] || (cd "$root" && ci/fetch-sqlite "$sqlite")
case $(uname -s) in Darwin) os=macos ;; *) os=linux ;; esac
case $(uname -m) in x86_64 | amd64) arch=x86_64 ;; aarch64 | arm64) arch=aarch64 ;; *) arch=$(uname -m) ;; esac

options=(-DCAIRN_SQLITE_SOURCE="$sqlite" -DCAIRN_JAVA_HOME="$JAVA_HOME" -DCAIRN_JAVA_CODE="$code"
  -DCAIRN_JAVA_LIBRARY="$library/natives/$os-$arch")
[ -f "$scratch/CMakeCache.txt" ] || ! command -v ninja >/dev/null || options+=(-G Ninja)
if command -v ccache >/dev/null; then
  export CCACHE_DIR=${CCACHE_DIR:-$root/.cache/ccache} CCACHE_NOHASHDIR=1
  options+=(-DCMAKE_C_COMPILER_LAUNCHER=ccache -DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
fi
cmake -S "$here" -B "$scratch" "${options[@]}" >/dev/null
cmake --build "$scratch" --target cairn_java --parallel "${CAIRN_JOBS:-2}"
