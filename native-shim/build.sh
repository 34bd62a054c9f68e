#!/bin/sh
# Compiles the shim into the file named by the first argument. CC and CFLAGS are honoured.
set -eu
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
output=$1
compiler=${CC:-cc}

if ! command -v "${compiler%% *}" >/dev/null 2>&1; then
  echo "native-shim/build.sh : error PERFRING0001: no C compiler ('$compiler'): install one (Debian, Ubuntu: apt-get install gcc libc6-dev; Fedora: dnf install gcc; Alpine: apk add gcc musl-dev linux-headers) or set CC" >&2
  exit 1
fi

mkdir -p "$(dirname -- "$output")"
partial="$output.$$"
trap 'rm -f "$partial"' EXIT
# shellcheck disable=SC2086 # CC and CFLAGS are lists of words
$compiler -std=c11 -O2 -g -fPIC -shared -pthread -fvisibility=hidden \
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror \
  -Wl,--version-script="$here/perfring_shim.map" -Wl,-soname,libperfring_shim.so -Wl,-z,now,-z,relro,-z,defs \
  ${CFLAGS:-} -I"$here/include" -o "$partial" "$here"/src/*.c
mv -f "$partial" "$output"
