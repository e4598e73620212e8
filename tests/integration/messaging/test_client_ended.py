"""On a wire: an error nobody foresaw ends a part of the client's own work, which aiokafka never takes up again; we do.

Planted is what one such error was: a write to a connection that had just been closed raised RuntimeError.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from aiokafka.client import AIOKafkaClient
from aiokafka.conn import AIOKafkaConnection

from shared.messaging.errors import BrokerAway
from shared.messaging.options import KafkaOptions
from shared.messaging.producer import KafkaProducer
from tests.support.eventually import eventually
from tests.support.wired import TOPIC, Wired, log_of, make_topic

pytestmark = pytest.mark.embedded


class Planted:
    """The next request of a kind raises: of one client, or of whichever sends it first."""

    def __init__(self, patch: pytest.MonkeyPatch, client: AIOKafkaClient | None, kind: str) -> None:
        self.fallen = False
        send = AIOKafkaConnection.send

        def is_its(connection: AIOKafkaConnection) -> bool:
            return client is None or connection in client._conns.values()

        def failing(connection: AIOKafkaConnection, request: Any, *given: Any, **more: Any) -> Any:
            if not self.fallen and type(request).__name__ == kind and is_its(connection):
                self.fallen = True
                raise RuntimeError("unable to perform operation; the handler is closed")
            return send(connection, request, *given, **more)

        patch.setattr(AIOKafkaConnection, "send", failing)


@pytest.mark.parametrize("kind", ["HeartbeatRequest", "FetchRequest", "MetadataRequest", "JoinGroupRequest"])
async def test_a_consumer_whose_client_has_ended_joins_anew(
    kafka_address: list[str], topic_prefix: str, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    await make_topic(kafka_address, topic_prefix)
    wired = Wired(kafka_address, topic_prefix, metadata_ms=500)
    await wired.messaging.start()
    try:
        await wired.announce("a")
        await eventually(lambda: wired.effects.applied("a"), within=10, what="it is heard")
        (member,) = wired.messaging.members
        first: Any = member._subscriber.consumer
        planted = Planted(monkeypatch, first._client, kind)
        if kind == "JoinGroupRequest":
            first._coordinator.request_rejoin()
        await eventually(lambda: planted.fallen, within=10, what=f"a {kind} fails")
        await wired.announce("a")

        async def both() -> bool:
            return await wired.effects.applied("a") == [1, 2]

        await eventually(both, within=20, what="the second is heard too")

        async def anew() -> bool:
            return member._subscriber.consumer not in (None, first) and await wired.red() is None

        await eventually(anew, within=10, what="joined anew")
        assert first._closed
        assert all(not connection.connected() for connection in first._client._conns.values()), "nothing is left behind"
    finally:
        await wired.messaging.stop()


@pytest.mark.parametrize("kind", ["MetadataRequest", "FindCoordinatorRequest", "JoinGroupRequest", "SyncGroupRequest"])
async def test_a_client_that_ends_while_it_joins_is_made_anew(
    kafka_address: list[str], topic_prefix: str, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    await make_topic(kafka_address, topic_prefix)
    wired = Wired(kafka_address, topic_prefix)
    planted = Planted(monkeypatch, None, kind)
    try:
        await asyncio.wait_for(wired.messaging.start(), 20)
        assert planted.fallen
        await wired.announce("a")
        await eventually(lambda: wired.effects.applied("a"), within=10, what="it is heard")
        assert await wired.red() is None
    finally:
        await wired.messaging.stop()


async def test_a_record_on_an_unknown_topic_does_not_wait_for_a_client_that_learns_no_more(
    kafka_address: list[str], topic_prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await make_topic(kafka_address, topic_prefix)
    wired = Wired(kafka_address, topic_prefix)
    producer = wired.messaging._producer
    try:
        await wired.announce("a")
        await eventually(partial(log_holds, kafka_address, topic_prefix, 1), within=10, what="the first is out")
        await make_topic(kafka_address, f"{topic_prefix}x.")
        Planted(monkeypatch, producer._producer.client, "MetadataRequest")  # type: ignore[attr-defined]
        producer._options = replace(wired.options, topic_prefix=f"{topic_prefix}x.")  # type: ignore[attr-defined]
        await wired.announce("b")
        await eventually(partial(log_holds, kafka_address, f"{topic_prefix}x.", 1), within=15, what="it is out")
    finally:
        await wired.messaging.stop()


async def test_a_record_does_not_wait_for_a_producer_that_another_record_has_had_replaced(
    kafka_address: list[str], topic_prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    producer = KafkaProducer(KafkaOptions(addresses=tuple(kafka_address), client_id="m", topic_prefix=topic_prefix))
    await make_topic(kafka_address, topic_prefix)
    try:
        await producer.publish(TOPIC.name, key=b"a", value=b"1", headers=())
        first = producer._producer
        assert first is not None
        asks = asyncio.Event()

        async def no_answer(_topic: str) -> None:
            asks.set()
            await asyncio.Event().wait()

        monkeypatch.setattr(first.client, "_wait_on_metadata", no_answer)
        waits = asyncio.ensure_future(producer.publish(TOPIC.name, key=b"b", value=b"1", headers=()))
        await asyncio.wait_for(asks.wait(), 5)
        await producer._discard(first)
        with pytest.raises(BrokerAway):
            await asyncio.wait_for(waits, 5)
        await producer.publish(TOPIC.name, key=b"a", value=b"2", headers=())
    finally:
        await producer.close(1.0)


async def log_holds(addresses: list[str], prefix: str, count: int) -> bool:
    return len(await log_of(addresses, prefix)) == count


@pytest.mark.parametrize("kind", ["ProduceRequest", "MetadataRequest"])
async def test_a_producer_whose_client_has_ended_is_replaced(
    kafka_address: list[str], topic_prefix: str, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    await make_topic(kafka_address, topic_prefix)
    wired = Wired(kafka_address, topic_prefix, metadata_ms=500)
    try:
        await wired.announce("a")
        await eventually(wired.empty, within=10, what="the first is out")
        first = wired.messaging._producer._producer  # type: ignore[attr-defined]
        planted = Planted(monkeypatch, first.client, kind)
        if kind == "MetadataRequest":
            await eventually(lambda: first.client._sync_task.done(), within=10, what="its metadata is learned no more")
        await wired.announce("a")
        await eventually(lambda: planted.fallen, within=10, what=f"a {kind} fails")
        await eventually(wired.empty, within=10, what="the second is out")
        published = await log_of(kafka_address, topic_prefix)
        assert [dict(record.headers)["sequence"] for record in published] == [b"1", b"2"]
        assert wired.messaging._producer._producer is not first  # type: ignore[attr-defined]
    finally:
        await wired.messaging.stop()
