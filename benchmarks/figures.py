"""Small figures: percentiles, what a process has used, what a document weighs."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from deploy.demo.report import percentile


def spread(values: Sequence[float]) -> dict[str, float]:
    """Number, median and 99th percentile of the values, which are milliseconds; 0 where there are none."""
    return {"n": len(values), **{f"p{percent}": percentile(values, percent, digits=2) or 0.0 for percent in (50, 99)}}


def cpu_seconds(pid: int | None) -> float:
    """User and system time of a process so far, seconds."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_mb(pid: int | None) -> float:
    """Resident memory of a process, MB of 10^6 bytes."""
    status = Path(f"/proc/{pid}/status").read_text()
    kib = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS:"))
    return round(kib * 1024 / 1e6, 1)


def busy_cores_seconds() -> float:
    """CPU seconds all processes of this machine have used since it started, over all cores."""
    fields = [int(field) for field in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    user, nice, system, _idle, _iowait, irq, softirq, _steal = fields
    return (user + nice + system + irq + softirq) / os.sysconf("SC_CLK_TCK")


def listener(port: int) -> int | None:
    """The process that listens on a TCP port of this machine; None where there is none, or it is another user's."""
    sockets = {f"socket:[{row[9]}]" for row in _listening() if int(row[1].rsplit(":", 1)[1], 16) == port}
    for link in Path("/proc").glob("[0-9]*/fd/*"):
        try:
            if str(link.readlink()) in sockets:
                return int(link.parts[2])
        except OSError:  # it ended meanwhile, or is not ours to read
            continue
    return None


def _listening() -> list[list[str]]:
    tables = [path for name in ("tcp", "tcp6") if (path := Path("/proc/net") / name).exists()]
    rows = [line.split() for path in tables for line in path.read_text().splitlines()[1:]]
    return [row for row in rows if row[3] == "0A"]
