"""On a wire: what was decided gets out, in order, once, also when Kafka does not answer for a while."""

from __future__ import annotations

import asyncio
import signal
import time
from dataclasses import replace
from typing import Any

import pytest

from deploy.embedded.process import Child
from shared.contracts import topics
from shared.messaging.topics import Topics
from shared.store import MongoDocuments
from shared.store.client import close, connect
from tests.support.eventually import eventually
from tests.support.wired import PARTITIONS, TOPIC, Wired, log_of, make_topic

pytestmark = pytest.mark.embedded


def by_key(log: list[Any]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for record in log:
        found.setdefault(record.key.decode(), []).append(dict(record.headers)["sequence"].decode())
    return found


async def test_many_documents_side_by_side_each_in_order_and_once(
    kafka_address: list[str], topic_prefix: str, mongodb_uri: str, database_name: str
) -> None:
    await make_topic(kafka_address, topic_prefix)
    client = connect(mongodb_uri)
    things = MongoDocuments(client[database_name]["things"])
    wired = Wired(kafka_address, topic_prefix, things=things)
    try:
        await asyncio.gather(*(wired.announce(f"k{n % 20}") for n in range(200)))
        await eventually(wired.empty, within=20, what="the outboxes are empty")
        log = await log_of(kafka_address, topic_prefix)
        assert by_key(log) == {f"k{n}": [str(s) for s in range(1, 11)] for n in range(20)}
    finally:
        await wired.messaging.stop()
        await close(client)


async def test_a_kafka_that_does_not_answer_delays_and_repeats_nothing(own_broker: Child, topic_prefix: str) -> None:
    addresses = [own_broker.announced("kafka") or ""]
    await make_topic(addresses, topic_prefix)
    wired = Wired(addresses, topic_prefix)
    try:
        await wired.announce("a")
        await eventually(wired.empty, within=10, what="the first is out")
        own_broker.send(signal.SIGSTOP)
        for _ in range(5):
            await asyncio.wait_for(wired.announce("a"), 1)
        reason = await eventually(wired.messaging.relay.check, within=5, what="the relay turns red")
        assert "not confirmed" in str(reason)
        assert not await wired.empty()
        own_broker.send(signal.SIGCONT)
        await eventually(wired.empty, within=20, what="the rest is out")
        assert await wired.messaging.relay.check() is None
        assert by_key(await log_of(addresses, topic_prefix)) == {"a": ["1", "2", "3", "4", "5", "6"]}
    finally:
        own_broker.send(signal.SIGCONT)
        await wired.messaging.stop()


async def test_what_a_crash_left_is_published_after_the_next_start(kafka_address: list[str], topic_prefix: str) -> None:
    await make_topic(kafka_address, topic_prefix)
    wired = Wired(kafka_address, topic_prefix)
    await wired.messaging.relay.drain(0)
    await wired.announce("a")
    await wired.announce("a")
    again = Wired(kafka_address, topic_prefix, things=wired.things.documents)
    again.messaging.relay.watch(wired.things.documents)
    await again.messaging.start()
    try:
        await eventually(lambda: again.effects.applied("a"), within=10, what="it is heard")
        await eventually(wired.empty, within=10, what="the outbox is empty")
        assert by_key(await log_of(kafka_address, topic_prefix)) == {"a": ["1", "2"]}
        assert await again.effects.applied("a") == [1, 2]
    finally:
        await again.messaging.stop()


async def test_topics_are_planned_made_and_then_as_wanted(kafka_address: list[str], topic_prefix: str) -> None:
    wanted = [replace(topic, name=topic_prefix + topic.name) for topic in topics.TOPICS.values()]
    cluster = Topics(kafka_address, partitions=PARTITIONS, wanted=wanted)
    assert {d.what for d in await cluster.plan()} == {"is missing"}
    assert len(await cluster.plan()) == len(wanted), "planning makes nothing"
    assert await cluster.apply() == []
    assert await cluster.plan() == []
    assert await cluster.apply() == []
    more = await Topics(kafka_address, partitions=PARTITIONS + 1, wanted=wanted[:1]).plan()
    assert [d.what for d in more] == [f"has {PARTITIONS} partitions instead of {PARTITIONS + 1}"]
    assert TOPIC in topics.TOPICS.values()


async def test_a_stop_is_bounded_also_when_kafka_does_not_answer(own_broker: Child, topic_prefix: str) -> None:
    addresses = [own_broker.announced("kafka") or ""]
    await make_topic(addresses, topic_prefix)
    wired = Wired(addresses, topic_prefix, stop_seconds=2)
    await wired.messaging.start()
    await wired.announce("a")
    await eventually(lambda: wired.effects.applied("a"), within=10, what="it is heard")
    own_broker.send(signal.SIGSTOP)
    try:
        await wired.announce("a")
        began = time.monotonic()
        await wired.messaging.stop()
        assert time.monotonic() - began < 4
        assert not await wired.empty(), "kept for the next start"
    finally:
        own_broker.send(signal.SIGCONT)
