"""Generate the catalogue of events for people and for machines.

python -m shared.contracts.document --write    generate docs/events.md and docs/asyncapi.json
python -m shared.contracts.document --check    exit 1 where they are not what would be generated
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from shared.contracts.asyncapi import asyncapi_document
from shared.contracts.catalogue_page import catalogue_page
from shared.contracts.schema import as_text

DOCS = Path(__file__).parents[2] / "docs"


def generated() -> dict[str, str]:
    """Name of each file and what belongs into it."""
    return {"events.md": catalogue_page(), "asyncapi.json": as_text(asyncapi_document())}


def stale(directory: Path = DOCS) -> list[str]:
    """Names of the files that are missing or not what would be generated."""
    return [
        name
        for name, text in generated().items()
        if not (directory / name).exists() or (directory / name).read_text("utf-8") != text
    ]


def main(arguments: Sequence[str] | None = None, *, directory: Path = DOCS) -> int:
    """The command; returns its exit status."""
    parser = argparse.ArgumentParser(prog="python -m shared.contracts.document")
    mode = parser.add_mutually_exclusive_group(required=True)
    mode.add_argument("--check", action="store_true", help="exit 1 where a file is not what would be generated")
    mode.add_argument("--write", action="store_true", help="generate the files")
    if parser.parse_args(arguments).write:
        directory.mkdir(parents=True, exist_ok=True)
        for name, text in generated().items():
            (directory / name).write_text(text, "utf-8")
        return 0
    names = stale(directory)
    for name in names:
        sys.stdout.write(f"docs/{name} is stale: run python -m shared.contracts.document --write\n")
    return 1 if names else 0


if __name__ == "__main__":
    sys.exit(main())
