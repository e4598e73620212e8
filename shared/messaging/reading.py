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

from shared.messaging.errors import BrokerAway
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
    still = Standstill(of)
    at = {place: await answered(consumer.position(place), of) for place in sorted(ends)}
    while open_ := [place for place in at if at[place] < ends[place]]:
        before = dict(at)
        for place in open_:
            found, at[place] = await _stretch(consumer, place, at[place], ends[place], most)
            if not isinstance(found, Unread):
                found = tuple(record for record in found if record.offset < ends[place])
            if found:
                yield place, found
                still.moved()  # however long the reader has kept it
        if at != before:
            still.moved()
        else:
            still.check()
            await arrival(consumer, WAIT_SECONDS)


async def _stretch(
    consumer: AIOKafkaConsumer, place: TopicPartition, at: int, end: int, most: int
) -> tuple[Batch | Unread, int]:
    """What comes next of one partition, empty where nothing has come yet, and the offset behind it, where the consumer
    stands then.

    One partition at a time: aiokafka drops what it has drained of the others where it cannot read one."""
    try:
        found: Batch = tuple((await consumer.getmany(place, timeout_ms=0, max_records=most)).get(place, ()))
        if found:
            return found, found[-1].offset + 1
        return (), await answered(consumer.position(place), place.topic)  # moves where records were compacted away
    except (ConsumerStoppedError, BrokerAway):
        raise
    except Exception:  # noqa: BLE001 - also what aiokafka did not foresee, such as UnicodeDecodeError
        return await _patiently(consumer, place, at, end, most)


async def _patiently(
    consumer: AIOKafkaConsumer, place: TopicPartition, at: int, end: int, most: int
) -> tuple[Batch | Unread, int]:
    try:
        read = await fetched(consumer, place, at, most)
    except TimeoutError:
        return (), at
    except KafkaError as error:
        if error.retriable:
            return (), at
        raise
    if read.next > at or read.fault is None:
        consumer.seek(place, read.next)
        return tuple(read.records), read.next
    behind = min(max(at + 1, read.behind), end)
    consumer.seek(place, behind)
    return Unread(place.topic, place.partition, at, behind, read.fault), behind
