"""The processes that are measured and those that measure: start, pin, ask for their CPU time, stop."""
import json
import os
import pathlib
import re
import resource
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
WORK = ROOT / "build" / "bench"
RELAY = pathlib.Path(os.environ.get("RELAY_BINARY", ROOT / "build" / "release" / "claude-relay"))
PROXY_CORE, LOAD_CORE = 0, 1
STARTUP_S = 10.0


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def pinned(core):
    """For preexec_fn: one core, as many descriptors as we may have, and gone when we are killed."""

    def prepare():
        os.sched_setaffinity(0, {core} if os.cpu_count() > core else {0})
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))

    return prepare


def wait_for_port(port, process, name):
    end = time.monotonic() + STARTUP_S
    while time.monotonic() < end:
        if process.poll() is not None:
            raise SystemExit(f"bench: {name} ended with {process.returncode}, see {WORK}/{name}.log")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise SystemExit(f"bench: {name} does not listen on {port}, see {WORK}/{name}.log")


class Server:
    """One started process. `pid` is the one that does the work."""

    def __init__(self, name, arguments, port, core, environment=None):
        self.name, self.port = name, port
        self.log = open(WORK / f"{name}.log", "ab")
        self.process = subprocess.Popen(
            arguments, cwd=WORK, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log,
            env={**os.environ, **(environment or {})}, preexec_fn=pinned(core),
        )
        self.pid = self.process.pid
        wait_for_port(port, self.process, name)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    @property
    def nodes(self):
        """What the load is sent to."""
        return [self]

    def cpu_seconds(self):
        """User and system time of all threads, also of ended ones, in nanosecond steps (clock_getcpuclockid)."""
        return time.clock_gettime(~self.pid << 3 | 2)

    def resident_bytes(self):
        status = pathlib.Path(f"/proc/{self.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+) kB", status).group(1)) * 1024

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.log.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


def forget(pattern):
    """For servers that begin anew each time."""
    for kept in WORK.glob(pattern):
        shutil.rmtree(kept) if kept.is_dir() else kept.unlink()


def start_upstream():
    port = free_port()
    return Server("upstream", [RELAY, "simulate", "--port", str(port)], port, LOAD_CORE)


NGINX_CONFIG = """
{user}
worker_processes 1;
worker_rlimit_nofile 65536;
daemon off;
pid {work}/nginx.pid;
error_log {work}/nginx-error.log warn;
events {{ worker_connections 32768; }}
http {{
  access_log off;
  gzip off;
  tcp_nodelay on;
  keepalive_requests 1000000000;
  keepalive_timeout 300s;
  client_body_buffer_size 1m;
  client_body_temp_path {work}/nginx-body;
  proxy_temp_path {work}/nginx-proxy;
  fastcgi_temp_path {work}/nginx-fastcgi;
  uwsgi_temp_path {work}/nginx-uwsgi;
  scgi_temp_path {work}/nginx-scgi;
  upstream provider {{
    server 127.0.0.1:{upstream};
    keepalive 128;
    keepalive_requests 1000000000;
    keepalive_timeout 300s;
  }}
  server {{
    listen 127.0.0.1:{port} reuseport backlog=8192;
    location / {{
      proxy_pass http://provider;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_buffering off;
      proxy_read_timeout 300s;
    }}
  }}
}}
"""


class Nginx(Server):
    def __init__(self, upstream):
        port = free_port()
        config = WORK / "nginx.conf"
        user = "user root;" if os.getuid() == 0 else ""
        config.write_text(NGINX_CONFIG.format(work=WORK, port=port, upstream=upstream.port, user=user))
        nginx = "/usr/sbin/nginx" if os.path.exists("/usr/sbin/nginx") else "nginx"
        super().__init__("nginx", [nginx, "-c", config, "-p", WORK, "-e", WORK / "nginx-error.log"], port, PROXY_CORE)
        children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        end = time.monotonic() + STARTUP_S
        while not children.read_text() and time.monotonic() < end:
            time.sleep(0.01)
        self.pid = int(children.read_text().split()[0])  # the worker; the master only waits

    def make_keys(self):
        return ["cr_nginx_does_not_look"]

    def usage_rows(self):
        return None


