"""Give each request its reference. Gaps are allowed, so a block of numbers is taken in one write and kept in memory;
what is left of a block at a restart is lost."""

from __future__ import annotations

import asyncio
from collections import defaultdict

from services.registration.domain.numbers import Series, reference, series_id, take
from shared.contracts.envelope import Actor
from shared.ids import new_id
from shared.store import Decision, Origin, Step, Store


class References:
    """Counts requests by year. No two callers ever get the same reference, in any number of processes."""

    def __init__(self, series: Store[Series], block: int) -> None:
        self._series = series
        self._block = block
        self._left: dict[int, list[int]] = defaultdict(list)
        self._lock = asyncio.Lock()

    async def next(self, year: int) -> str:
        """The next reference of that year, such as REQ-2027-0001. StoreAway where a block is needed and not had."""
        async with self._lock:
            left = self._left[year]
            if not left:
                left.extend(reversed(await self._taken(year)))
            return reference(year, left.pop())

    async def _taken(self, year: int) -> range:
        actor = Actor(kind="system", id="registration", role="system")
        step = Step(origin=Origin(actor=actor, correlation_id=new_id("cor")))
        outcome = await self._series.change(
            series_id("references", year), step, lambda series: Decision(take(series, self._block))
        )
        if outcome.stored is None:
            raise LookupError(f"the series of {year} was not kept")
        last = outcome.stored.state.last
        return range(last - self._block + 1, last + 1)
