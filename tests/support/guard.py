"""Stops real servers when the process that started them has died: killed, or a worker that pytest did not wait for.

python -m tests.support.guard SCRIPT DIRECTORY    (the owner keeps the other end of its standard input open)
"""

from __future__ import annotations

import sys
from pathlib import Path

from tests.support.real_cluster import stop_all

if __name__ == "__main__":
    sys.stdin.read()
    stop_all(Path(sys.argv[1]), Path(sys.argv[2]))
