"""Reads partitions through to their ends, beside the consumers: for whoever looks at all of a topic.

What a consumer parks is handed over here too: where the client cannot read, `fetching` does, as for `polling`. Only a
batch that neither can read is stepped over, and told.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import ClassVar

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import ConsumerStoppedError, KafkaError

from shared.messaging.fetching import Batch, arrival, fetched
from shared.messaging.standstill import Standstill, answered

WAIT_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Unread:
    """What nobody can read: from this offset to before `behind`, and why. It has nothing else of what a record has."""

    key: ClassVar[bytes | None] = None
    value: ClassVar[bytes | None] = None
    headers: ClassVar[tuple[tuple[str, bytes], ...]] = ()
    timestamp: ClassVar[int] = 0

    topic: str
    partition: int
    offset: int
    behind: int
    why: str

    def __str__(self) -> str:
        upto = f", up to offset {self.behind - 1}" if self.behind - 1 > self.offset else ""
        return f"nobody can read it{upto}: {self.why}"


Stretch = tuple[TopicPartition, Batch | Unread]
"""Records of one partition in their order, or what lies between them and cannot be read."""


async def read_through(
    consumer: AIOKafkaConsumer, ends: Mapping[TopicPartition, int], of: str, most: int
) -> AsyncIterator[Stretch]:
    """What the partitions hold from where the consumer stands up to before these offsets, at most so many records at a
    time. BrokerAway where nothing comes any more, KafkaError where Kafka refuses. `of` names it in what is raised."""
    open_, still = set(ends), Standstill(of)
    while open_:
        moved = False
        for place in sorted(open_):
            at = await answered(consumer.position(place), of)
            if at < ends[place]:
                found = await _stretch(consumer, place, at, ends[place], most)
                if found:
                    yield place, found
                    still.moved()  # however long the reader has kept it
                reached = await answered(consumer.position(place), of)
                moved, at = moved or reached > at, reached
            if at >= ends[place]:
                open_.discard(place)
        if moved:
            still.moved()
        elif open_:
            still.check()
            await arrival(consumer, WAIT_SECONDS)


async def _stretch(consumer: AIOKafkaConsumer, place: TopicPartition, at: int, end: int, most: int) -> Batch | Unread:
    """What comes next of one partition; empty where nothing has come yet. Moves the consumer behind it.

    One partition at a time: aiokafka drops what it has drained of the others where it cannot read one."""
    try:
        found: Batch = tuple((await consumer.getmany(place, timeout_ms=0, max_records=most)).get(place, ()))
    except ConsumerStoppedError:
        raise
    except Exception:  # noqa: BLE001 - also what aiokafka did not foresee, such as UnicodeDecodeError
        try:
            read = await fetched(consumer, place, at, most)
        except TimeoutError:
            return ()
        except KafkaError as error:
            if error.retriable:
                return ()
            raise
        if read.next == at and read.fault is not None:
            behind = min(max(at + 1, read.behind), end)
            consumer.seek(place, behind)
            return Unread(place.topic, place.partition, at, behind, read.fault)
        consumer.seek(place, read.next)
        found = tuple(read.records)
    return tuple(record for record in found if record.offset < end)
