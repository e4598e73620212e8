"""Pages of commands, the runbook above all, as their readers use them: sections, and the commands of each."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from deploy.compose.page import blocks, headings

DOCS = Path(__file__).resolve().parents[2] / "docs"
RUNBOOK = DOCS / "runbook.md"
FIRST_REQUEST = DOCS / "first-request.md"


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with what stands under it, up to the next heading of any level."""

    title: str
    under: str
    """the heading of the second level it belongs to; its own where it is one"""
    text: str

    @property
    def commands(self) -> tuple[str, ...]:
        """Its shell blocks, in order, as written."""
        return blocks(self.text)

    @property
    def rehearsed(self) -> tuple[str, ...]:
        """Its shell blocks that a system of processes can run: no container is called, nor a tool of Kafka's. (The
        tools are called by `tests/real/procedures`.)"""
        return tuple(block for block in self.commands if not block.startswith(("docker ", "kafka-")))


def sections(page: Path = RUNBOOK) -> tuple[Section, ...]:
    """Every section of the page, in order; the lines of shell blocks are no headings."""
    found, under = [], ""
    for level, title, text in headings(page):
        under = title if level == "##" else under
        found.append(Section(title, under, text))
    return tuple(found)


PREPARED = next(it for it in sections() if it.title == "Before you need it").commands[0]
"""The block that names addresses and tokens; every other one stands on it."""
