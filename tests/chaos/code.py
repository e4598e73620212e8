"""Which code a run was of: runs of different code do not add up."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from deploy.embedded.process import ROOT

JUDGED = ("services", "shared", "deploy", "tests/chaos", "tests/support", "requirements.lock")
"""What runs under fire, and what judges it."""


def digest(root: Path = ROOT, parts: Sequence[str] = JUDGED) -> str:
    """Twelve hex digits over the names and contents of these files and folders of the project."""
    seen = hashlib.sha256()
    for path in sorted(path for part in parts for path in _files(root / part)):
        seen.update(f"{path.relative_to(root)}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return seen.hexdigest()[:12]


def _files(place: Path) -> list[Path]:
    if place.is_file():
        return [place]
    return [path for path in place.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
