"""What is measured: each part gives its figures for one server and one round, having checked the answers."""
import gzip
import json
import random
import subprocess
import time
import urllib.request

import servers

BODY_BYTES = 1024
STREAM_EVENTS = 94  # of text; the frame around them makes it a hundred
MANY_STREAMS, MANY_GAP_MS, MANY_EVENTS, MANY_WINDOW_S = 5000, 300, 70, 9.0


class Request:
    """A POST of so many bytes, as a client of one dialect makes it.

    What the stand-in provider is to do stands in the text: a translated call has none of the client's own headers.
    """

    def __init__(self, simulate, dialect="messages", stream=False, size=600, coding="identity"):
        self.coding = coding
        said = {"messages": [{"role": "user", "content": ""}]}
        self.path, fields = {
            "messages": ("/v1/messages", {"model": "claude-sonnet-4-5", "max_tokens": 1024, **said}),
            "chat": ("/v1/chat/completions", {"model": "claude-sonnet-4-5", "max_completion_tokens": 1024, **said}),
            "responses": ("/v1/responses", {"model": "gpt-5.4", "input": ""}),
        }[dialect]
        fields = {"stream": stream, **fields}
        if stream and dialect == "chat":
            fields = {"stream_options": {"include_usage": True}, **fields}
        plain = json.dumps(fields, separators=(",", ":"))
        at = plain.rindex('""') + 1
        asked = f"[[simulate: {simulate}]] "
        plain = (plain[:at] + asked + words(size - len(plain) - len(asked)) + plain[at:]).encode()
        self.body = gzip.compress(plain, mtime=0) if coding == "gzip" else plain

    def headers(self, key):
        headers = {"content-type": "application/json", "authorization": f"Bearer {key}"}
        if self.path == "/v1/messages":
            headers["anthropic-version"] = "2023-06-01"
        if self.coding != "identity":
            headers["content-encoding"] = self.coding
        return headers

    def answer_bytes(self, server, key):
        request = urllib.request.Request(server.url + self.path, self.body, self.headers(key))
        with urllib.request.urlopen(request, timeout=30) as answer:
            return len(answer.read())


def words(size):
    """Text that compresses about as well as prose does."""
    chosen = random.Random(1)
    text = ""
    while len(text) < size:
        text += "".join(chosen.choice("etaoinshrdlu") for _ in range(chosen.randint(2, 9))) + " "
    return text[:size]


