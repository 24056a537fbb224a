#!/usr/bin/env bash
# Builds the Swift package over the release build of the library, and runs all of its tests: those of
# swift-testing, the README's example, and the benchmark once over few rows. Ends with 'N passed, N failed'.
set -euo pipefail
cd "$(dirname "$0")/../.."
. ci/common.sh
. bindings/swift/toolchain.sh

bindings/swift/setup.sh
build_for_swift
log=$logs/swift-tests.log
passed=0 failed=0

# check NAME COMMAND...: one more that passed or failed.
check() {
  if quietly "$@"; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
}

swift_run swift test --skip-build --disable-xctest "${swift_build_options[@]}" >"$log" 2>&1 || true
grep -E '^✘' "$log" | cut -c1-400 || true
grep -q 'Test run with' "$log" || tail -n 60 "$log"
passed=$((passed + $(grep -cE '^✔ Test .* passed after' "$log" || true)))
failed=$((failed + $(grep -cE '^✘ Test .* failed after' "$log" || true)))
# The line of the run itself is one of them.
if grep -qE '^✔ Test run with' "$log"; then passed=$((passed - 1)); else failed=$((failed + 1)); fi

run_example() {
  local folder
  folder=$(mktemp -d)
  swift_run build/swift/package/debug/Example "$folder/todos.cairn" >"$folder/output.txt"
  diff "$folder/output.txt" bindings/swift/Example/output.txt
  rm -r "$folder"
}
check "Swift: the README's example" run_example

run_benchmark() {
  swift_run swift build -c release --product Hydrate "${swift_build_options[@]}"
  swift_run build/swift/package/release/Hydrate --quick
}
check "Swift: the benchmark runs" run_benchmark

echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" -gt 2 ]
