#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The main job of Pollux on one core, beside a shell loop that does the same: fetch 2 KB of JSON from a local nginx, jq, JSON
# Schema, gzip, SHA-256, SigV4, PUT to a local sink, remember it in SQLite, log it. What counts is processor time, of Pollux with its
# jq workers and of the loop with its children; that of nginx and of the sink counts for neither. Several rounds, in turn.
#
#   bench/main_job.sh BUILD_FOLDER [ROUNDS [SECONDS]]
set -euo pipefail
build=$(readlink -f "$1"); rounds=${2:-3}; seconds=${3:-4}
here=$(dirname "$(readlink -f "$0")")/main_job
work=$(mktemp -d); pids=()
clean_up() {
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null && wait "$pid" 2>/dev/null || true; done
  rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

nobody_listens() { ! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

start_nginx() {
  mkdir -p "$work/www" "$work/tmp"
  cp "$here/answer.json" "$work/www/"
  cat >"$work/nginx.conf" <<TEXT
daemon off; master_process off; pid $work/nginx.pid; error_log $work/nginx.log;
events { worker_connections 1024; }
http {
  access_log off; keepalive_requests 1000000000; keepalive_timeout 1h; tcp_nodelay on;
  open_file_cache max=10; types { application/json json; }
  client_body_temp_path $work/tmp; proxy_temp_path $work/tmp; fastcgi_temp_path $work/tmp;
  uwsgi_temp_path $work/tmp; scgi_temp_path $work/tmp;
  server { listen 127.0.0.1:$1; root $work/www; }
}
TEXT
  "$(command -v nginx || echo /usr/sbin/nginx)" -p "$work" -c "$work/nginx.conf" -e "$work/nginx.log" & pids+=($!)
  for _ in $(seq 50); do
    kill -0 "${pids[-1]}" 2>/dev/null || return 1
    nobody_listens "$1" || return 0
    sleep 0.1
  done
  return 1
}

start_peers() {
  for _ in $(seq 20); do
    api=$((20000 + RANDOM % 10000))
    if nobody_listens "$api" && start_nginx "$api"; then break; fi
    api=
  done
  [ -n "$api" ] || { echo "main_job.sh: nginx did not start:" >&2; cat "$work/nginx.log" >&2; exit 1; }
  "$build/bench/bench_sink" >"$work/sink.port" & pids+=($!)
  for _ in $(seq 50); do [ -s "$work/sink.port" ] && break; sleep 0.1; done
  sink=$(cat "$work/sink.port")
}

# $1: the file's name; $2: the keys of a poll that make its variant, as one YAML flow.
write_config() {
  {
    cat <<TEXT
state: ./$1.db
log: { level: info, format: json }
upstreams:
  api: { url: "http://127.0.0.1:$api", auth: { bearer: bench-token-0123456789 }, concurrency: 64 }
stores:
  bucket:
    s3:
      bucket: bench
      region: us-east-1
      endpoint: http://127.0.0.1:$sink
      access_key_id: BENCHACCESSKEY
      secret_access_key: bench-secret-0123456789
polls:
TEXT
    for i in $(seq 64); do
      echo "  poll-$i: { every: 1m, fetch: { from: api, path: /answer.json }, $2, publish: { path: data/poll-$i.json, cache: max-age=30 } }"
    done
  } >"$work/$1.yaml"
}

write_configs() {
  cp "$here"/*.schema.json "$work/"
  local program; program=$(jq -Rs . "$here/summary.jq")  # a JSON text is a YAML scalar too
  program=${program//\$\{/\$\$\{}
  write_config with-jq "transform: { jq: $program }, check: { schema: summary.schema.json }"
  write_config pass-through "check: { schema: answer.schema.json }"
}

run_pollux() { "$build/bench/bench_main_job" "$work/$1.yaml" "$seconds" 2>"$work/$1.json" >/dev/null || { cat "$work/$1.json" >&2; exit 1; }; }

# What a careful shell script does for one endpoint; its check of the answer is only curl's --fail.
shell_once() {
  curl -sS --fail -H "Authorization: Bearer bench-token-0123456789" "http://127.0.0.1:$api/answer.json" |
    jq -c --argjson fetched_at "$(date +%s)" -f "$here/summary.jq" | gzip -6 |
    curl -sS --fail -o /dev/null -X PUT --data-binary @- --aws-sigv4 aws:amz:us-east-1:s3 --user BENCHACCESSKEY:bench-secret-0123456789 \
      -H "Content-Type: application/json" -H "Content-Encoding: gzip" "http://127.0.0.1:$sink/bench/data/poll.json"
}
run_shell() {
  local times TIMEFORMAT="%R %U %S" count=60
  times=$( { time for _ in $(seq "$count"); do shell_once; done; } 2>&1 )
  awk -v n="$count" '{ c = $2 + $3; printf "{\"polls_a_cpu_second\":%.1f,\"polls_a_wall_second\":%.1f,\"us\":%.0f}\n", n / c, n / $1, c / n * 1e6 }' <<<"$times" >"$work/shell.json"
}

row() {  # round, name, the result's file, the shell loop's rate
  jq -r --arg round "$1" --arg name "$2" --argjson shell "$4" '
    def r(n): (. * n | round) / n;
    [$round, $name, (.polls_a_cpu_second | if . > 1000 then round else r(10) end), (.polls_a_wall_second | if . > 1000 then round else r(10) end),
     (.us | round), (.us_io_thread // 0 | round), (.us_workers // 0 | round), (.us_other_threads // 0 | round), (.polls_a_cpu_second / $shell | round)]
    | @tsv' "$3"
}

print_row() { awk -F '\t' '{ printf "%-6s %-13s %12s %12s %9s %10s %11s %11s %8s\n", $1, $2, $3, $4, $5, $6, $7, $8, $9; fflush() }'; }
median() { jq -s 'map(.polls_a_cpu_second) | sort | .[length / 2 | floor]' "$work/$1.all"; }

measure_round() {
  run_shell
  local rate name; rate=$(jq .polls_a_cpu_second "$work/shell.json")
  row "$1" "shell loop" "$work/shell.json" "$rate"
  cat "$work/shell.json" >>"$work/shell.all"
  for name in with-jq pass-through; do
    run_pollux "$name"
    jq -e '.runs > 0 and .published == .runs' "$work/$name.json" >/dev/null ||
      { echo "main_job.sh: not every run of $name published:" >&2; cat "$work/$name.json" >&2; exit 1; }
    row "$1" "$name" "$work/$name.json" "$rate"
    cat "$work/$name.json" >>"$work/$name.all"
  done
}

start_peers
write_configs
echo "2 KB of JSON: fetch, jq, schema, gzip, SHA-256, SigV4, PUT, SQLite, log; 64 polls, 32 at once; CPU time, $rounds rounds"
printf 'round\twhat\tpolls/cpu-s\tpolls/wall-s\tus/poll\tio thread\tjq workers\tstate+pool\tx shell\n' | print_row
for round in $(seq "$rounds"); do measure_round "$round" | print_row; done
shell=$(median shell)
for name in with-jq pass-through; do
  awk -v name="$name" -v rate="$(median "$name")" -v shell="$shell" \
    'BEGIN { printf "median: %s %d polls a second and core, %.0f times the shell loop (%.1f)\n", name, rate, rate / shell, shell }'
done
