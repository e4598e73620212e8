"""Days as the services tell them."""

from __future__ import annotations

from datetime import UTC, datetime


def to_the_day(at: datetime) -> datetime:
    """As much of an instant of its case as an institution is told: the day, as 00:00 UTC. To the minute it would tell
    when each expert answered."""
    return at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
