"""A topic read again from its first record, beside the consumers: no group, no offsets, nothing committed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError, UnknownTopicOrPartitionError

from shared.contracts.topics import Topic
from shared.messaging.client_work import stop
from shared.messaging.errors import BrokerAway
from shared.messaging.options import KafkaOptions
from shared.messaging.reading import Unread, read_through
from shared.messaging.record import Record
from shared.messaging.standstill import answered
from shared.messaging.topics import all_partitions

BATCH = 500

ReadTopic = Callable[[Topic], AsyncIterator[Sequence[Record]]]
"""Every record of the topic up to its end as it is when the first batch is asked for, in the order of each partition.
Raises BrokerAway, also where nothing comes any more, HeadOfTopicMissing where the topic no longer starts at its first
record, and Unreadable where nobody can read what lies there."""


class HeadOfTopicMissing(Exception):
    """The oldest records of the topic were cut off: a view made of the rest would lack what they said, and an
    audit of it would prove nothing."""


class Unreadable(Exception):
    """A batch that nobody can read lies on the topic: a view made of the rest would lack what stands in it."""


def reader_of(options: KafkaOptions) -> ReadTopic:
    """Reads from the broker of these options. Connects when it is used."""

    async def read(topic: Topic) -> AsyncIterator[Sequence[Record]]:
        consumer = AIOKafkaConsumer(
            bootstrap_servers=list(options.addresses),
            client_id=f"{options.client_id}-replay",
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            fetch_max_wait_ms=options.fetch_max_wait_ms,
        )
        try:
            await consumer.start()
            name = options.topic_prefix + topic.name
            places = await all_partitions(consumer, [name])
            if not places:
                raise UnknownTopicOrPartitionError(name)
            consumer.assign(places)
            first = await answered(consumer.beginning_offsets(places), topic.name)
            ends = await answered(consumer.end_offsets(places), topic.name)
            if cut := [place for place in places if first[place] > 0]:
                raise HeadOfTopicMissing(f"{topic.name}/{cut[0].partition} starts at offset {first[cut[0]]}")
            async for place, found in read_through(consumer, ends, topic.name, BATCH):
                if isinstance(found, Unread):
                    raise Unreadable(f"{place.topic} {place.partition}/{found.offset}: {found}")
                yield [Record.of(record) for record in found]
        except (KafkaError, OSError) as error:
            raise BrokerAway(f"{error!r:.300}") from error
        finally:
            await stop(consumer)

    return read
