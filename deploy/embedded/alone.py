"""One run at a time in a directory: a second one would empty the first one's mail and write over its logs."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Occupied(Exception):
    """Another process runs in the directory: `process` is its id, or "?" where it has not yet said it."""

    def __init__(self, directory: Path, process: str) -> None:
        super().__init__(f"process {process} runs in {directory}")
        self.process = process


@contextmanager
def alone(directory: Path) -> Iterator[None]:
    """Hold `lock` in the directory, which is made where it is missing, to the end of the block or of the process,
    however that ends. Raises Occupied where another process holds it; nothing is touched then."""
    directory.mkdir(parents=True, exist_ok=True)
    with (directory / "lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise Occupied(directory, lock.read().strip() or "?") from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield
