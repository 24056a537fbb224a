# schema_hash.sh OUT SCHEMA...: the hash of the schemas as schemas/CMakeLists.txt makes it, in Swift.
set -e
out=$1
shift
if command -v sha256sum >/dev/null; then sum=sha256sum; else sum="shasum -a 256"; fi
hash=$(cat "$@" | $sum | cut -c1-16)
printf '// Made by schema_hash.sh.\nlet schemaHash: UInt64 = 0x%s\n' "$hash" >"$out"
