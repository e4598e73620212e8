"""Shell lines of the docs, as they are written there: what the smoke runs is what a reader runs."""

from __future__ import annotations

import re
from pathlib import Path

from deploy.embedded.process import ROOT

COMPOSE = ROOT / "docs" / "compose.md"
RUNBOOK = ROOT / "docs" / "runbook.md"


def section(page: Path, title: str) -> str:
    """What stands under a heading, up to the next one. ValueError where the page has no such heading."""
    parts = re.split(rf"^#{{2,3}} {re.escape(title)}$", page.read_text("utf-8"), maxsplit=1, flags=re.MULTILINE)
    if len(parts) == 1:
        raise ValueError(f"{page.name} has no heading {title}")
    return re.split(r"^#{2,3} (?=[A-Z])", parts[1], maxsplit=1, flags=re.MULTILINE)[0]


def blocks(text: str) -> tuple[str, ...]:
    """The shell blocks of a text, in order."""
    return tuple(re.findall(r"^```sh\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL))


def block(page: Path, title: str) -> str:
    """The last shell block under a heading, which is the only one in most."""
    return blocks(section(page, title))[-1]


def line(page: Path, title: str, begin: str) -> str:
    """The first call within a sentence under a heading that begins so. ValueError where there is none."""
    if (found := re.search(rf"`({re.escape(begin)}[^`]*)`", section(page, title))) is None:
        raise ValueError(f"{page.name}, {title}: no `{begin} …`")
    return " ".join(found[1].split())
