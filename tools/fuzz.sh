#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds the fuzzers (clang, libFuzzer, ASan, UBSan) and runs each for $1 seconds from its committed corpus. New inputs stay in
# build/fuzz/found/, a crash ends it with the input's path.
set -euo pipefail
seconds=$1
dir=build/fuzz
[ -f "$dir/build.ninja" ] || cmake -B "$dir" -G Ninja -DCMAKE_CXX_COMPILER=clang++-19 -DPOLLUX_FUZZ=ON \
  -DPOLLUX_SANITIZE=address,undefined -DCMAKE_BUILD_TYPE=RelWithDebInfo >/dev/null
targets=$(sed -n 's/^add_fuzz_target(\([a-z0-9_]*\) .*/\1/p' fuzz/CMakeLists.txt)
for target in $targets; do ninja -C "$dir" "fuzz_$target" >/dev/null; done
for target in $targets; do
  mkdir -p "$dir/found/$target"
  echo "fuzzing $target for $seconds s"
  "$dir/fuzz/fuzz_$target" -max_total_time="$seconds" -print_final_stats=1 -artifact_prefix="$dir/found/$target-" \
    "$dir/found/$target" "fuzz/corpus/$target" 2>"$dir/found/$target.log" || { tail -n 30 "$dir/found/$target.log"; exit 1; }
  grep 'number_of_executed_units' "$dir/found/$target.log"
done
