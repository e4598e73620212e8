"""Stops real servers when the process that started them has died: killed, or a worker that pytest did not wait for.

python -m tests.support.guard servers SCRIPT DIRECTORY    (the owner keeps the other end of its standard input open)
python -m tests.support.guard containers ID…
"""

from __future__ import annotations

import sys
from pathlib import Path

from tests.support.real_cluster import stop_all


def remove(containers: list[str]) -> None:
    """Those that are still there."""
    import docker  # only where there are containers
    from docker.errors import NotFound

    engine = docker.from_env()
    for id_ in containers:
        try:
            engine.containers.get(id_).remove(force=True, v=True)
        except NotFound:
            continue


if __name__ == "__main__":
    sys.stdin.read()
    kind, *what = sys.argv[1:]
    if kind == "containers":
        remove(what)
    else:
        stop_all(Path(what[0]), Path(what[1]))
