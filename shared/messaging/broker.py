"""The one place where FastStream's broker is made and subscribers are declared on it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.abc import ConsumerRebalanceListener
from aiokafka.errors import KafkaError
from faststream.kafka import KafkaBroker
from faststream.kafka.message import FAKE_CONSUMER, KafkaAckableMessage
from faststream.kafka.subscriber.usecase import BatchSubscriber
from faststream.middlewares import AckPolicy

from shared.messaging.consumer import Consumer
from shared.messaging.fetching import Batch
from shared.messaging.options import KafkaOptions
from shared.messaging.polling import Poll


def make_broker(options: KafkaOptions) -> KafkaBroker:
    """A broker that has opened no connection yet. It makes no topics, injects nothing into handlers and holds consumers
    only: records are published by `KafkaProducer` alone. Were one ever published here, it would be with all
    acknowledgements and idempotent."""
    return KafkaBroker(
        list(options.addresses),
        client_id=options.client_id,
        metadata_max_age_ms=options.metadata_max_age_ms,
        acks="all",
        enable_idempotence=True,
        allow_auto_create_topics=False,
        consumer_only=True,
        ack_policy=AckPolicy.MANUAL,
        apply_types=False,
        graceful_timeout=options.stop_seconds * 0.6,
        logger=None,
    )


class LongPoll(BatchSubscriber):
    """FastStream's batch subscriber with a poll of our own, which drops nothing, and without its pause after an empty
    poll: that pause is pure latency, and polling in short intervals instead keeps an idle service busy."""

    __slots__ = ()
    poll: Poll

    async def get_msg(self, consumer: AIOKafkaConsumer) -> Batch:
        return await self.poll.batch(consumer, self.max_records or 1)

    async def stop(self) -> None:
        try:
            await super().stop()
        finally:
            self.poll.close()


class _Rebalances(ConsumerRebalanceListener):  # type: ignore[misc]
    def __init__(self, consumer: Consumer, patience: float) -> None:
        self._consumer = consumer
        self._patience = patience

    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        if revoked:
            await self._consumer.revoked(self._patience)

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:  # noqa: ARG002 - aiokafka's shape
        self._consumer.assigned()


async def keep_raw(records: Batch) -> KafkaAckableMessage:
    """FastStream's message around a batch of which nothing has been read: each record is decoded alone, later."""
    return KafkaAckableMessage(raw_message=records, body=b"", headers={}, consumer=FAKE_CONSUMER)


async def hand_over(message: KafkaAckableMessage) -> Batch:
    """The raw records."""
    records: Batch = message.raw_message
    return records


def subscribe(broker: KafkaBroker, consumer: Consumer, options: KafkaOptions) -> LongPoll:
    """Declare the subscriber of one consumer: raw batches, explicit commits, from the earliest record on."""
    topic = options.topic_prefix + consumer.subscription.topic.name
    subscriber: Any = broker.subscriber(
        topic,
        batch=True,
        max_records=options.batch_size,
        batch_timeout_ms=25,
        group_id=consumer.group,
        ack_policy=AckPolicy.MANUAL,
        auto_offset_reset="earliest",
        no_reply=True,
        session_timeout_ms=options.session_timeout_ms,
        heartbeat_interval_ms=options.session_timeout_ms // 3,
        rebalance_timeout_ms=options.session_timeout_ms,
        fetch_max_wait_ms=options.fetch_max_wait_ms,
        listener=_Rebalances(consumer, options.session_timeout_ms / 3000),
        parser=keep_raw,
        decoder=hand_over,
        title=consumer.group,
    )
    subscriber.__class__ = LongPoll
    subscriber.poll = Poll(consumer.group, topic)

    async def commit(offsets: Mapping[int, int]) -> None:
        kafka: AIOKafkaConsumer | None = subscriber.consumer
        if kafka is None:
            raise KafkaError("the consumer has been closed")
        ours = kafka.assignment()
        places = {TopicPartition(topic, partition): offset for partition, offset in offsets.items()}
        still = {place: offset for place, offset in places.items() if place in ours}
        if still:
            await kafka.commit(still)
        if len(still) < len(places):
            raise KafkaError(f"{len(places) - len(still)} partitions belong to another member now")

    async def take(batch: Batch) -> None:
        await consumer.take(batch, commit)

    subscriber(take)
    declared: LongPoll = subscriber
    return declared