class Relay(Server):
    """The relay as it comes: authentication, limits, metering and the log on."""

    limits = {"requestsPerMinute": 1_000_000_000, "concurrency": 1_000_000}
    key_fields = {"rateLimit": limits}
    callers = 1

    def __init__(self, upstream, name="relay", settings=None):
        port = free_port()
        self.upstream, self.data = upstream, WORK / f"{name}-data"
        super().__init__(
            name, [RELAY, "serve"], port, PROXY_CORE,
            {
                "CLIENT_API_PORT": str(port), "RELAY_THREADS": "1", "RELAY_ENV": "development",
                "DATA_DIR": str(self.data), "LOG_DIR": str(WORK / f"{name}-logs"),
                "ANTHROPIC_BASE_URL": upstream.url, "ANTHROPIC_API_KEY": "sk-ant-bench",
                "OPENAI_BASE_URL": upstream.url, "OPENAI_API_KEY": "sk-bench",
                **(settings or {}),
            },
        )
        # The port is bound before the first admin is made.
        end = time.monotonic() + STARTUP_S
        while f"listening on {self.url}\n" not in self.said() and time.monotonic() < end:
            time.sleep(0.02)

    def said(self):
        return (WORK / f"{self.name}.log").read_text()

    def call(self, method, path, body=None, token=None):
        headers = {"content-type": "application/json"}
        if token:
            headers["authorization"] = f"Bearer {token}"
        request = urllib.request.Request(self.url + path, json.dumps(body).encode() if body else None, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as refusal:
            raise SystemExit(f"bench: {method} {path}: {refusal.code} {refusal.read().decode()}") from None

    def sign_in(self):
        """The first admin's token."""
        words = {word: re.search(rf"^  {word}\s+(\S+)$", self.said(), re.M).group(1) for word in ("e-mail", "password")}
        return self.call("POST", "/api/client/auth/login", {"email": words["e-mail"], "password": words["password"]})["token"]

    def make_keys(self):
        """Made through the client API by the first admin, with limits that are checked and never reached."""
        kept = WORK / f"{self.name}.made-keys"
        if not kept.exists():
            token = self.sign_in()
            self.prepare(token)
            made = [
                self.call("POST", "/api/client/keys", {"name": f"bench {number}", **self.key_fields}, token)["key"]
                for number in range(self.callers)
            ]
            self.prepare_store()
            kept.write_text("\n".join(made))
        return kept.read_text().split("\n")

    def prepare(self, token):
        """What must be there before the keys."""

    def prepare_store(self):
        """What is put beside them."""

    def usage_rows(self):
        """What the store has; opened anew each time, as the relay has it open for writing."""
        import sqlite3

        with sqlite3.connect(f"file:{self.data}/relay.sqlite?mode=ro", uri=True, timeout=5) as store:
            return store.execute("SELECT count(*) FROM usage_logs").fetchone()[0]

    def wait_until_metered(self, rows, patience_s=30.0):
        """Returns when the store has so many rows and gets no more: the journal's work is then done too."""
        end, last = time.monotonic() + patience_s, -1
        while time.monotonic() < end:
            now = self.usage_rows()
            if now >= rows and now == last:
                return now
            last = now
            time.sleep(0.25)
        raise SystemExit(f"bench: {last} usage rows after {patience_s} s, {rows} requests were answered")


class PlainRelay(Relay):
    """One account, as many keys as call, and nothing that limits them."""

    key_fields = {}
    callers = 100

    def __init__(self, upstream):
        super().__init__(upstream, "plain")


class FullRelay(Relay):
    """Everything on: 100,000 keys in the store, each with every limit and budget, as their user and plan; 20 accounts."""

    callers = PlainRelay.callers
    keys, accounts = 100_000, 20
    amounts = {window: "900000000" for window in ("daily", "weekly", "monthly", "total")}
    every_limit = {
        **Relay.limits, "tokensPerMinute": 1_000_000_000, "requestsPerDay": 1_000_000_000, "tokensPerDay": 1_000_000_000,
    }
    key_fields = {"rateLimit": every_limit, "budget": amounts}

    def __init__(self, upstream):
        super().__init__(upstream, "full", {"ALLOW_PRIVATE_UPSTREAMS": "true"})

    def stop(self):
        super().stop()
        forget("full[.-]*")  # the accounts name an upstream that is gone as well

    def prepare(self, token):
        for number in range(self.accounts):
            self.call("POST", "/api/admin/accounts", {
                "name": f"bench {number}", "provider": "anthropic", "baseUrl": self.upstream.url, "credential": f"sk-ant-{number}",
            }, token)

    def prepare_store(self):
        """More keys like the last one that was made, with hashes that nobody has a secret for."""
        import sqlite3

        with sqlite3.connect(self.data / "relay.sqlite", timeout=30) as store:
            columns = [row[1] for row in store.execute("PRAGMA table_info(api_keys)")]
            own = {"id": "'key_bench' || n", "key_hash": "lower(hex(randomblob(32)))"}
            store.execute(
                "WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < ?) "
                f"INSERT INTO api_keys ({', '.join(columns)}) SELECT {', '.join(own.get(name, name) for name in columns)} "
                "FROM s, (SELECT * FROM api_keys ORDER BY rowid DESC LIMIT 1)",
                (self.keys - self.callers,),
            )


class Redis(Server):
    def __init__(self, name):
        port, folder = free_port(), WORK / name
        folder.mkdir(exist_ok=True)
        super().__init__(
            name, ["redis-server", "--port", str(port), "--dir", folder, "--save", "", "--appendonly", "no"], port, LOAD_CORE
        )


class Node(Relay):
    """Of an installation in Redis: the store, and what nodes share."""

    callers = PlainRelay.callers
    key_fields = FullRelay.key_fields

    def __init__(self, upstream, redis, name):
        secrets = {"CLIENT_JWT_SECRET": "bench" + "0f1e2d3c" * 6, "ENCRYPTION_KEY": "bench" + "4b5a6978" * 6}
        super().__init__(
            upstream, name, {"DATABASE_TYPE": "redis", "REDIS_URL": f"redis://127.0.0.1:{redis.port}", **secrets}
        )

    def usage_rows(self):
        kept = WORK / f"{self.name}.token"
        if not kept.exists():
            kept.write_text(self.sign_in())
        return self.call("GET", "/api/admin/usage?days=2", token=kept.read_text())["data"]["totals"]["requests"]


class Nodes:
    """Several nodes on one core and one Redis, as one server."""

    def __init__(self, upstream, name, count):
        self.name = name
        self.redis = Redis(f"{name}-redis")
        self.nodes = [Node(upstream, self.redis, f"{name}-{number}") for number in range(count)]

    def make_keys(self):
        return self.nodes[0].make_keys()

    def usage_rows(self):
        return self.nodes[0].usage_rows()

    def wait_until_metered(self, rows):
        return Relay.wait_until_metered(self, rows)

    def cpu_seconds(self):
        return sum(node.cpu_seconds() for node in self.nodes)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for server in [*self.nodes, self.redis]:
            server.stop()
        forget(f"{self.name}-*")


class OneNode(Nodes):
    def __init__(self, upstream):
        super().__init__(upstream, "one", 1)


class TwoNodes(Nodes):
    def __init__(self, upstream):
        super().__init__(upstream, "two", 2)
