"""Whoever looks names no topic: a broker that makes topics by itself would make the one that is missing."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from aiokafka import client
from aiokafka.protocol.metadata import MetadataRequest, MetadataRequest_v5, MetadataResponse_v1

from deploy.audit.progress import committed_by, end_offsets
from shared.contracts.topics import REQUESTS
from shared.messaging.errors import BrokerAway
from shared.messaging.options import KafkaOptions
from shared.messaging.replay import reader_of
from shared.messaging.topics import all_partitions

OTHER = (0, "sample.other", False, [(0, partition, 1, [1], [1]) for partition in (1, 0)])
KAFKA = ["kafka:9092"]


class Broker:
    """One without our topics; keeps the requests for metadata as the newest brokers get them."""

    def __init__(self) -> None:
        self.asked: list[MetadataRequest_v5] = []

    async def __call__(self, *_: Any, **__: Any) -> Broker:
        return self

    def connected(self) -> bool:
        return True

    async def send(self, request: Any) -> Any:
        assert isinstance(request, MetadataRequest), request
        self.asked.append(request.build(MetadataRequest_v5))
        return MetadataResponse_v1([(1, "kafka", 9092, None)], 1, [OTHER])

    def close(self, **_: Any) -> Any:
        closed = asyncio.get_running_loop().create_future()
        closed.set_result(None)
        return closed

    def named(self) -> set[str]:
        return {name for request in self.asked for name in request.topics or ()}


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> Broker:
    there = Broker()
    monkeypatch.setattr(client, "create_conn", there)
    return there


async def test_a_look_at_the_topics_names_none(broker: Broker) -> None:
    assert await end_offsets(KAFKA) == {}
    assert await committed_by(KAFKA, "matching.requests", REQUESTS.name) == {}
    assert broker.named() == set()
    assert any(request.topics is None for request in broker.asked), "of all topics"


async def test_the_partitions_are_picked_from_all_that_there_are(broker: Broker) -> None:
    consumer = client.AIOKafkaClient(bootstrap_servers=KAFKA)
    await consumer.bootstrap()
    try:

        class Consumer:
            _client = consumer
            partitions_for_topic = staticmethod(consumer.cluster.partitions_for_topic)

        found = await all_partitions(Consumer, [REQUESTS.name, "sample.other"])
    finally:
        await consumer.close()
    assert found == [("sample.other", 0), ("sample.other", 1)]


async def test_a_replay_of_a_missing_topic_ends_without_naming_it(broker: Broker) -> None:
    with pytest.raises(BrokerAway, match=r"UnknownTopicOrPartition.*registration\.requests"):
        await anext(reader_of(KafkaOptions(addresses=tuple(KAFKA), client_id="sample"))(REQUESTS))
    assert broker.named() == set()
