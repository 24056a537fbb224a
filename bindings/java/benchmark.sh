#!/usr/bin/env bash
# benchmark.sh [--quick]: hydrates the todo set into records, beside JDBC sqlite and Jackson.
set -euo pipefail
cd "$(dirname "$0")"
[ -f target/classpath ] && [ -d target/test-classes ] || mvn -q -B test-compile
exec java -Xmx2g -cp "target/classes:target/test-classes:$(cat target/classpath)" dev.cairn.benchmarks.Hydrate "$@"
