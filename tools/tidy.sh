#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# clang-tidy over every source of the build folder $1, two at a time; a file that has not changed since it was last found good is
# not looked at again (its stamp is a hash of what the compiler would see).
set -euo pipefail
dir=$1
stamps=$dir/tidy; mkdir -p "$stamps"
tidy_one() {
  local file=$1 stamp
  stamp=$3/$(cat .clang-tidy "$file" $(git ls-files 'src/*.hpp' 'apps/*.hpp' 'tests/*.hpp') | sha256sum | cut -c1-32)-$(basename "$file")
  [ ! -f "$stamp" ] || return 0
  clang-tidy-19 -p "$2" --quiet --extra-arg=-Wno-unknown-warning-option --extra-arg=-Wno-unused-command-line-argument --extra-arg=-Wno-deprecated-declarations "$file" 2>/dev/null || { echo "clang-tidy: $file" >&2; return 1; }
  touch "$stamp"
}
export -f tidy_one
python3 - "$dir" <<'PY' | xargs -P 2 -I{} bash -c 'tidy_one {} '"$dir $stamps"
import json, os, sys
root = os.getcwd()
for entry in json.load(open(os.path.join(sys.argv[1], "compile_commands.json"))):
    name = os.path.relpath(entry["file"], root)
    if not name.startswith(("..", "build")) and not name.endswith("_test.cpp") and "asio_impl" not in name:
        print(name)
PY
echo "clang-tidy: good"
