"""A topic read again from its first record, beside the consumers: no group, no offsets, nothing committed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from shared.contracts.topics import Topic
from shared.messaging.client_work import stop
from shared.messaging.errors import BrokerAway
from shared.messaging.options import KafkaOptions
from shared.messaging.record import Record
from shared.messaging.standstill import Standstill, answered

BATCH = 500
POLL_MS = 500

ReadTopic = Callable[[Topic], AsyncIterator[Sequence[Record]]]
"""Every record of the topic up to its end as it is when the first batch is asked for, in the order of each partition.
Raises BrokerAway, also where nothing comes any more, and HeadOfTopicMissing where the topic no longer starts at its
first record."""


class HeadOfTopicMissing(Exception):
    """The oldest records of the topic were cut off: a view made of the rest would lack what they said, and an
    audit of it would prove nothing."""


def reader_of(options: KafkaOptions) -> ReadTopic:
    """Reads from the broker of these options. Connects when it is used."""

    async def read(topic: Topic) -> AsyncIterator[Sequence[Record]]:
        consumer = AIOKafkaConsumer(
            options.topic_prefix + topic.name,
            bootstrap_servers=list(options.addresses),
            client_id=f"{options.client_id}-replay",
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            fetch_max_wait_ms=options.fetch_max_wait_ms,
        )
        try:
            await consumer.start()
            places = sorted(consumer.assignment())
            first = await answered(consumer.beginning_offsets(places), topic.name)
            ends = await answered(consumer.end_offsets(places), topic.name)
            if cut := [place for place in places if first[place] > 0]:
                raise HeadOfTopicMissing(f"{topic.name}/{cut[0].partition} starts at offset {first[cut[0]]}")
            open_ = {place for place in places if ends[place] > 0}
            still, stood = Standstill(topic.name), dict[TopicPartition, int]()
            while open_:
                for place, batch in (await consumer.getmany(*open_, timeout_ms=POLL_MS, max_records=BATCH)).items():
                    yield [Record.of(record) for record in batch if record.offset < ends[place]]
                    still.moved()
                at = {place: await answered(consumer.position(place), topic.name) for place in open_}
                if at != stood:
                    still.moved()
                still.check()
                open_, stood = {place for place in open_ if at[place] < ends[place]}, at
        except (KafkaError, OSError) as error:
            raise BrokerAway(f"{error!r:.300}") from error
        finally:
            await stop(consumer)

    return read
