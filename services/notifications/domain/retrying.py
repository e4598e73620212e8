"""When a mail that could not be handed over is tried again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class RetryPlan:
    """So many attempts in all; the pauses between them grow geometrically from `first` to `most`."""

    attempts: int
    first: timedelta
    most: timedelta

    def pause_after(self, attempts: int) -> timedelta | None:
        """How long to wait after so many failed attempts; None when no further one follows."""
        if attempts >= self.attempts:
            return None
        gaps = self.attempts - 1
        if gaps == 1:
            return self.first
        growth = float((self.most / self.first) ** (1 / (gaps - 1)))
        return min(self.most, self.first * growth ** (attempts - 1))
