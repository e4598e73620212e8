"""A consumer with all its parts in memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from shared.clock import ManualClock
from shared.contracts import topics
from shared.messaging.backoff import RetryPolicy
from shared.messaging.consumer import Consumer, ConsumerPolicy
from shared.messaging.parking import ParkingLot, lot_id
from shared.messaging.record import Record
from shared.messaging.subscription import Subscription
from shared.store import MemoryDocuments
from tests.support.messages import (
    START,
    Commits,
    Counted,
    Effects,
    evaluations,
    record,
)

QUICK = ConsumerPolicy(retry=RetryPolicy(attempts=3, first=0, cap=0), away=RetryPolicy(first=0.001, cap=0.001))


class House:
    """A consumer with all its parts in memory."""

    def __init__(self, policy: ConsumerPolicy = QUICK, subscription: Subscription | None = None) -> None:
        self.effects = Effects()
        self.lot_documents = MemoryDocuments("parked")
        self.clock = ManualClock(START)
        self.lot = ParkingLot("matching", self.lot_documents, self.clock)
        self.counted = Counted()
        self.commits = Commits()
        chosen = subscription or evaluations(self.effects.handle)
        self.consumer = Consumer(chosen, "matching", self.lot, self.clock, self.counted, policy)
        self.consumer.assigned()

    async def take(self, records: Sequence[Any]) -> None:
        await self.consumer.take(records, self.commits)

    async def parked(self, key: str) -> list[tuple[int, str]]:
        found = await self.lot.get(lot_id(self.consumer.group, topics.EVALUATIONS.name, key))
        return [(event.offset, event.reason) for event in found.state.events] if found else []


def events(*places: tuple[str, int], start: int = 0) -> list[Record]:
    return [record(key, sequence, offset=start + n) for n, (key, sequence) in enumerate(places)]
