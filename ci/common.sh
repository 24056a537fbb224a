# What ci/setup, ci/demo and ci/test share; sourced by them, from the top of the tree. Everything
# that is fetched or kept between runs stands in .cache/, everything that is built in build/.

cache=$PWD/.cache
logs=$cache/logs
jobs=$(nproc)
export CCACHE_DIR=$cache/ccache
# The folder that a compiler was called in does not matter: all paths are whole.
export CCACHE_NOHASHDIR=1
# The modules of Node, Python and Java have the same engine in them, which the cache then has to be given once.
export CAIRN_ENGINE_BUILD=$PWD/build/engine
export CAIRN_SQLITE_SOURCE=$cache/sqlite
mkdir -p "$logs" "$CCACHE_DIR"

die() {
  echo "$(basename "$0"): $*" >&2
  exit 1
}

# quietly NAME COMMAND...: one line with the time it took; the end of its output only if it fails.
quietly() {
  local name=$1 log start=$EPOCHREALTIME
  log=$logs/$(tr -c 'a-z0-9\n' '-' <<<"${name,,}").log
  shift
  printf '%-46s' "$name"
  if "$@" >"$log" 2>&1; then
    printf '%9s\n' "$(seconds_since "$start")"
  else
    printf '%9s\n' FAILED
    tail -n 60 "$log" >&2
    echo "(all of it: ${log#"$PWD"/})" >&2
    return 1
  fi
}

seconds_since() {
  awk -v from="$1" -v to="$EPOCHREALTIME" 'BEGIN { printf "%.1f s", to - from }'
}

# configure_and_build PRESET [TARGET...]: all targets without any.
configure_and_build() {
  local preset=$1 targets=() options=()
  shift
  [ $# = 0 ] || targets=(--target "$@")
  # What is built for its checks alone is compiled quickly, and with its assertions.
  [ "$preset" = release ] || options=(-DCMAKE_C_FLAGS_RELWITHDEBINFO="-O1 -g1"
    -DCMAKE_CXX_FLAGS_RELWITHDEBINFO="-O1 -g1")
  # The command-line tool has threads only where the engine has.
  case $preset in single | tsan) options+=(-DCAIRN_CLI=OFF) ;; esac
  cmake --preset "$preset" "${options[@]}" -DCMAKE_C_COMPILER_LAUNCHER=ccache \
    -DCMAKE_CXX_COMPILER_LAUNCHER=ccache &&
    cmake --build --preset "$preset" --parallel "$jobs" "${targets[@]}"
}

# The GeoNames cities as NDJSON, in .cache/cities; ci/setup has fetched their package.
make_cities() {
  [ -f "$cache/cities/cities.ndjson" ] || quietly "the cities as NDJSON" node ci/cities.mjs "$cache/cities"
}
