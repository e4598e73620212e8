"""Tells bad events from a bad deployment: many keys parked in a short time stop the consumer."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from shared.clock import Clock


@dataclass(frozen=True, slots=True)
class BreakerPolicy:
    """More than `share` of the events set aside and at least `keys` keys that failed by themselves, both within
    `window`, stop the consumer (default, no public source)."""

    share: float = 0.2
    keys: int = 20
    window: timedelta = timedelta(minutes=5)


@dataclass(slots=True)
class _Slice:
    start: datetime
    events: int = 0
    parked: int = 0
    keys: set[str] = field(default_factory=set)


class Breaker:
    """Counts over a sliding window, in slices of a hundredth of it."""

    def __init__(self, policy: BreakerPolicy, clock: Clock) -> None:
        self._policy = policy
        self._clock = clock
        self._slices: deque[_Slice] = deque()

    def handled(self, events: int = 1) -> None:
        """That many events were handled."""
        self._current().events += events

    def parked(self, events: int = 1, *, failed: str | None = None) -> None:
        """That many events were set aside; `failed` is the key whose event failed by itself, None where they only
        wait behind one that failed before (those are a consequence, not a sign)."""
        current = self._current()
        current.events += events
        current.parked += events
        if failed is not None:
            current.keys.add(failed)

    def tripped(self) -> str | None:
        """Why the consumer must stop, or None."""
        self._forget()
        events, parked = sum(s.events for s in self._slices), sum(s.parked for s in self._slices)
        keys: set[str] = set().union(*(s.keys for s in self._slices))
        if len(keys) < self._policy.keys or parked <= self._policy.share * events:
            return None
        minutes = self._policy.window.total_seconds() / 60
        return (
            f"{parked} of {events} events parked, {len(keys)} keys failed, within {minutes:g} minutes: "
            "this looks like a bad deployment, not like bad events"
        )

    def _current(self) -> _Slice:
        self._forget()
        now = self._clock.now()
        if not self._slices or now - self._slices[-1].start >= self._policy.window / 100:
            self._slices.append(_Slice(now))
        return self._slices[-1]

    def _forget(self) -> None:
        oldest = self._clock.now() - self._policy.window
        while self._slices and self._slices[0].start <= oldest:
            self._slices.popleft()
