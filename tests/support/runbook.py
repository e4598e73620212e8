"""The runbook as its readers use it: sections, and the commands of each."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

RUNBOOK = Path(__file__).resolve().parents[2] / "docs" / "runbook.md"


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
        return tuple(re.findall(r"^```sh\n(.*?)^```$", self.text, flags=re.MULTILINE | re.DOTALL))


def sections() -> tuple[Section, ...]:
    """Every section of the runbook, in order; the lines of shell blocks are no headings."""
    parts = re.split(r"^(#{2,3}) (?=[A-Z])(.*)$", RUNBOOK.read_text("utf-8"), flags=re.MULTILINE)
    found, under = [], ""
    for level, title, text in zip(parts[1::3], parts[2::3], parts[3::3], strict=True):
        under = title if level == "##" else under
        found.append(Section(title, under, text))
    return tuple(found)


PREPARED = next(it for it in sections() if it.title == "Before you need it").commands[0]
"""The block that names addresses and tokens; every other one stands on it."""
