#!/usr/bin/env bash
# Builds the Kotlin binding and runs all of its tests; ends with a line "N passed, N failed".
set -uo pipefail
cd "$(dirname "$0")"
log=target/test.log
mkdir -p target
# The Java binding's own tests are run by its test.sh.
mvn -B -f reactor/pom.xml test -Dtest='dev.cairn.kotlin.*Test' -Dsurefire.failIfNoSpecifiedTests=false >"$log" 2>&1
status=$?
if [ $status != 0 ]; then
  grep -E 'ERROR|FAILURE' "$log" | head -60
  echo "(all of it: bindings/kotlin/$log)"
fi
counts=$(sed -nE 's/.*Tests run: ([0-9]+), Failures: ([0-9]+), Errors: ([0-9]+), Skipped: ([0-9]+)$/\1 \2 \3 \4/p' "$log" | tail -1)
passed=$(awk '{ print $1 - $2 - $3 - $4 }' <<<"${counts:-0 0 0 0}")
failed=$(awk '{ print $2 + $3 + $4 }' <<<"${counts:-0 0 0 0}")
[ $status = 0 ] && [ -n "$counts" ] || [ "$failed" != 0 ] || failed=1

# The benchmark runs, and both ways give the same rows.
if ./benchmark.sh --quick; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
