#!/usr/bin/env bash
# benchmark.sh [--quick]: hydrates the todo set into data classes, beside JDBC sqlite and kotlinx.serialization.
set -euo pipefail
cd "$(dirname "$0")"
[ -f target/classpath ] || mvn -q -B -f reactor/pom.xml process-test-classes >&2
exec java -Xmx2g -cp "target/classes:target/test-classes:$(cat target/classpath)" \
  dev.cairn.kotlin.benchmarks.HydrateKt "$@"
