"""How a relay works."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from shared.messaging.backoff import AWAY, RetryPolicy

ENTRIES_BEFORE_REMOVAL = 20
"""A document that is written without a pause has published entries removed in between, so that it stays small."""

SWEPT = 200
"""Documents one sweep takes from a collection; none while more are on their way already."""

IDLE_TIMES = 2
"""The sweep's interval is so many times as long while nothing is on its way: what is announced nudges the relay, and
only what a crash left behind waits for a sweep. Each costs one query per collection."""


LEFT_BEHIND = timedelta(seconds=5)
"""More than a process that lives takes from the write to the removal: Kafka's confirmation, and one call to the store,
of 3 s at most. At 2 s a busy machine published 8 of 665 records twice without any kill."""


@dataclass(frozen=True, slots=True)
class RelayPolicy:
    """Documents published side by side, most that wait for it in memory (others are found by the sweep), the sweep's
    interval, the age from which it takes an entry for left behind, the pauses while something is away, the seconds
    between two looks at whether another replica has published what stands before ours, and those after which a refused
    record is tried again."""

    side_by_side: int = 32
    waiting: int = 2_000
    every: timedelta = timedelta(seconds=1)
    left_behind: timedelta = LEFT_BEHIND
    away: RetryPolicy = AWAY
    stale: float = 1.0
    beside: float = 0.02
    silent: float = 5.0
    refused: float = 30.0
