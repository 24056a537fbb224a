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
    root=$1 tree=$2 swift_native=$3
    shift 3
    mount -t proc proc "$root/proc"
    mount --rbind /dev "$root/dev"
    mount --bind /tmp "$root/tmp"
    mkdir -p "$root$tree"
    mount --bind "$tree" "$root$tree"
    exec chroot "$root" /usr/bin/env -C "$tree" HOME=/root LC_ALL=C.UTF-8 \
      PKG_CONFIG_PATH="$PKG_CONFIG_PATH" LD_LIBRARY_PATH="$swift_native/lib" \
      PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@"' \
    in_swift_root "$root" "$tree" "$swift_native" "$@"
}

swift_run() {
  if swift_on_path; then "$@"; else in_swift_root "$@"; fi
}

swift_native=$PWD/build/swift/native
export PKG_CONFIG_PATH=$swift_native/lib/pkgconfig${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}

# Puts headers, library and cairn.pc of the release build where SwiftPM finds them. The root folder is of
# another release of the system, so what it may have in another version comes with the library.
make_swift_native() {
  mkdir -p "$swift_native/lib/pkgconfig"
  cp -R capi/include "$swift_native/"
  # A program that runs has the file that was there.
  cp -P --remove-destination build/release/lib/libcairn.so* "$swift_native/lib/"
  # SwiftPM would look for what the static library alone needs.
  grep -v private build/release/capi/package/cairn.pc >"$swift_native/lib/pkgconfig/cairn.pc"
  local needed
  needed=$(ldd build/release/lib/libcairn.so | awk '/libutf8proc/ { print $3 }')
  [ -z "$needed" ] || cp -L --remove-destination "$needed" "$swift_native/lib/"
}

swift_build_options=(--package-path bindings/swift --scratch-path build/swift/package
  --disable-sandbox -Xlinker -rpath -Xlinker "$swift_native/lib")

swift_is_there() { swift_on_path || [ -f "$swift_root/.complete" ]; }

# The library as it is, and this package for its tests.
build_for_swift() {
  [ -f build/release/lib/libcairn.so ] || quietly "build release" configure_and_build release cairn_shared
  make_swift_native
  quietly "Swift package" swift_run swift build --build-tests "${swift_build_options[@]}"
}
