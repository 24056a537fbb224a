#!/usr/bin/env bash
# Installs what the Java and the Kotlin binding are built and tested with, where it is missing, on Debian 12: a
# JDK 17, Maven, SWIG and SQLite's amalgamation. Maven fetches what the poms pin. Fast when nothing is missing.
set -euo pipefail
cd "$(dirname "$0")/../.."
. ci/common.sh

packages=()
command -v javac >/dev/null || packages+=(openjdk-17-jdk-headless)
command -v mvn >/dev/null || packages+=(maven)
command -v swig >/dev/null || packages+=(swig)
command -v flatc >/dev/null || packages+=(flatbuffers-compiler)
command -v python3 >/dev/null || packages+=(python3)
command -v nm >/dev/null || packages+=(binutils)
if [ ${#packages[@]} != 0 ]; then
  [ "$(id -u)" = 0 ] || die "packages are missing. Run this as root:
  apt-get update && apt-get install --no-install-recommends ${packages[*]}"
  export DEBIAN_FRONTEND=noninteractive
  quietly "package lists" apt-get update
  quietly "packages for the JVM" apt-get install -y --no-install-recommends "${packages[@]}"
fi
[ -f "$CAIRN_SQLITE_SOURCE/sqlite3.c" ] || quietly "SQLite's source" ci/fetch-sqlite "$CAIRN_SQLITE_SOURCE"
