#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What it costs to load a file that makes many polls: `pollux check` of 13,974 polls from two files by `for_each`, and of 10,000
polls that are written out, against Python, which reads the same files with json and PyYAML's C parser (where it is installed) and
makes nothing of them. Processor time and the most memory, of each the median of several rounds.

    bench/many_polls.py BUILD_FOLDER [ROUNDS]
"""
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

EACH = """upstreams: { api: { url: "http://127.0.0.1:1" } }
polls:
  p${each:agency.id}-${each:report.name}:
    for_each:
      agency: { file: agencies.json }
      report: { file: reports.json, at: .reports }
    every: 1d
    fetch:
      from: api
      path: /v1beta/properties/${each:agency.id}/runReport
      json: { name: "${each:report.name}", query: "${each:report.query}" }
    transform:
      jq: "{name: $vars.report.name, rows: [.rows[] | {n: .metricValues[0].value}]}"
    publish: { path: "data/${each:agency.id}/${each:report.name}.json" }
"""

LITERAL = """  poll-{i}:
    every: 5m
    fetch:
      from: api
      path: /v1beta/properties/{i}/runReport
      headers: {{ X-Request: "poll-{i}" }}
      query: {{ day: "${{date:yesterday}}", page: 1, size: 100 }}
      json:
        dimensions: [{{ name: yearMonth }}, {{ name: screenResolution }}]
        metrics: [{{ name: activeUsers }}]
        dateRanges: [{{ startDate: 30daysAgo, endDate: yesterday }}]
    transform:
      jq: |
        def total: map(.n) | add;
        {{ name: $poll, rows: [ .rows[] | {{ name: .dimensionValues[0].value, n: (.metricValues[0].value | tonumber) }} ],
          fetched: $fetched_at }} | . + {{ total: (.rows | total) }}
    check: {{ stale_after: 1h }}
    publish: {{ path: data/live/{i}.json, cache: "max-age=30" }}
"""

PEER = """
import json, sys
for name in sys.argv[1:]:
    with open(name) as file:
        if name.endswith(".json"):
            json.load(file)
        else:
            import yaml
            yaml.load(file, Loader=yaml.CSafeLoader)
"""


def write_files(folder: pathlib.Path) -> None:
    agencies = [{"id": str(395450000 + i), "name": f"agency-{i}"} for i in range(102)]
    reports = [{"name": f"report-{i}",
                "query": {"dimensions": [{"name": "yearMonth"}], "metrics": [{"name": "activeUsers"}], "filter": "f" * 350},
                "meta": {"name": f"Report {i}", "description": "d" * 100}} for i in range(137)]
    (folder / "each").mkdir()
    (folder / "each/agencies.json").write_text(json.dumps(agencies, indent=2))
    (folder / "each/reports.json").write_text(json.dumps({"reports": reports}, indent=2))
    (folder / "each/pollux.yaml").write_text(EACH)
    (folder / "literal").mkdir()
    polls = "".join(LITERAL.format(i=i) for i in range(10_000))
    (folder / "literal/pollux.yaml").write_text('upstreams: { api: { url: "http://127.0.0.1:1" } }\npolls:\n' + polls)


def cost(command: list[str]) -> tuple[float, float]:
    """Processor seconds and MB of one process without its children."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"{' '.join(command)} ended with {process.returncode}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1000


def median(command: list[str], rounds: int) -> tuple[float, float]:
    seconds, memory = zip(*(cost(command) for _ in range(rounds)))
    return statistics.median(seconds), statistics.median(memory)


def main() -> int:
    build = pathlib.Path(sys.argv[1]).resolve()
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    have_yaml = subprocess.run([sys.executable, "-c", "import yaml; yaml.CSafeLoader"], stderr=subprocess.DEVNULL).returncode == 0
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        write_files(folder)
        for what, count, inputs in (("each", 13_974, ["agencies.json", "reports.json"]), ("literal", 10_000, ["pollux.yaml"])):
            config = folder / what / "pollux.yaml"
            seconds, memory = median([str(build / "pollux"), "check", "-c", str(config)], rounds)
            line = f"{what}: {count} polls in {seconds:.2f} s of processor time, {memory:.0f} MB"
            if what == "literal" and not have_yaml:
                print(line + "; no peer: python3-yaml is not installed")
                continue
            peer, peer_memory = median([sys.executable, "-c", PEER, *(str(folder / what / one) for one in inputs)], rounds)
            print(line + f"; Python only parses the files in {peer:.2f} s, {peer_memory:.0f} MB: {seconds / peer:.1f} times that")
    return 0


if __name__ == "__main__":
    sys.exit(main())
