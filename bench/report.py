"""Medians and ratios over the rounds, as JSON and as the README's table."""
import json
import os
import platform
import statistics
import time

import servers

OUT = servers.ROOT / "bench" / "out" / "latest.json"
BEGIN, END = "<!-- bench: made by ./dev bench -->", "<!-- /bench -->"

# part, figure, words, unit, bound of the ratio (none: printed for information)
LINES = [
    ("json", "cpu_us_per_request", "1 KB JSON answer, 64 connections: CPU a request", "µs", 1.10),
    ("json", "requests_per_second", "the same: requests a second", "/s", None),
    ("stream", "cpu_us_per_request", "stream of 100 events, 2 ms apart, 64 connections: CPU a stream", "µs", 1.10),
    ("stream", "requests_per_second", "the same: streams a second", "/s", None),
    ("burst", "cpu_us_per_request", "stream of 100 events without a pause: CPU a stream", "µs", None),
    ("burst", "requests_per_second", "the same: streams a second", "/s", None),
    ("delay", "added_us", "one connection, 1 KB JSON: added median delay", "µs", 1.3),
    ("many", "resident_kb_per_stream", "5,000 streams, an event each 300 ms: memory a stream", "KB", 1.0),
    ("many", "cpu_us_per_event", "the same: CPU an event", "µs", 1.10),
    ("translated", "cpu_us_per_request", "Chat in, Messages out, 1 KB JSON answer: CPU a request", "µs", None),
    ("translated-stream", "cpu_us_per_request", "Chat in, Messages out, stream of 100 events: CPU a stream", "µs", None),
    ("responses", "cpu_us_per_request", "Responses, stream of 100 events, 2 ms apart: CPU a stream", "µs", None),
    ("large", "cpu_us_per_request", "a request of 274 KB, 1 KB JSON answer: CPU a request", "µs", None),
    ("gzip", "cpu_us_per_request", "a request of 40 KB, compressed: CPU a request", "µs", None),
]


# What the relay is set beside, and its own lines, as LINES.
FULL = "100,000 keys with every limit and budget, 20 accounts"
PAIRS = {
    ("plain", "full"): [
        ("full", "cpu_us_per_request", f"{FULL}, beside none; 1 KB JSON: CPU a request", "µs", 1.05),
        ("full", "requests_per_second", "the same: requests a second", "/s", None),
        ("full-stream", "cpu_us_per_request", "the same: CPU a stream of 100 events", "µs", 1.05),
    ],
    ("one", "two"): [
        ("nodes", "cpu_us_per_request", "two nodes on one core, limits and budgets in Redis, beside one alone: CPU a request", "µs", None),
        ("nodes", "requests_per_second", "the same: requests a second, of both together", "/s", None),
    ],
}


def beside(part):
    for pair, lines in PAIRS.items():
        if any(part == line[0] for line in lines):
            return pair
    return ("nginx", "relay")


def summary(rounds):
    """{part: {figure: {"base": median, "relay": median, "ratio": median of the rounds' ratios}}}"""
    found = {}
    for part, of_rounds in rounds.items():
        found[part] = {}
        base, own = beside(part)
        for figure in of_rounds[0][own]:
            bases = [one[base][figure] for one in of_rounds]
            relay = [one[own][figure] for one in of_rounds]
            found[part][figure] = {
                "base": statistics.median(bases),
                "relay": statistics.median(relay),
                "ratio": statistics.median(r / b if b else 0.0 for r, b in zip(relay, bases)),
            }
    return found


def machine():
    model = "unknown"
    with open("/proc/cpuinfo") as lines:
        for line in lines:
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    return {"cpu": model, "cores": os.cpu_count(), "kernel": platform.release()}


def rows_of(lines, heading, figures):
    rows = [f"| | {heading} | ratio | bound |", "| --- | ---: | ---: | ---: | ---: |"]
    for part, figure, words, unit, bound in lines:
        if part not in figures or figure not in figures[part]:
            continue
        one = figures[part][figure]
        digits = 0 if unit == "/s" else 1
        rows.append(
            f"| {words} | {one['base']:,.{digits}f} {unit} | {one['relay']:,.{digits}f} {unit} "
            f"| {one['ratio']:.2f} | {'' if bound is None else f'{bound:.2f}'} |"
        )
    return rows if len(rows) > 2 else []


def table(figures, taken):
    rows = rows_of(LINES, "nginx | relay", figures)
    of_pairs = rows_of([line for lines in PAIRS.values() for line in lines], "relay beside itself | relay", figures)
    rows += ["", *of_pairs] if of_pairs else []
    rows += ["", f"Medians of interleaved rounds on {taken['machine']['cpu']}, one core for the proxy, {taken['date']}."]
    return "\n".join(rows)


def keep(rounds):
    """Parts that were not run keep the figures they had."""
    kept = json.loads(OUT.read_text()) if OUT.exists() else {"rounds": {}}
    kept["rounds"].update(rounds)
    kept["figures"] = summary(kept["rounds"])
    kept["machine"] = machine()
    kept["date"] = time.strftime("%Y-%m-%d")
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps(kept, indent=1, sort_keys=True) + "\n")

    text = table(kept["figures"], kept)
    print(text)
    readme = servers.ROOT / "README.md"
    if readme.exists() and BEGIN in (words := readme.read_text()):
        before, rest = words.split(BEGIN, 1)
        after = rest.split(END, 1)[1]
        readme.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}")
    return kept["figures"]


def broken_bounds(figures):
    for part, figure, words, _, bound in LINES + [line for lines in PAIRS.values() for line in lines]:
        if bound is not None and part in figures and figures[part].get(figure, {}).get("ratio", 0) > bound:
            yield f"{words}: {figures[part][figure]['ratio']:.2f}, at most {bound:.2f}"
