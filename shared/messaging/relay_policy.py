"""How a relay works."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from shared.messaging.backoff import AWAY, Pauses

ENTRIES_BEFORE_REMOVAL = 20
"""A document that is written without a pause has published entries removed in between, so that it stays small."""

SWEPT = 200
"""Documents one sweep takes from a collection; none while more are on their way already."""

IDLE_TIMES = 2
"""The sweep's interval is so many times as long while nothing is on its way: what is announced nudges the relay, and
only what a crash left behind waits for a sweep. Each costs one query per collection."""

LEFT_BEHIND = timedelta(seconds=5)
"""From the announcement on. A process that lives and whose Kafka and store answer takes less: a write and a removal of
at most 3 s each, most often of milliseconds. At 2 s a busy machine published 8 of 665 records twice without a kill."""


BESIDE = Pauses(first=0.02, cap=0.5)
"""While another process publishes what stands before ours: that takes milliseconds, or until it is taken for dead."""


@dataclass(frozen=True, slots=True)
class RelayPolicy:
    """Documents published side by side, most that wait for it in memory (others are found by the sweep), the sweep's
    interval, the age from which it takes an entry for left behind, the pauses while something is away, the seconds
    after which a document is read again before more of it is published, the pauses while what another process has
    announced stands before ours, and the seconds after which a refused record is tried again."""

    side_by_side: int = 32
    waiting: int = 2_000
    every: timedelta = timedelta(seconds=1)
    left_behind: timedelta = LEFT_BEHIND
    away: Pauses = AWAY
    stale: float = 1.0
    beside: Pauses = BESIDE
    silent: float = 5.0
    refused: float = 30.0
