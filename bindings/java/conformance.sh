#!/usr/bin/env bash
# The conformance runner of Java: performs the calls on its standard input, as tests/conformance/RUNNERS.md says.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
if ! command -v java >/dev/null || ! command -v mvn >/dev/null; then
  echo "JDK 17 and Maven: bindings/java/setup.sh installs what is missing"
  exit 77
fi
# What is tested is the tree as it is; where that is built already this takes two seconds.
(cd "$here" && mvn -q -B test-compile </dev/null >&2)
exec java -cp "$here/target/classes:$here/target/test-classes:$(cat "$here/target/classpath")" dev.cairn.Conformance
