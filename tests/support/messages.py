"""Records and events for tests of messaging: evaluations (kept for ever) and contacts (compacted)."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from pydantic import BaseModel

from shared.clock import ManualClock
from shared.contracts import topics
from shared.contracts.catalogue import contract_of
from shared.contracts.envelope import Actor, AggregateRef, Envelope, EventData
from shared.contracts.events.contacts import ContactRecorded
from shared.contracts.events.evaluations import EvaluationCompleted
from shared.messaging.acts import By
from shared.messaging.errors import BrokerAway, Refused
from shared.messaging.event import ErasedKey, Event
from shared.messaging.record import Record
from shared.messaging.subscription import Handler, Subscription
from shared.store import Decision, Kind, MemoryDocuments, Origin, Step, Store

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
BY = By("per_sample_operator", "operator", "tried again, the place is known now")
ORIGIN = Origin(actor=Actor(kind="system", id="tests", role="system"), correlation_id="case-1")


def evaluation(key: str, rating: int = 3) -> EvaluationCompleted:
    return EvaluationCompleted(
        evaluation_id=key,
        expert_id="exp_1",
        position_id="pos_1",
        activity_id="act_1",
        would_recommend=True,
        rating=rating,
    )


def contact(key: str) -> ContactRecorded:
    return ContactRecorded(contact_id=key, kind="staff", name="Sample Person", email="sample@example.org")


def value(data: EventData, key: str, sequence: int, **changed: object) -> bytes:
    """A record's value as the store writes it; `changed` replaces fields of the envelope."""
    contract = contract_of(type(data))
    envelope = Envelope(
        event_id=f"evt_{key}_{sequence}",
        type=contract.name,
        version=contract.version,
        occurred_at=START,
        actor=ORIGIN.actor,
        aggregate=AggregateRef(type=contract.topic.aggregate, id=key),
        sequence=sequence,
        correlation_id="case-1",
        data=data.model_dump(mode="json"),
    )
    return envelope.model_copy(update=changed).model_dump_json().encode()


def record(key: str, sequence: int, *, partition: int = 0, offset: int = 0) -> Record:
    """A good record about an evaluation."""
    return Record(partition, offset, key.encode(), value(evaluation(key), key, sequence))


class Tally(BaseModel):
    """Counts what reached it, in order."""

    applied: tuple[int, ...] = ()


class Effects:
    """A handler with a durable effect behind the store's guard: appends the sequence to the key's tally.

    `faults` are raised by the handler of that (key, sequence), one for each call, then no more.
    """

    def __init__(self, documents: MemoryDocuments | None = None) -> None:
        self.documents = documents or MemoryDocuments("tallies")
        kind = Kind(name="tallies", aggregate="tally", model=Tally)
        self.store = Store(kind, self.documents, ManualClock(START))
        self.faults: dict[tuple[str, int], list[BaseException]] = {}
        self.calls: list[tuple[str, int]] = []
        self.erased: list[str] = []

    async def handle(self, event: Event[EvaluationCompleted]) -> None:
        place = (event.key, event.envelope.sequence)
        self.calls.append(place)
        await asyncio.sleep(0)
        if waiting := self.faults.get(place):
            raise waiting.pop(0)

        def decide(state: Tally | None) -> Decision[Tally]:
            return Decision(Tally(applied=(*(state.applied if state else ()), event.envelope.sequence)))

        await self.store.change(event.key, event.cause(), decide)

    async def erase(self, key: ErasedKey) -> None:
        self.erased.append(str(key))

    async def applied(self, key: str) -> list[int]:
        stored = await self.store.read(key)
        return list(stored.state.applied) if stored else []


def evaluations(handler: Handler, concern: str = "tests") -> Subscription:
    return Subscription(concern, topics.EVALUATIONS, {EvaluationCompleted: handler})


class Commits:
    """Remembers what was committed, per partition. `fails` makes every commit fail."""

    def __init__(self) -> None:
        self.offsets: dict[int, int] = {}
        self.calls = 0
        self.fails = False

    async def __call__(self, offsets: Mapping[int, int]) -> None:
        self.calls += 1
        if self.fails:
            raise RuntimeError("rebalanced")
        self.offsets.update(offsets)


@dataclass
class Published:
    topic: str
    key: str
    event_id: str
    tombstone: bool


@dataclass
class FakeProducer:
    """A producer in memory. `plan` holds, per call: "fail" (nothing arrives), "lost" (arrives, confirmation is lost)
    or "ok"; when it is used up every call is ok. `gate` holds every call up while it is cleared. What is in `refuses`
    (ids of events) is never taken."""

    plan: list[str] = field(default_factory=list)
    log: list[Published] = field(default_factory=list)
    away: bool = False
    refuses: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.gate = asyncio.Event()
        self.gate.set()
        self.waiting = 0

    async def publish(
        self, topic: str, *, key: bytes, value: bytes | None, headers: Sequence[tuple[str, bytes]]
    ) -> None:
        self.waiting += 1
        await self.gate.wait()
        self.waiting -= 1
        await asyncio.sleep(0)
        if self.away:
            raise BrokerAway("away")
        if dict(headers)["event_id"].decode() in self.refuses:
            raise Refused("too large")
        fate = self.plan.pop(0) if self.plan else "ok"
        if fate != "fail":
            event_id = dict(headers)["event_id"].decode()
            self.log.append(Published(topic, key.decode(), event_id, value is None))
        if fate != "ok":
            raise BrokerAway(fate)

    async def close(self, seconds: float) -> None:
        self.away = True

    def sequences(self, key: str) -> list[str]:
        return [published.event_id for published in self.log if published.key == key]


class Counted:
    """Metrics that can be read: `counted["events_parked"]`, `counted["consumer_paused"]`."""

    def __init__(self) -> None:
        self.values: dict[str, float] = {}

    def __getattr__(self, name: str) -> _One:
        return _One(self.values, name)

    def __getitem__(self, name: str) -> float:
        return self.values.get(name, 0)


class _One:
    def __init__(self, values: dict[str, float], name: str) -> None:
        self._values = values
        self._name = name

    def labels(self, *values: object, **named: object) -> _One:
        return self

    def inc(self, amount: float = 1, /) -> None:
        self._values[self._name] = self._values.get(self._name, 0) + amount

    def set(self, value: float, /) -> None:
        self._values[self._name] = value


def step() -> Step:
    return Step(origin=ORIGIN)


MINUTE = timedelta(minutes=1)
