"""What the operating system says about processes and ports."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
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
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def python(*arguments: str, **variables: str) -> subprocess.Popen[bytes]:
    """Python in the root of the repository, its output to be read."""
    return subprocess.Popen(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=os.environ | variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
