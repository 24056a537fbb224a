#!/usr/bin/env bash
# Builds the Java binding and runs all of its tests; ends with a line "N passed, N failed".
set -uo pipefail
cd "$(dirname "$0")"
log=target/test.log
mkdir -p target
mvn -B test >"$log" 2>&1
status=$?
if [ $status != 0 ]; then
  grep -E 'ERROR|FAILURE' "$log" | head -60
  echo "(all of it: bindings/java/$log)"
fi
passed=$(sed -nE 's/.*Tests run: ([0-9]+), Failures: ([0-9]+), Errors: ([0-9]+), Skipped: ([0-9]+)$/\1 \2 \3 \4/p' "$log" |
  tail -1 | awk '{ print $1 - $2 - $3 - $4 }')
failed=$(sed -nE 's/.*Tests run: ([0-9]+), Failures: ([0-9]+), Errors: ([0-9]+), Skipped: ([0-9]+)$/\1 \2 \3 \4/p' "$log" |
  tail -1 | awk '{ print $2 + $3 + $4 }')
passed=${passed:-0} failed=${failed:-0}
[ $status = 0 ] || [ "$failed" != 0 ] || failed=1

# Every function of the headers is there.
if python3 ../swig/check_complete.py java target/generated/dev/cairn/jni; then
  passed=$((passed + 1))
else
  failed=$((failed + 1))
fi
# The benchmark runs, and both ways give the same rows.
if ./benchmark.sh --quick; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
