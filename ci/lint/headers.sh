#!/bin/sh
# Every public header compiles alone as strict C99, and as C++ for those who include it from there.
cd "$(dirname "$0")/../.." || exit 1
failed=0
for header in capi/include/*.h capi/include/*/*.h; do
  for language in "c -std=c99" "c++ -std=c++20"; do
    # $language is two words on purpose.
    echo "#include \"${header#capi/include/}\"" |
      ${CC:-cc} -x $language -Wall -Wextra -pedantic -Werror -fsyntax-only -Icapi/include - 2>&1 ||
      { echo "$header:1: does not compile alone as ${language%% *}"; failed=1; }
  done
done
[ $failed = 0 ] && echo "public headers as C99 and C++20: none wrong"
exit $failed
