#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`pollux egress` beside other forward proxies of Debian: what a CONNECT tunnel, a GB of bulk, a plain request and an idle tunnel cost
each. All run at once and are measured in turn, several rounds, of each figure the median. What counts is the processor time of a proxy
with its children; that of the load and of the sink counts for nobody, and wall time says little on a machine that does other things.

    bench/egress.py BUILD_FOLDER [ROUNDS]
"""
import json
import os
import pathlib
import resource
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "egress"))
from proxies import Proxy, all_proxies, limit_of_files  # noqa: E402

GB = 1e9
AIMS = {"cpu_tunnel": 0.6, "cpu_gb": 0.4}
MOST_PER_IDLE_TUNNEL = 8  # KB
ROWS = [  # key, title, digits, whether the smaller is the better
    ("tunnels", "CONNECT tunnels a second", 0, False),
    ("cpu_tunnel", "CPU us a tunnel", 1, True),
    ("bulk", "bulk, MB a second", 0, False),
    ("cpu_gb", "bulk, CPU s a GB", 3, True),
    ("kept", "requests a second in kept tunnels", 0, False),
    ("cpu_kept", "CPU us a request in a tunnel", 1, True),
    ("requests", "plain requests a second, kept", 0, False),
    ("cpu_request", "CPU us a plain request", 1, True),
    ("idle", "idle tunnels held", 0, False),
    ("idle_kb", "RSS KB an idle tunnel", 2, True),
    ("growth", "RSS MB more the third time", 1, True),
]


def family(root: int) -> list[int]:
    """The process and its children, theirs too."""
    parents: dict[int, list[int]] = {}
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except (OSError, IndexError):
                continue
            parents.setdefault(parent, []).append(int(entry.name))
    out = [root]
    for pid in out:
        out += parents.get(pid, [])
    return out


def cpu_seconds(root: int) -> float:
    total = 0.0
    for pid in family(root):
        try:
            total += time.clock_gettime((~pid << 3) | 2)  # the process's own clock (clock_getcpuclockid), threads that ended too
        except OSError:
            pass
    return total


def rss_kb(root: int) -> float:
    total = 0
    for pid in family(root):
        try:
            total += int(pathlib.Path(f"/proc/{pid}/statm").read_text().split()[1])
        except OSError:
            pass
    return total * resource.getpagesize() / 1024


class Bench:
    def __init__(self, build: pathlib.Path, folder: pathlib.Path):
        self.load = str(build / "bench/bench_egress_load")
        self.sink = subprocess.Popen([str(build / "bench/bench_egress_sink")], stdout=subprocess.PIPE, text=True)
        self.port = int(self.sink.stdout.readline())
        self.proxies, self.missing = all_proxies(folder, build, self.port)
        self.figures: dict[str, dict[str, list[float]]] = {proxy.name: {} for proxy in self.proxies}

    def stop(self) -> None:
        for proxy in self.proxies:
            proxy.stop()
        self.sink.terminate()
        self.sink.wait()

    def command(self, proxy: Proxy, what: str, **options: float) -> list[str]:
        out = [self.load, what, "--proxy", str(proxy.port), "--sink", str(self.port)]
        if proxy.direct:
            out.append("--direct")
        if proxy.authorization:
            out += ["--authorization", proxy.authorization]
        for name, value in options.items():
            out += [f"--{name.replace('_', '-')}", str(value)]
        return out

    def run(self, proxy: Proxy, what: str, **options: float) -> tuple[dict, float]:
        before = cpu_seconds(proxy.process.pid)
        out = subprocess.run(self.command(proxy, what, **options), stdout=subprocess.PIPE, text=True, check=True, timeout=60)
        result = json.loads(out.stdout)
        if result["failed"]:
            print(f"egress.py: {proxy.name}: {result['failed']} of {what} failed", file=sys.stderr)
        # What it still has to do for the last ones belongs to it.
        time.sleep(0.05)
        return result, cpu_seconds(proxy.process.pid) - before

    def add(self, proxy: Proxy, key: str, value: float) -> None:
        self.figures[proxy.name].setdefault(key, []).append(value)

    def measure(self, proxy: Proxy, what: str, rate: str, cost: str, unit: float, **options: float) -> None:
        result, cpu = self.run(proxy, what, **options)
        if result["done"]:
            self.add(proxy, rate, result["done"] / result["seconds"])
            self.add(proxy, cost, cpu / result["done"] * unit)

    def round(self) -> None:
        for proxy in self.proxies:
            self.measure(proxy, "tunnels", "tunnels", "cpu_tunnel", 1e6, count=3000, seconds=1.5)
        for proxy in self.proxies:
            self.measure(proxy, "kept", "kept", "cpu_kept", 1e6, count=30_000, seconds=1.5)
        for proxy in self.proxies:
            self.measure(proxy, "requests", "requests", "cpu_request", 1e6, count=6000, seconds=1.5)
        for proxy in self.proxies:
            self.measure(proxy, "bulk", "bulk", "cpu_gb", GB, count=int(2 * GB), seconds=1.5)
            if "bulk" in self.figures[proxy.name]:
                self.figures[proxy.name]["bulk"][-1] /= 1e6

    def warm_up(self) -> None:
        for proxy in self.proxies:
            for what, count in (("tunnels", 200), ("kept", 200), ("requests", 200), ("bulk", 10_000_000)):
                self.run(proxy, what, count=count, seconds=2)

    def stand(self, proxy: Proxy, count: int) -> tuple[int, float]:
        """How many tunnels it held, and its memory meanwhile."""
        command = self.command(proxy, "idle", count=count, seconds=12, at_once=64)
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as load:
            held = json.loads(load.stdout.readline())["done"]
            time.sleep(0.3)
            memory = rss_kb(proxy.process.pid)
            load.communicate("\n", timeout=30)
        return held, memory

    def idle(self, proxy: Proxy, count: int) -> None:
        before = rss_kb(proxy.process.pid)
        held, memory = self.stand(proxy, count)
        # What it did once it can do again without more: all of them end in between.
        time.sleep(1.5)
        _, memory_settled = self.stand(proxy, count)
        time.sleep(1.5)
        again, memory_again = self.stand(proxy, count)
        if held and again:
            self.add(proxy, "idle", min(held, again))
            self.add(proxy, "idle_kb", (memory - before) / held)
            self.add(proxy, "growth", (memory_again - memory_settled) / 1024)
        time.sleep(1)

    def value(self, name: str, key: str) -> float | None:
        values = self.figures.get(name, {}).get(key)
        return statistics.median(values) if values else None

    def print_table(self) -> None:
        names = [proxy.name for proxy in self.proxies]
        print("".join([f"{'':34}", *(f"{name:>11}" for name in names), f"{'Pollux/Squid':>14}  aim"]))
        for key, title, digits, _ in ROWS:
            cells = [self.value(name, key) for name in names]
            line = f"{title:34}" + "".join(f"{'-' if cell is None else f'{cell:,.{digits}f}':>11}" for cell in cells)
            ours, theirs = self.value("Pollux", key), self.value("Squid", key)
            ratio = ours / theirs if ours is not None and theirs else None
            shown = "" if ratio is None or key in ("idle", "growth") else f"{ratio:.2f}"
            print(f"{line}{shown:>14}  {self.verdict(key, ours, ratio)}")

    @staticmethod
    def verdict(key: str, ours: float | None, ratio: float | None) -> str:
        def told(text: str, good: bool) -> str:
            return f"{text}: {'reached' if good else 'MISSED'}"
        if key in AIMS and ratio is not None:
            return told(f"at most {AIMS[key]}", ratio <= AIMS[key])
        if key == "idle_kb" and ours is not None:
            return told(f"under {MOST_PER_IDLE_TUNNEL} KB", ours < MOST_PER_IDLE_TUNNEL)
        if key == "growth" and ours is not None:
            return told("under 1 MB", ours < 1)
        return ""


def main() -> int:
    build = pathlib.Path(sys.argv[1]).resolve()
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    limit = limit_of_files()
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    tunnels = min(10_000, (limit - 500) // 2)  # Pollux takes no more than have their files
    # Logs go to memory, where there is such a place: tinyproxy syncs each line to the disk.
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=memory) as name:
        folder = pathlib.Path(name)
        folder.chmod(0o777)  # some of them give up root's rights, and write here all the same
        bench = Bench(build, folder)
        try:
            print(f"Tunnels of one byte each way, 16 at once; one bulk tunnel; GET of 512 bytes over 16 kept tunnels, and connections; median of "
                  f"{rounds} rounds, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
            for proxy in bench.proxies:
                print(f"  {proxy.name}: {proxy.does}")
            for line in bench.missing:
                print(f"  not measured: {line}")
            if tunnels < 10_000:
                print(f"  {tunnels} idle tunnels and not 10,000: the hard limit of open files is {limit}")
            bench.warm_up()
            for _ in range(rounds):
                bench.round()
            for proxy in bench.proxies:
                bench.idle(proxy, tunnels)
            bench.print_table()
            print("RSS is that of a proxy's processes; what the kernel holds for the two sockets of a tunnel is the same for all.")
        finally:
            bench.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
