"""A relay with store and producer in memory."""

from __future__ import annotations

from pydantic import BaseModel

from shared.clock import ManualClock
from shared.contracts.topics import EVALUATIONS
from shared.ids import derived_id
from shared.messaging.backoff import RetryPolicy
from shared.messaging.relay import Relay
from shared.messaging.relay_policy import RelayPolicy
from shared.store import Decision, Kind, MemoryDocuments, Store
from tests.support.eventually import eventually
from tests.support.messages import START, Counted, FakeProducer, evaluation, step

POLICY = RelayPolicy(away=RetryPolicy(first=0.001, cap=0.002), silent=0.05, refused=0.01)


class Thing(BaseModel):
    n: int = 0


async def write(store: Store[Thing], key: str, events: int = 1) -> None:
    """One more decision about `key`, with so many announcements."""
    told = tuple(evaluation(key) for _ in range(events))
    await store.change(key, step(), lambda s: Decision(Thing(n=(s.n if s else 0) + 1), told))


class House:
    def __init__(
        self, producer: FakeProducer | None = None, policy: RelayPolicy = POLICY, *, nudged: bool = True
    ) -> None:
        self.clock = ManualClock(START)
        self.documents = MemoryDocuments("things")
        self.producer = producer or FakeProducer()
        self.counted = Counted()
        self.relay = Relay(self.producer, self.clock, self.counted, outboxes=[self.documents], policy=policy)
        kind = Kind(name="things", aggregate="evaluation", model=Thing)
        self.store = Store(kind, self.documents, self.clock, on_announced=self.relay.nudge if nudged else None)

    async def write(self, key: str = "a", events: int = 1) -> None:
        await write(self.store, key, events)

    async def empty(self) -> bool:
        return (await self.documents.pending_depth())[0] == 0

    async def outbox(self, key: str = "a") -> list[str]:
        return [entry["event_id"] for entry in (await self.documents.get(key) or {})["outbox"]]

    async def announced(self, key: str) -> list[str]:
        """The event ids of everything a document has ever announced, in order."""
        stored = await self.documents.get(key)
        last = stored["sequences"][EVALUATIONS.name] if stored else 0
        return [derived_id("evt", EVALUATIONS.name, key, str(n + 1)) for n in range(last)]

    async def all_out(self, key: str = "a") -> list[str]:
        await eventually(self.empty, what="the outboxes are empty")
        return self.producer.sequences(key)


def in_order_once(found: list[str], count: int) -> bool:
    return len(found) == count and len(set(found)) == count


def first_seen(found: list[str]) -> list[str]:
    return list(dict.fromkeys(found))
