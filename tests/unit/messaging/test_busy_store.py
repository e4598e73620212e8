"""A MongoDB that says it is busy, under a consumer's own documents or under its lot: it waits."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from pymongo.errors import BulkWriteError

from shared.messaging.consumer import Consumer
from shared.messaging.errors import Permanent
from shared.messaging.parking import ParkingLot
from shared.store import MemoryDocuments
from shared.store.document import Document
from shared.store.reaching import reaching
from tests.support.messages import Effects, evaluations
from tests.unit.messaging.consuming import QUICK, House, events


class Busy(MemoryDocuments):
    """Answers its next `times` calls as a MongoDB does that is busy."""

    def __init__(self, name: str, code: int, times: int) -> None:
        super().__init__(name)
        self.code, self.times, self.met = code, times, 0

    async def _meet(self) -> None:
        async with reaching(None, f"get of {self.name}"):
            if self.met < self.times:
                self.met += 1
                wrong = {"index": 0, "code": self.code, "errmsg": "busy"}
                raise BulkWriteError({"writeErrors": [wrong], "writeConcernErrors": []})

    async def get(self, id_: str) -> Document | None:
        await self._meet()
        return await super().get(id_)

    async def insert(self, document: Document) -> bool:
        await self._meet()
        return await super().insert(document)

    async def find(self, *args: Any, **kwargs: Any) -> list[Document]:
        await self._meet()
        return await super().find(*args, **kwargs)


@pytest.mark.parametrize("code", [134, 262, 365, 388])
async def test_a_store_that_says_it_is_busy_is_waited_for_however_often(code: int) -> None:
    tallies = Busy("tallies", code, times=3 * QUICK.retry.attempts)
    house = House(subscription=evaluations(Effects(tallies).handle))
    await asyncio.wait_for(house.take(events(("a", 1), ("b", 1))), 5)
    assert tallies.met == tallies.times
    assert (house.counted["events_parked"], house.counted["events_retried"]) == (0, 0)
    assert house.counted["store_away"] == tallies.times
    assert house.commits.offsets == {0: 2}


@pytest.mark.parametrize("code", [134, 262, 365, 388])
async def test_a_lot_that_says_it_is_busy_is_waited_for_and_stops_nothing(code: int) -> None:
    lot, house = Busy("parked", code, times=1), House()
    house.lot = ParkingLot("matching", lot, house.clock)
    house.consumer = Consumer(
        evaluations(house.effects.handle), "matching", house.lot, house.clock, house.counted, QUICK
    )
    house.consumer.assigned()
    house.effects.faults["a", 1] = [Permanent("bad")]
    await asyncio.wait_for(house.take(events(("b", 1))), 5)
    lot.times = 5
    await asyncio.wait_for(house.take(events(("a", 1), ("b", 2), start=1)), 5)
    assert (lot.met, await house.consumer.check()) == (5, None)
    assert [offset for offset, _ in await house.parked("a")] == [1]
    assert house.commits.offsets == {0: 3}
