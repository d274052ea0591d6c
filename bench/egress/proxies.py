# SPDX-License-Identifier: Apache-2.0
"""The proxies that bench/egress.py measures, each on a free loopback port with a configuration of its own in one work folder. Where
a proxy can, it asks for Basic credentials, judges each target by the same list of 50 rules, and writes a line for each to a file.
Targets are addresses, so that nobody's resolver is measured. Stopped by pid."""
import base64
import dataclasses
import hashlib
import os
import pathlib
import resource
import shutil
import socket
import subprocess
import time

USER, PASSWORD = "bench", "a-good-password-1"
AUTHORIZATION = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
NAMES = [f"host-{i}.example.gov" for i in range(49)]  # and 127.0.0.0/8
ADDRESSES = 8  # as in wire.hpp


@dataclasses.dataclass
class Proxy:
    name: str
    does: str
    command: list[str]
    port: int
    direct: bool = False  # speaks no CONNECT
    authorization: str = AUTHORIZATION
    process: subprocess.Popen | None = None

    def start(self, folder: pathlib.Path) -> None:
        with open(folder / f"{self.name}.out", "wb") as out:
            self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT)
        for _ in range(100):
            if self.process.poll() is not None:
                break
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.1)
        self.stop()
        raise RuntimeError((folder / f"{self.name}.out").read_text(errors="replace")[-2000:])

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def program(*names: str) -> str:
    for name in names:
        if found := shutil.which(name, path=os.environ["PATH"] + ":/usr/sbin"):
            return found
    return ""


def pollux(folder: pathlib.Path, path: str, sink: int) -> Proxy:
    port = free_port()
    (folder / "egress.yaml").write_text(f"""listen: 127.0.0.1:{port}
connections: 100000
log: {{ level: info, format: json }}
clients:
  bench:
    user: {USER}
    password: {PASSWORD}
    connections: 100000
    ports: {sink}
    allow: [{", ".join(NAMES)}, 127.0.0.0/8]
""")
    return Proxy("Pollux", "Basic auth, 50 rules, log", [path, "egress", "-c", str(folder / "egress.yaml")], port)


def squid(folder: pathlib.Path, path: str, sink: int) -> Proxy:
    port = free_port()
    (folder / "users").write_text(f"{USER}:{hashlib.md5(PASSWORD.encode()).hexdigest()}\n")
    (folder / "squid.conf").write_text(f"""http_port 127.0.0.1:{port}
pid_filename none
cache deny all
cache_log {folder}/squid.log
access_log stdio:{folder}/squid.access
coredump_dir {folder}
visible_hostname bench.test
shutdown_lifetime 0 seconds
dns_nameservers 127.0.0.1
pinger_enable off
workers 1
auth_param basic program /usr/lib/squid/basic_ncsa_auth {folder}/users
auth_param basic children 1 startup=1
acl known proxy_auth REQUIRED
acl right_port port {sink}
acl named dstdomain -n {" ".join(NAMES)}
acl near dst 127.0.0.0/8
http_access deny !right_port
http_access deny !known
http_access allow named
http_access allow near
http_access deny all
""")
    return Proxy("Squid", "Basic auth, 50 rules, log", [path, "-N", "-f", str(folder / "squid.conf")], port)


def tinyproxy(folder: pathlib.Path, path: str, sink: int) -> Proxy:
    port = free_port()
    rules = [f"^{name}$".replace(".", r"\.") for name in NAMES] + [r"^127\."]
    (folder / "tinyproxy.filter").write_text("\n".join(rules) + "\n")
    (folder / "tinyproxy.conf").write_text(f"""Port {port}
Listen 127.0.0.1
MaxClients 100000
BasicAuth {USER} {PASSWORD}
ConnectPort {sink}
Filter "{folder}/tinyproxy.filter"
FilterDefaultDeny Yes
LogFile "{folder}/tinyproxy.log"
LogLevel Connect
Timeout 600
""")
    return Proxy("tinyproxy", "Basic auth, 50 rules, log; a thread for each connection",
                 [path, "-d", "-c", str(folder / "tinyproxy.conf")], port)


def haproxy(folder: pathlib.Path, path: str, sink: int) -> Proxy:
    port = free_port()
    servers = "\n".join(f"  server s{i} 127.0.0.{i + 1}:{sink}" for i in range(ADDRESSES))
    (folder / "haproxy.cfg").write_text(f"""global
  nbthread 1
  maxconn {(limit_of_files() - 100) // 2}
defaults
  mode tcp
  timeout connect 10s
  timeout client 10m
  timeout server 10m
listen all
  bind 127.0.0.1:{port}
  balance roundrobin
{servers}
""")
    return Proxy("HAProxy", "tcp mode: judges nothing, logs nothing, one thread", [path, "-db", "-f", str(folder / "haproxy.cfg")],
                 port, direct=True, authorization="")


def apache(folder: pathlib.Path, path: str, sink: int) -> Proxy:
    port = free_port()
    digest = base64.b64encode(hashlib.sha1(PASSWORD.encode()).digest()).decode()
    (folder / "htpasswd").write_text(f"{USER}:{{SHA}}{digest}\n")
    modules = {"mpm_event": "mpm_event", "authn_core": "authn_core", "authn_file": "authn_file", "authz_core": "authz_core",
               "authz_user": "authz_user", "auth_basic": "auth_basic", "proxy": "proxy", "proxy_connect": "proxy_connect",
               "proxy_http": "proxy_http"}
    loads = "\n".join(f"LoadModule {name}_module /usr/lib/apache2/modules/mod_{file}.so" for name, file in modules.items())
    (folder / "apache.conf").write_text(f"""ServerRoot {folder}
ServerName bench.test
PidFile {folder}/apache.pid
ErrorLog {folder}/apache.log
Listen 127.0.0.1:{port}
User www-data
Group www-data
DefaultRuntimeDir {folder}
{loads}
ServerLimit 16
ThreadLimit 640
ThreadsPerChild 640
StartServers 1
MinSpareThreads 25
MaxSpareThreads 10240
MaxRequestWorkers 10240
MaxKeepAliveRequests 0
LogFormat "%h %u %r %>s" seen
CustomLog {folder}/apache.access seen
ProxyRequests On
AllowCONNECT {sink}
<Proxy "*">
  AuthType Basic
  AuthName egress
  AuthUserFile {folder}/htpasswd
  Require valid-user
</Proxy>
""")
    return Proxy("Apache", "mod_proxy_connect: Basic auth, no list, log; a thread for each connection", [path, "-DFOREGROUND", "-f", str(folder / "apache.conf")], port)


def limit_of_files() -> int:
    return resource.getrlimit(resource.RLIMIT_NOFILE)[1]


KINDS = {"squid": squid, "tinyproxy": tinyproxy, "haproxy": haproxy, "apache2": apache}


def all_proxies(folder: pathlib.Path, build: pathlib.Path, sink: int) -> tuple[list[Proxy], list[str]]:
    """Those that run, and a line for each that does not."""
    running, missing = [], []
    candidates = [("pollux", pollux, str(build / "pollux"))]
    candidates += [(name, make, program(name)) for name, make in KINDS.items()]
    for name, make, path in candidates:
        if not path:
            missing.append(f"{name}: not installed")
            continue
        proxy = make(folder, path, sink)
        try:
            proxy.start(folder)
            running.append(proxy)
        except RuntimeError as error:
            missing.append(f"{name}: does not start: {error}")
    return running, missing
