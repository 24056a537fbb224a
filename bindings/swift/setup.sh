#!/usr/bin/env bash
# Gets Swift 6 for the tests of this binding: the one on PATH where there is one, else that of Debian 13
# in a folder of its own (.cache/swift/root), which needs root, two minutes and 2.7 GB the first time.
# Fast when nothing is missing.
set -euo pipefail
cd "$(dirname "$0")/../.."
. ci/common.sh
. bindings/swift/toolchain.sh

swift_on_path && exit 0
[ -f "$swift_root/.complete" ] && exit 0

hint="Install Swift 6 (swift.org has it for most systems) so that 'swift' is on PATH"
command -v apt-get >/dev/null || die "Swift 6 is missing. $hint."
[ "$(id -u)" = 0 ] || die "Swift 6 is missing. $hint, or run this as root: it takes Debian's."
command -v debootstrap >/dev/null ||
  quietly "debootstrap" apt-get install -y --no-install-recommends debootstrap

# The mirror is the one that this machine has its own packages from.
mirror=$(apt-get indextargets --format '$(SITE) $(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' |
  awk '$2 !~ /security/ { print $2; exit }')
[ -n "$mirror" ] || die "no mirror of Debian is among the sources of apt. $hint."

install_swift() {
  rm -rf "$swift_root"
  mkdir -p "$swift_root"
  debootstrap --variant=minbase trixie "$swift_root" "$mirror"
  # What is fetched is not kept, and the pages of manuals are not unpacked.
  printf 'path-exclude=/usr/share/%s/*\n' doc man locale info >"$swift_root/etc/dpkg/dpkg.cfg.d/small"
  in_swift_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
    swiftlang libc6-dev libstdc++-14-dev libsqlite3-dev libutf8proc3
  in_swift_root apt-get clean
  rm -rf "$swift_root"/var/lib/apt/lists/* "$swift_root"/var/cache/apt/*.bin
  in_swift_root swift --version
  touch "$swift_root/.complete"
}
quietly "Swift 6 from Debian 13" install_swift
