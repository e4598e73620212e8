"""Where a parked event stands among those of its key."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shared.messaging.parked import ParkedEvent


def place_among(events: Sequence[ParkedEvent], event: ParkedEvent) -> int:
    """Its place in these, which are in order: behind all that came before it, else before the first that comes after
    it, else last."""
    before = next((n for n in range(len(events) - 1, -1, -1) if _came_before(events[n], event)), -1)
    after = (n for n in range(before + 1, len(events)) if _comes_after(events[n], event))
    return next(after, len(events))


def _came_before(one: ParkedEvent, other: ParkedEvent) -> bool:
    numbers = one.number, other.number
    if numbers[0] is not None and numbers[1] is not None and numbers[0] != numbers[1]:
        return numbers[0] < numbers[1]
    return one.partition == other.partition and one.offset < other.offset


def _comes_after(one: ParkedEvent, other: ParkedEvent) -> bool:
    if one.partition == other.partition:
        return one.offset > other.offset
    numbers = one.number, other.number
    return numbers[0] is not None and numbers[1] is not None and numbers[0] > numbers[1]
