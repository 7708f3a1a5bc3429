#!/usr/bin/env python3
"""Makes rules.txt of names.txt and the machine's own time zone database (/usr/share/zoneinfo, Debian's tzdata).

A line: the zone, its rule for the time to come (POSIX TZ, the footer of RFC 8536), and, where that rule does not
hold from December 2024 on, the offset before and each change as UTC seconds:offset seconds, up to the last that the
rule does not tell.
"""
import datetime
import pathlib
import struct
from zoneinfo._zoneinfo import _parse_tz_str, _TZStr

FROM = int(datetime.datetime(2024, 12, 1, tzinfo=datetime.timezone.utc).timestamp())
EPOCH = datetime.datetime(1970, 1, 1)


def read(data):
    def counts(at):
        return struct.unpack(">6l", data[at + 20 : at + 44])

    isut, isstd, leap, changes, types, chars = counts(0)
    at = 44 + changes * 5 + types * 6 + chars + leap * 8 + isstd + isut
    isut, isstd, leap, changes, types, chars = counts(at)
    at += 44
    times = struct.unpack(f">{changes}q", data[at : at + 8 * changes])
    at += 8 * changes
    kinds = data[at : at + changes]
    at += changes
    offsets = [struct.unpack(">lbb", data[at + 6 * i : at + 6 * i + 6])[0] for i in range(types)]
    at += 6 * types + chars + leap * 12 + isstd + isut
    return [(time, offsets[kind]) for time, kind in zip(times, kinds)], offsets[0], data[at:].strip(b"\n").decode()


def by_rule(rule, utc):
    zone = _parse_tz_str(rule)
    if not isinstance(zone, _TZStr):
        return int(zone.utcoff.total_seconds())
    standard, summer = int(zone.std.utcoff.total_seconds()), int(zone.dst.utcoff.total_seconds())
    start, end = zone.transitions((EPOCH + datetime.timedelta(seconds=utc + standard)).year)
    start, end = start - standard, end - summer
    is_summer = start <= utc < end if start < end else not end <= utc < start
    return summer if is_summer else standard


def line_of(name):
    changes, before, rule = read(pathlib.Path("/usr/share/zoneinfo", name).read_bytes())
    late = [change for change in changes if change[0] >= FROM]
    for time, offset in changes:
        if time < FROM:
            before = offset
    told, offset_before = 0, before
    for i, (time, offset) in enumerate(late):
        if by_rule(rule, time) != offset or by_rule(rule, time - 1) != offset_before:
            told = i + 1
        offset_before = offset
    if told == 0 and by_rule(rule, FROM) == before:
        return f"{name} {rule}"
    return " ".join([name, rule, str(before)] + [f"{time}:{offset}" for time, offset in late[:told]])


folder = pathlib.Path(__file__).parent
names = (folder / "names.txt").read_text().split()
(folder / "rules.txt").write_text("".join(line_of(name) + "\n" for name in names))
