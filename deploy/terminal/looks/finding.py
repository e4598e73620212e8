"""One thing that was looked at, how it is, and the way to mend it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How it is."""

    OK = "ok"
    NOTE = "note"
    """Works, and whoever runs this should know it."""
    WRONG = "wrong"
    AWAY = "away"
    """Does not answer."""
    UNKNOWN = "unknown"
    """Could not be looked at, because something else does not answer or does not tell."""


@dataclass(frozen=True, slots=True)
class Finding:
    """`mend` is empty where there is nothing to mend."""

    area: str
    state: State
    what: str
    mend: str = ""

    @property
    def line(self) -> str:
        """Of one that has a mend, where a line is all there is for it."""
        return f"{self.what}: {self.mend} (entente doctor)"
