"""Carries announcements between services that keep their documents in memory: no broker, no process, no waiting.

    bus = MemoryBus([registration, matching, notifications])   # as made by build(..., Replaced(..., kafka=False))
    await bus.settle()                                         # until nobody has anything more to say

Every outbox entry is put on its topic in order, taken out of the outbox, and handed, decoded as on the wire, to each
subscription of each service. A subscription keeps its own place; `again` hands it everything once more.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

from shared.contracts.catalogue import contract_of
from shared.contracts.envelope import Actor, AggregateRef, Envelope, EventData
from shared.ids import derived_id
from shared.messaging.backoff import RetryPolicy
from shared.messaging.handling import Handling
from shared.messaging.measuring import NullMetrics
from shared.messaging.parking import Failure
from shared.messaging.record import Record
from shared.messaging.subscription import Subscription
from shared.store import Store
from shared.store.document import to_ms

ROUNDS = 1000
FAR = datetime(2300, 1, 1, tzinfo=UTC)


class Talker(Protocol):
    """The part of a built service that the bus needs."""

    @property
    def name(self) -> str: ...

    @property
    def stores(self) -> Any: ...

    @property
    def subscriptions(self) -> Sequence[Subscription]: ...


@dataclass
class Listener:
    """One subscription of one service, and how far it has read. `parked` gathers what it could not handle."""

    service: str
    subscription: Subscription
    read: int = 0
    parked: list[tuple[Record, Failure]] = field(default_factory=list)

    def __post_init__(self) -> None:
        retry = RetryPolicy(attempts=1)
        self._handling = Handling(self.subscription, self.service, NullMetrics(), retry)

    @property
    def group(self) -> str:
        """Its consumer group."""
        return self.subscription.group(self.service)

    async def hear(self, record: Record) -> None:
        """Handle one record as a consumer would, without its retries."""
        failure = await self._handling.settle(record)
        if failure is not None:
            self.parked.append((record, failure))


class MemoryBus:
    """The topics in memory. `strict`: an event that a subscription cannot handle fails the test at once."""

    def __init__(self, services: Iterable[Talker], *, strict: bool = True) -> None:
        self.services = list(services)
        self.topics: dict[str, list[Record]] = defaultdict(list)
        self.listeners = [Listener(s.name, subscription) for s in self.services for subscription in s.subscriptions]
        self._strict = strict
        self._sequences: dict[tuple[str, str], int] = defaultdict(int)

    async def settle(self) -> int:
        """Publish and deliver until nothing is left; how many records were delivered. AssertionError where it never
        ends, or where a subscription could not handle an event."""
        delivered = 0
        for _ in range(ROUNDS):
            published = await self.collect()
            heard = await self.deliver()
            delivered += heard
            if not published and not heard:
                return delivered
        raise AssertionError(f"the services still talk after {ROUNDS} rounds")

    async def collect(self) -> int:
        """Put what waits in the outboxes on the topics, and take it out of them; how many records."""
        count = 0
        for service in self.services:
            for store in service.stores.values():
                count += await self._collect_from(store)
        return count

    async def _collect_from(self, store: Store[Any]) -> int:
        count = 0
        for document in await store.documents.pending(older_than_ms=to_ms(FAR), limit=1_000_000):
            for entry in document["outbox"]:
                value = None if entry["value"] is None else entry["value"].encode()
                headers = tuple((name, text.encode()) for name, text in entry["headers"].items())
                self._put(entry["topic"], entry["key"], value, headers)
                count += 1
            if not await store.documents.confirm(document["_id"], document["revision"]):
                raise AssertionError(f"{document['_id']} was written while the bus collected from it")
        return count

    def _put(self, topic: str, key: str, value: bytes | None, headers: tuple[tuple[str, bytes], ...] = ()) -> None:
        self.topics[topic].append(Record(0, len(self.topics[topic]), key.encode(), value, headers))

    async def deliver(self, group: str | None = None) -> int:
        """Hand every listener, or those of one group, what they have not read yet, in the order of the topic; how many
        records."""
        count = 0
        for listener in self.listeners:
            if group not in (None, listener.group):
                continue
            records = self.topics[listener.subscription.topic.name]
            while listener.read < len(records):
                record = records[listener.read]
                await listener.hear(record)  # where the store is away the place is kept, as by a consumer
                listener.read += 1
                count += 1
                if self._strict and listener.parked:
                    _, failure = listener.parked[-1]
                    raise AssertionError(f"{listener.group} could not handle {_type(record)}: {failure}")
        return count

    async def again(self, group: str | None = None) -> int:
        """Everything once more from the first record on, for one group or all: what a lost commit does."""
        for listener in self.listeners:
            if group is None or listener.group == group:
                listener.read = 0
        return await self.deliver()

    def announce(self, data: EventData, key: str, *, at: datetime, sequence: int | None = None) -> Envelope:
        """Put an event on its topic in the name of a service that is not there. Sequences count by themselves."""
        contract = contract_of(type(data))
        place = (contract.topic.name, key)
        self._sequences[place] = sequence or self._sequences[place] + 1
        envelope = Envelope(
            event_id=derived_id("evt", *place, str(self._sequences[place])),
            type=contract.name,
            version=contract.version,
            occurred_at=at,
            actor=Actor(kind="system", id=contract.topic.producer, role="system"),
            aggregate=AggregateRef(type=contract.topic.aggregate, id=key),
            sequence=self._sequences[place],
            correlation_id=derived_id("cor", key),
            data=data.model_dump(mode="json"),
        )
        self._put(contract.topic.name, key, envelope.model_dump_json().encode())
        return envelope

    def erase(self, topic: str, key: str) -> None:
        """Put a tombstone on a compacted topic, with the next sequence of its key."""
        place = (topic, key)
        self._sequences[place] += 1
        sequence, event_id = str(self._sequences[place]), derived_id("evt", *place, str(self._sequences[place]))
        self._put(topic, key, None, (("sequence", sequence.encode()), ("event_id", event_id.encode())))

    def said(self, topic: str, key: str | None = None) -> list[Envelope]:
        """The events on a topic (of one aggregate), in order; tombstones left out."""
        return [
            Envelope.model_validate_json(record.value)
            for record in self.topics[topic]
            if record.value is not None and (key is None or record.key == key.encode())
        ]

    def types(self, topic: str, key: str | None = None) -> list[str]:
        """The types of those events, in order."""
        return [envelope.type for envelope in self.said(topic, key)]


def _type(record: Record) -> str:
    return "a tombstone" if record.value is None else str(json.loads(record.value).get("type"))
