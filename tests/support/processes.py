"""What the operating system says about processes and ports."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from deploy.embedded.process import ROOT


def is_taken(place: str) -> bool:
    """Whether somebody listens at `host:port`, however it is written."""
    host, port = place.split("//")[-1].split("/")[0].rsplit(":", 1)
    try:
        socket.create_connection((host, int(port)), timeout=1).close()
    except OSError:
        return False
    return True


def is_running(process: int) -> bool:
    """Whether it exists and is not merely waiting to be collected."""
    return _state(Path(f"/proc/{process}/stat")) not in ("Z", "")


def freeze(process: int, within: float = 5.0) -> None:
    """SIGSTOP, and wait until it has reached every thread: on a busy machine some go on for milliseconds, in which a
    broker confirmed five more records. AssertionError after `within` seconds. Linux only."""
    os.kill(process, signal.SIGSTOP)
    deadline = time.monotonic() + within
    while any(_state(thread) not in _STANDS for thread in Path(f"/proc/{process}/task").glob("*/stat")):
        assert time.monotonic() < deadline, f"{process} was not frozen within {within} s"
        os.sched_yield()


_STANDS = ("T", "Z", "")


def _state(stat: Path) -> str:
    """The letter in a `stat` file; empty where what it tells of is gone."""
    try:
        return stat.read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return ""


def python(*arguments: str, **variables: str) -> subprocess.Popen[bytes]:
    """Python in the root of the repository, its output to be read."""
    return subprocess.Popen(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=os.environ | variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )


def children_of(process: int) -> list[int]:
    """Its child processes and theirs. Linux only."""
    try:
        own = [int(child) for child in Path(f"/proc/{process}/task/{process}/children").read_text().split()]
    except FileNotFoundError:
        return []
    return own + [below for child in own for below in children_of(child)]


def listening_ports(processes: list[int]) -> set[int]:
    """The TCP ports of IPv4 these processes listen on. Linux only."""
    sockets = {_target(link) for process in processes for link in _links(process)}
    ports = set()
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        if fields[3] == "0A" and f"socket:[{fields[9]}]" in sockets:  # 0A: listening
            ports.add(int(fields[1].rpartition(":")[2], 16))
    return ports


def _links(process: int) -> list[Path]:
    try:
        return list(Path(f"/proc/{process}/fd").iterdir())
    except FileNotFoundError:
        return []


def _target(link: Path) -> str:
    try:
        return str(link.readlink())
    except OSError:
        return ""
