"""One service's messaging on a real wire: evaluations in, tallies out, in a database of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from shared.clock import SystemClock
from shared.contracts import topics
from shared.messaging.backoff import RetryPolicy
from shared.messaging.breaker import BreakerPolicy
from shared.messaging.consumer import ConsumerPolicy
from shared.messaging.options import KafkaOptions
from shared.messaging.part import Messaging
from shared.messaging.record import Record
from shared.messaging.relay_policy import RelayPolicy
from shared.messaging.topics import Topics
from shared.store import Decision, Documents, Kind, MemoryDocuments, Step, Store
from tests.support.messages import ORIGIN, Counted, Effects, Tally, evaluation, evaluations

PARTITIONS = 4  # the stand-in's own number
SESSION_MS = 6_000  # a real broker's minimum
TOPIC = topics.EVALUATIONS
POLICY = ConsumerPolicy(
    retry=RetryPolicy(attempts=3, first=0.005, cap=0.01),
    away=RetryPolicy(first=0.01, cap=0.05),
    breaker=BreakerPolicy(keys=1000),
)


class Wired:
    """Messaging of the service `matching` with one consumer whose effects are behind the store's guard."""

    def __init__(
        self,
        addresses: Sequence[str],
        prefix: str,
        *,
        parking: Documents | None = None,
        tallies: Documents | None = None,
        things: Documents | None = None,
        session_ms: int = SESSION_MS,
        stop_seconds: float = 5.0,
        metadata_ms: int = 60_000,
        client_id: str = "matching",
    ) -> None:
        self.options = KafkaOptions(
            addresses=tuple(addresses),
            client_id=client_id,
            session_timeout_ms=session_ms,
            fetch_max_wait_ms=20,
            metadata_max_age_ms=metadata_ms,
            topic_prefix=prefix,
            stop_seconds=stop_seconds,
        )
        self.prefix = prefix
        self.counted = Counted()
        self.effects = Effects(tallies)  # type: ignore[arg-type]
        self.messaging = Messaging(
            "matching",
            self.options,
            parking or MemoryDocuments("parked"),
            SystemClock(),
            metrics=self.counted,
            consumer_policy=POLICY,
            relay_policy=RelayPolicy(away=POLICY.away, silent=0.5, refused=2.0),
        )
        self.group = group_of(prefix)
        self.messaging.listen(evaluations(self.effects.handle, prefix.rstrip(".")))
        kind = Kind(name="things", aggregate="evaluation", model=Tally)
        self.things = Store(
            kind, things or MemoryDocuments("things"), SystemClock(), on_announced=self.messaging.relay.nudge
        )

    async def announce(self, key: str) -> None:
        """One more decision about `key`, whose announcement the relay publishes."""
        told = (evaluation(key),)
        await self.things.change(key, Step(origin=ORIGIN), lambda state: Decision(state or Tally(), told))

    async def waiting(self) -> int:
        """Documents whose announcements are not out yet."""
        return (await self.things.documents.pending_depth())[0]

    async def empty(self) -> bool:
        """Whether everything announced is out."""
        return await self.waiting() == 0

    async def red(self) -> str | None:
        """The first red check, whether or not it gates."""
        for check in {**self.messaging.checks(), **self.messaging.told()}.values():
            if (reason := await check()) is not None:
                return reason
        return None


def group_of(prefix: str) -> str:
    """The group of the test's consumer: its own, so that no test waits for the members of another."""
    return f"matching.{prefix.rstrip('.')}"


async def make_topic(addresses: Sequence[str], prefix: str) -> None:
    """The topic of evaluations under the test's prefix."""
    wanted = replace(TOPIC, name=prefix + TOPIC.name)
    assert await Topics(addresses, partitions=PARTITIONS, wanted=[wanted]).apply() == []


async def put(addresses: Sequence[str], prefix: str, records: Sequence[Record]) -> None:
    """Publish raw records, each on its record's partition, in order."""
    producer = AIOKafkaProducer(bootstrap_servers=list(addresses), acks="all")
    await producer.start()
    try:
        for given in records:
            await producer.send_and_wait(
                prefix + TOPIC.name,
                value=given.value,
                key=given.key,
                partition=given.partition,
                headers=list(given.headers),
            )
    finally:
        await producer.stop()


async def committed(addresses: Sequence[str], prefix: str, group: str) -> dict[int, int]:
    """The offsets a group has committed, by partition."""
    consumer: Any = AIOKafkaConsumer(bootstrap_servers=list(addresses), group_id=group, enable_auto_commit=False)
    await consumer.start()
    try:
        found = {n: await consumer.committed(TopicPartition(prefix + TOPIC.name, n)) for n in range(PARTITIONS)}
        return {n: offset for n, offset in found.items() if offset is not None}
    finally:
        await consumer.stop()


async def log_of(addresses: Sequence[str], prefix: str) -> list[Any]:
    """All records on the topic, by partition and offset."""
    consumer: Any = AIOKafkaConsumer(bootstrap_servers=list(addresses), auto_offset_reset="earliest")
    await consumer.start()
    try:
        places = [TopicPartition(prefix + TOPIC.name, n) for n in range(PARTITIONS)]
        ends = await consumer.end_offsets(places)
        consumer.assign(places)
        await consumer.seek_to_beginning()
        found: list[Any] = []
        while len(found) < sum(ends.values()):
            for batch in (await consumer.getmany(timeout_ms=500)).values():
                found.extend(batch)
        return sorted(found, key=lambda r: (r.partition, r.offset))
    finally:
        await consumer.stop()
