"""Shell lines of the docs, as they are written there: what the smoke runs is what a reader runs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from deploy.embedded.process import ROOT

COMPOSE = ROOT / "docs" / "compose.md"
RUNBOOK = ROOT / "docs" / "runbook.md"


def headings(page: Path) -> Iterator[tuple[str, str, str]]:
    """(`##` or `###`, title, what stands under it up to the next one), in order; the lines of shell blocks are none."""
    parts = re.split(r"^(#{2,3}) (?=[A-Z])(.*)$", page.read_text("utf-8"), flags=re.MULTILINE)
    return zip(parts[1::3], parts[2::3], parts[3::3], strict=True)


def section(page: Path, title: str) -> str:
    """What stands under a heading, up to the next one. ValueError where the page has no such heading."""
    for _, found, text in headings(page):
        if found == title:
            return text
    raise ValueError(f"{page.name} has no heading {title}")


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
