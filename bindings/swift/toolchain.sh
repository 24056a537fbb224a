# Where Swift is, for the scripts of this folder; sourced by them after ci/common.sh, from the top of the
# tree. `swift_run COMMAND...` runs a command that finds Swift 6: as it is where Swift is on PATH, else
# inside the root folder that setup.sh has made, where the tree stands at the same path.

swift_root=$cache/swift/root

swift_on_path() {
  command -v swift >/dev/null && swift --version 2>/dev/null | grep -Eq 'Swift version ([6-9]|[1-9][0-9])'
}

# What is mounted for a command is in its own mount namespace and goes when it ends.
in_swift_root() {
  local root tree=$PWD
  root=$(realpath "$swift_root")
  unshare --mount --propagation private bash -c '
    root=$1 tree=$2
    shift 2
    mount -t proc proc "$root/proc"
    mount --rbind /dev "$root/dev"
    mount --bind /tmp "$root/tmp"
    mkdir -p "$root$tree"
    mount --bind "$tree" "$root$tree"
    exec chroot "$root" /usr/bin/env -C "$tree" HOME=/root LC_ALL=C.UTF-8 \
      PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@"' \
    in_swift_root "$root" "$tree" "$@"
}

swift_run() {
  if swift_on_path; then "$@"; else in_swift_root "$@"; fi
}
