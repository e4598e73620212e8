"""Writes `<target>.lock` beside this file: the packages of `<target>.txt` out of requirements.lock, hashes and all.

Standard library only: it runs in the builder, before anything is installed.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path


def blocks(lock: str) -> dict[str, str]:
    """Each package's lines of a lock file (requirement and hashes), by its name."""
    found: dict[str, str] = {}
    name = ""
    for line in lock.splitlines(keepends=True):
        if line[:1] not in (" ", "#", "\n"):
            name = re.split(r"[=\[ ;]", line, maxsplit=1)[0]
        if name and not line.lstrip().startswith("#"):
            found[name] = found.get(name, "") + line
    return found


def picked(names: str, lock: str) -> str:
    """The lock file of the packages named line by line. SystemExit naming those that are not locked."""
    known = blocks(lock)
    wanted = [line.strip() for line in names.splitlines() if line.strip() and not line.startswith("#")]
    if missing := [name for name in wanted if name not in known]:
        raise SystemExit(f"not in requirements.lock: {', '.join(missing)}")
    return "".join(known[name] for name in wanted)


def main(target: str) -> None:
    """Write the lock file of one target."""
    here = Path(__file__).parent
    names, lock = (here / f"{target}.txt").read_text(), (here / "requirements.lock").read_text()
    (here / f"{target}.lock").write_text(picked(names, lock))


if __name__ == "__main__":
    main(sys.argv[1])