class Load:
    """One kind of request at one concurrency, with wrk."""

    def __init__(self, request, connections, seconds, drained=True, translated=False):
        self.request, self.connections = request, connections
        self.seconds, self.drained, self.length = seconds, drained, None
        self.translated = translated  # by the relay: its answer has a length of its own

    def start_wrk(self, server, keys, seconds, check):
        body, callers = servers.WORK / "request", servers.WORK / f"{server.name}.keys"
        body.write_bytes(self.request.body)
        callers.write_text("".join(f"{key}\n" for key in keys))
        arguments = [
            "wrk", "-t1", f"-c{self.connections}", f"-d{seconds}s", "--timeout", "30s",
            "-s", str(servers.ROOT / "bench" / "post.lua"), server.url,
            "--", str(callers), self.request.path, str(body), self.request.coding,
        ]
        if check:
            arguments.append(str(self.length))
        return subprocess.Popen(
            arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            preexec_fn=servers.pinned(servers.LOAD_CORE),
        )

    def wrk(self, server, keys, seconds, check):
        """Of all nodes of the server at once; their figures as one."""
        runs = [self.start_wrk(node, keys, seconds, check) for node in server.nodes]
        figures = []
        for run in runs:
            said, _ = run.communicate()
            if run.returncode != 0:
                raise SystemExit(f"bench: wrk: {said}")
            figures.append(json.loads(said.strip().splitlines()[-1]))
        counted = {name: sum(one[name] for one in figures) for name in ("requests", "wrong", "errors")}
        slowest = {name: max(one[name] for one in figures) for name in ("duration_us", "median_us", "p99_us")}
        return counted | slowest

    def learn_length(self, upstream):
        """What the upstream answers when it is asked without a proxy."""
        self.length = self.upstream_length = self.request.answer_bytes(upstream, "cr_direct")

    def learn_own_length(self, server, keys):
        length = self.request.answer_bytes(server, keys[0])
        # The same text in another frame: as short as this it is not the answer that was asked for.
        if not 0.6 < length / self.upstream_length < 1.7:
            raise SystemExit(f"bench: {length} bytes through {server.name}, {self.upstream_length} without it")
        self.length = length

    def measure(self, server, keys):
        rows_before = server.usage_rows()
        if self.translated:
            self.learn_own_length(server, keys)
        warm = self.wrk(server, keys, 1, check=True)
        refuse_wrong(server, warm)
        cpu_before = server.cpu_seconds()
        began = time.monotonic()
        run = self.wrk(server, keys, self.seconds, check=False)
        refuse_wrong(server, run)
        if rows_before is not None and self.drained:
            asked = warm["requests"] + run["requests"] + int(self.translated)
            rows = server.wait_until_metered(rows_before + asked) - rows_before
            # wrk hangs up at its end: one call for each connection may have reached the relay uncounted.
            if rows > asked + 2 * self.connections * len(server.nodes):
                raise SystemExit(f"bench: {rows} usage rows for {asked} requests")
        cpu = server.cpu_seconds() - cpu_before
        return {
            "cpu_us_per_request": cpu / run["requests"] * 1e6,
            "requests_per_second": run["requests"] / (run["duration_us"] / 1e6),
            "median_us": run["median_us"],
            "p99_us": run["p99_us"],
            "measured_s": time.monotonic() - began,
        }


def refuse_wrong(server, run):
    if run["wrong"] or run["errors"] or not run["requests"]:
        raise SystemExit(f"bench: wrong answers through {server.name}: {run}")


class ManyStreams:
    """Part (d): memory and CPU of streams that mostly wait."""

    simulate = f"events={MANY_EVENTS},gap={MANY_GAP_MS}"

    def learn_length(self, upstream):
        pass

    def measure(self, server, keys):
        rows_before = server.usage_rows()
        idle = server.resident_bytes()
        tool = subprocess.Popen(
            [servers.ROOT / "build" / "release" / "bench" / "bench_streams", str(server.port), str(MANY_STREAMS),
             "1500", keys[0], self.simulate],
            stdout=subprocess.PIPE, text=True, preexec_fn=servers.pinned(servers.LOAD_CORE),
        )
        cpu_at, events_at, began, resident, window = 0.0, 0, None, 0, None
        now = {}
        for line in tool.stdout:
            now = json.loads(line)
            if "events_min" in now:
                break
            if now["started"] < MANY_STREAMS or window:
                continue
            if began is None:
                began, cpu_at, events_at = time.monotonic(), server.cpu_seconds(), now["events"]
            elif time.monotonic() - began >= MANY_WINDOW_S:
                if now["open"] < MANY_STREAMS:
                    raise SystemExit(f"bench: streams ended before they were measured: {now}")
                resident = server.resident_bytes()
                window = (server.cpu_seconds() - cpu_at, now["events"] - events_at)
        tool.wait()
        if not window or now["completed"] != MANY_STREAMS or now["events_min"] != now["events_max"]:
            raise SystemExit(f"bench: streams through {server.name} did not all come to their end: {now}")
        if rows_before is not None:
            rows = server.wait_until_metered(rows_before + MANY_STREAMS) - rows_before
            if rows != MANY_STREAMS:
                raise SystemExit(f"bench: {rows} usage rows for {MANY_STREAMS} streams")
        return {
            "resident_kb_per_stream": (resident - idle) / MANY_STREAMS / 1024,
            "cpu_us_per_event": window[0] / window[1] * 1e6,
            "idle_mb": idle / 2**20,
        }
