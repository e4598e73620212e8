"""What the generators of this directory share: a page is written, or compared with what it should be."""

from __future__ import annotations

import sys
from pathlib import Path


def write_or_check(page: Path, wanted: str) -> int:
    """With `--write` among the arguments the page is written, else compared. The exit code: 1 where it is stale."""
    if "--write" in sys.argv:
        page.write_text(wanted, "utf-8")
        return 0
    if not page.exists() or page.read_text("utf-8") != wanted:
        sys.stderr.write(f"docs/{page.name} is stale: run 'make docs'\n")
        return 1
    return 0
