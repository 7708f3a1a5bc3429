"""nginx beside the relay: each alone on core 0, the upstream and the load on core 1, round after round in turn.
Some parts set the relay beside itself: plain, and with everything on.

bench/run.py [--rounds N] [--seconds N] [--only nginx|relay] [part ...]
The main figure is CPU time of the proxy's process over the requests it served, taken when its journal is empty.
"""
import argparse
import shutil
import sys

import load
import report
import servers

PARTS = [
    "json", "stream", "burst", "delay", "many",
    "translated", "translated-stream", "responses", "large", "gzip", "full", "full-stream", "nodes",
]


def make_part(name, seconds):
    body = f"size={load.BODY_BYTES}"
    paced, burst = f"events={load.STREAM_EVENTS},gap=2", f"events={load.STREAM_EVENTS},gap=0"
    ask = load.Request
    return {
        "json": lambda: load.Load(ask(body), 64, seconds),
        "stream": lambda: load.Load(ask(paced, stream=True), 64, seconds),
        "burst": lambda: load.Load(ask(burst, stream=True), 64, seconds),
        "delay": lambda: load.Load(ask(body), 1, seconds, drained=False),
        "many": load.ManyStreams,
        "translated": lambda: load.Load(ask(body, "chat"), 64, seconds, translated=True),
        "translated-stream": lambda: load.Load(ask(paced, "chat", stream=True), 64, seconds, translated=True),
        "responses": lambda: load.Load(ask(paced, "responses", stream=True), 64, seconds),
        "large": lambda: load.Load(ask(body, size=274_000), 64, seconds),
        "gzip": lambda: load.Load(ask(body, size=40_000, coding="gzip"), 64, seconds),
        "full": lambda: load.Load(ask(body), 64, seconds),
        "full-stream": lambda: load.Load(ask(paced, stream=True), 64, seconds),
        "nodes": lambda: load.Load(ask(body), 32, seconds),
    }[name]()


def start(kind, upstream):
    return {
        "nginx": servers.Nginx, "relay": servers.Relay, "plain": servers.PlainRelay, "full": servers.FullRelay,
        "one": servers.OneNode, "two": servers.TwoNodes,
    }[kind](upstream)


def kinds_of(part, only):
    """The one that is compared with comes first."""
    beside = report.beside(part)
    return [only] if only in beside else list(beside)


def run_round(name, seconds, kinds):
    figures = {}
    with servers.start_upstream() as upstream:
        part = make_part(name, seconds)
        part.learn_length(upstream)
        if name == "delay":
            upstream.usage_rows = lambda: None
            figures["direct"] = part.measure(upstream, ["cr_direct"])
        for kind in kinds:
            with start(kind, upstream) as server:
                figures[kind] = part.measure(server, server.make_keys())
    if name == "delay":
        for kind in kinds:
            figures[kind]["added_us"] = figures[kind]["median_us"] - figures["direct"]["median_us"]
    return figures


def main():
    options = argparse.ArgumentParser()
    options.add_argument("parts", nargs="*", help=f"of {PARTS}; all of them without")
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--seconds", type=int, default=5)
    options.add_argument("--only", choices=["nginx", "relay"])
    given = options.parse_args()
    unknown = set(given.parts) - set(PARTS)
    if unknown:
        options.error(f"no such part: {', '.join(sorted(unknown))}")

    shutil.rmtree(servers.WORK, ignore_errors=True)
    servers.WORK.mkdir(parents=True)
    rounds = {}
    for name in given.parts or PARTS:
        rounds[name] = []
        kinds = kinds_of(name, given.only)
        for number in range(1, given.rounds + 1):
            # The one that goes first changes, so that a drift of the machine favours nobody.
            order = kinds if number % 2 else kinds[::-1]
            figures = run_round(name, given.seconds, order)
            rounds[name].append(figures)
            said = "  ".join(
                f"{kind}: " + " ".join(f"{key}={value:.1f}" for key, value in figures[kind].items()) for kind in kinds
            )
            print(f"{name} {number}/{given.rounds}  {said}", flush=True)
    if given.only:
        return 0
    broken = list(report.broken_bounds(report.keep(rounds)))
    for line in broken:
        print(f"over its bound: {line}")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
