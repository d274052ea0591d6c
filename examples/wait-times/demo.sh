#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What `./dev demo` runs: the sample API, Pollux on this example, and a page that shows the wait times and follows them.
#   demo.sh BUILD_DIR [--s3] [--once]
# --s3: into a bucket of a real S3 server (radosgw) in place of a directory. --once: one round; prints the published object.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
build=$(readlink -f "$1"); shift
s3=false once=false
for word in "$@"; do
  case "$word" in
    --s3) s3=true ;;
    --once) once=true ;;
    *) echo "demo: there is no $word; there are --s3 and --once" >&2; exit 2 ;;
  esac
done

# A folder of this run's own: two demos side by side do not meet.
work=$(mktemp -d "${TMPDIR:-/tmp}/pollux-demo-XXXXXX")
pids=()
finish() {
  local pid
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  for pid in "${pids[@]}"; do wait "$pid" 2>/dev/null || true; done
  rm -rf "$work"
}
trap finish EXIT
trap 'exit 0' INT TERM

give_up() { echo "demo: $1" >&2; [ ! -f "${2:-}" ] || tail -n 20 "$2" >&2; exit 1; }

# Waits until a line of file $1 matches $2, while process $3 lives.
wait_for() {
  local i
  for i in $(seq 600); do
    ! grep -qE "$2" "$1" 2>/dev/null || return 0
    kill -0 "$3" 2>/dev/null || return 1
    sleep 0.1
  done
  return 1
}

free_port() {
  local port=$1
  while (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do port=$((port + 1)); done
  echo "$port"
}

# Each --once round is the same; a demo for people has numbers that move.
fixed=(); ! $once || fixed=(--fixed)
"$build/sample-api" --port 9000 --page "$here/page" "${fixed[@]}" >"$work/sample-api.log" 2>&1 &
pids+=($!)
wait_for "$work/sample-api.log" '^listening on ' $! || give_up "the sample API did not start" "$work/sample-api.log"
api=http://$(sed -n 's/^listening on //p' "$work/sample-api.log")
console_port=$(free_port 8080)
export CALL_CENTER_API=$api CALL_CENTER_LOGIN=$api POLL_EVERY=5s LISTEN=127.0.0.1:$console_port

cp "$here"/*.yaml "$here"/*.json "$work/"
config=$work/pollux.yaml
data=http://127.0.0.1:$console_port/public/1.0/waittime.json
if $s3; then
  "$build/radosgw-for-demo" >"$work/s3.env" 2>"$work/s3.log" &
  pids+=($!)
  wait_for "$work/s3.env" '^S3_SECRET_ACCESS_KEY=' $! || give_up "the S3 server did not start" "$work/s3.log"
  set -a; . "$work/s3.env"; set +a
  export AWS_ACCESS_KEY_ID=$S3_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY=$S3_SECRET_ACCESS_KEY AWS_REGION=$S3_REGION
  config=$work/pollux-s3.yaml
  data=$S3_ENDPOINT/$S3_BUCKET/1.0/waittime.json
fi

if $once; then
  "$build/pollux" once -c "$config" >&2 || give_up "the poll did not publish"
  if $s3; then curl -fsS --compressed "$data"; else cat "$work/public/1.0/waittime.json"; fi
  echo
  exit 0
fi

"$build/pollux" run -c "$config" >"$work/pollux.log" 2>&1 &
pids+=($!); pollux=$!
wait_for "$work/pollux.log" 'published' $pollux || give_up "Pollux published nothing" "$work/pollux.log"
cat <<TEXT

  the page       $api/page/?every=5&data=$data
  the object     $data
  the console    http://127.0.0.1:$console_port/
  the log        $work/pollux.log

  Make the contact centre answer with an error page, and see that nothing public changes:
    curl -X PUT $api/_fault -d '{"match": "/call/", "fault": "html"}'      and back: curl -X DELETE $api/_fault

  Ctrl-C ends it.
TEXT
wait $pollux
