"""Remembers the last sequence per key, to count what is missing and what comes again. Decides nothing."""

from __future__ import annotations

from collections import OrderedDict
from enum import Enum


class Seen(Enum):
    """How a sequence relates to the last one of its key."""

    NEW = "new"
    GAP = "gap"
    REPEAT = "repeat"


class SequenceWatch:
    """The last sequences of the `most` keys heard of most recently; the first one of a key says nothing."""

    def __init__(self, most: int = 20_000) -> None:
        self._last: OrderedDict[str, int] = OrderedDict()
        self._most = most

    def note(self, key: str, sequence: int) -> Seen:
        """Remember it, and say what it is."""
        last = self._last.pop(key, None)
        self._last[key] = sequence if last is None else max(last, sequence)
        if len(self._last) > self._most:
            self._last.popitem(last=False)
        if last is None:
            return Seen.NEW
        if sequence <= last:
            return Seen.REPEAT
        return Seen.NEW if sequence == last + 1 else Seen.GAP
