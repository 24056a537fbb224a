#!/usr/bin/env bash
# Runs the conformance runner in Swift: calls on standard input, answers on standard output, as
# tests/conformance/RUNNERS.md says. Exits with 77 where Swift is not there.
set -euo pipefail
cd "$(dirname "$0")/../.."
. ci/common.sh
. bindings/swift/toolchain.sh

swift_is_there || {
  echo "Swift 6 is missing: run bindings/swift/setup.sh, or put swift on PATH"
  exit 77
}
build_for_swift </dev/null >&2
swift_run build/swift/package/debug/Conformance
