#!/usr/bin/env bash
# conformance.sh scenarios [FILE.json...] | write FILE.db | read FILE.db...: runs the conformance corpus;
# tests/conformance/README.md says what each mode does.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
corpus=${CAIRN_CORPUS:-$here/../../tests/conformance}
[ -f "$here/target/classpath" ] || mvn -q -B -f "$here/reactor/pom.xml" process-test-classes >&2
exec java -cp "$here/target/classes:$here/target/test-classes:$(cat "$here/target/classpath")" \
  dev.cairn.kotlin.ConformanceKt "$corpus" "$@"
