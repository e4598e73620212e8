"""When a mail that could not be handed over is tried again, and when a mail server that is away is."""

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


SOON = RetryPlan(attempts=5, first=timedelta(seconds=1), most=timedelta(minutes=5))
"""After an attempt that came to no verdict: a broken connection, or a fault of ours. Six minutes in all; default, no
public source."""


@dataclass(frozen=True, slots=True)
class Looks:
    """When a mail server that is away is asked again: after `first`, then twice as long each time, up to `most`."""

    first: timedelta
    most: timedelta

    def after(self, pause: timedelta | None) -> timedelta:
        """The pause that follows this one; the first one after None."""
        return self.first if pause is None else min(self.most, 2 * pause)

    @property
    def held(self) -> timedelta:
        """How long a mail is held for others to find the server back, before it looks for itself: so long that
        thousands of them are not written all the time, and nobody's mail is forgotten where those others are gone."""
        return 5 * self.most
