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
        self._taking: dict[int, asyncio.Task[None]] = {}

    async def next(self, year: int) -> str:
        """The next reference of that year, such as REQ-2027-0001. StoreAway where a block is needed and not had: all
        who wait for one block hear it together."""
        while not self._left[year]:
            if year not in self._taking:
                self._taking[year] = asyncio.create_task(self._take(year))
                self._taking[year].add_done_callback(lambda _: self._taking.pop(year))
            await asyncio.shield(self._taking[year])
        return reference(year, self._left[year].pop())

    async def _take(self, year: int) -> None:
        actor = Actor(kind="system", id="registration", role="system")
        step = Step(origin=Origin(actor=actor, correlation_id=new_id("cor")))
        outcome = await self._series.change(
            series_id("references", year), step, lambda series: Decision(take(series, self._block))
        )
        if outcome.stored is None:
            raise LookupError(f"the series of {year} was not kept")
        last = outcome.stored.state.last
        self._left[year].extend(range(last, last - self._block, -1))
