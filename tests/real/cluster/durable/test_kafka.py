"""Groups that change hands and a leader that dies: what a real broker alone can show of commits and confirmations."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from collections import Counter
from typing import Any

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from confluent_kafka import ConsumerGroupState
from confluent_kafka.admin import AdminClient

from shared.messaging.options import KafkaOptions
from shared.messaging.producer import KafkaProducer
from shared.store import MemoryDocuments, MongoDocuments
from shared.store.client import close, connect
from tests.support.cluster_of_three import topic_on_all_brokers
from tests.support.eventually import eventually
from tests.support.messages import Effects, evaluation, record, value
from tests.support.real_cluster import RealCluster
from tests.support.wired import TOPIC, Wired, group_of, log_of, put

pytestmark = [pytest.mark.real, pytest.mark.timeout(180)]

KEYS = ("a", "b")
"""Both on partition 0, so that one batch holds them."""


def run_consumer(cluster: RealCluster, prefix: str, database: str, *crash: str) -> subprocess.Popen[bytes]:
    """A member of the group as a process of its own."""
    command = [sys.executable, "-m", "tests.support.run_consumer", cluster.kafka, prefix, cluster.mongodb, database]
    return subprocess.Popen([*command, *crash], stdin=subprocess.PIPE, stdout=subprocess.PIPE)


async def members(addresses: list[str], group: str) -> int:
    """How many the group has while it is stable; none while it changes hands."""
    admin = AdminClient({"bootstrap.servers": ",".join(addresses)})
    told = await asyncio.to_thread(lambda: admin.describe_consumer_groups([group])[group].result(10))
    return len(told.members) if told.state == ConsumerGroupState.STABLE else 0


async def test_a_batch_in_the_hands_of_a_member_that_dies_comes_to_the_next_one(
    cluster_of_three: RealCluster, topic_prefix: str
) -> None:
    addresses = await topic_on_all_brokers(cluster_of_three, topic_prefix)
    await put(addresses, topic_prefix, [record(key, n) for n in range(1, 21) for key in KEYS])
    client: Any = connect(cluster_of_three.mongodb)
    database = f"durable_{topic_prefix.rstrip('.')}"
    effects = Effects(MongoDocuments(client[database]["tallies"]))  # type: ignore[arg-type]
    first = run_consumer(cluster_of_three, topic_prefix, database, "hold")
    second: subprocess.Popen[bytes] | None = None
    try:
        assert first.stdout is not None
        assert await asyncio.to_thread(first.stdout.readline) == b"in hand\n"
        second = run_consumer(cluster_of_three, topic_prefix, database)

        async def both() -> bool:
            return await members(addresses, group_of(topic_prefix)) == 2

        await eventually(both, within=60, what="both are members", every=0.2)
        first.send_signal(signal.SIGKILL)

        async def all_applied() -> bool:
            return [await effects.applied(key) for key in KEYS] == [list(range(1, 21))] * len(KEYS)

        await eventually(all_applied, within=40, what="every effect, each once and in order", every=0.2)
    finally:
        for process in filter(None, (first, second)):
            process.kill()
            await asyncio.to_thread(process.wait)
        await client.drop_database(database)
        await close(client)


async def test_a_batch_in_hand_is_committed_before_its_partition_changes_hands(
    cluster_of_three: RealCluster, topic_prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    addresses = await topic_on_all_brokers(cluster_of_three, topic_prefix)
    await put(addresses, topic_prefix, [record(key, n) for n in range(1, 11) for key in KEYS])
    tallies = MemoryDocuments("tallies")
    in_hand, let_go, asked, given = (asyncio.Event() for _ in range(4))
    handle = Effects.handle

    async def held(effects: Effects, event: Any) -> None:
        in_hand.set()
        await let_go.wait()
        await handle(effects, event)

    with monkeypatch.context() as patched:
        patched.setattr(Effects, "handle", held)
        first = Wired(addresses, topic_prefix, tallies=tallies, session_ms=12_000, client_id="z")
    # partitions are dealt out in the order of names: partition 0 goes to the one that joins
    second = Wired(addresses, topic_prefix, tallies=tallies, session_ms=12_000, client_id="a")
    consumer = first.messaging.members[0].consumer
    finish = consumer.revoked

    async def revoked(seconds: float) -> None:
        asked.set()
        await finish(seconds)

    monkeypatch.setattr(consumer, "revoked", revoked)
    newcomer = second.messaging.members[0].consumer
    take_up = newcomer.assigned

    def assigned() -> None:
        given.set()
        take_up()

    monkeypatch.setattr(newcomer, "assigned", assigned)
    try:
        await first.messaging.start()
        await asyncio.wait_for(in_hand.wait(), 30)
        asked.clear()  # a member that joins gives up nothing, and may say so
        joining = asyncio.create_task(second.messaging.start())
        try:
            await eventually(lambda: asked.is_set() or given.is_set(), within=60, what="the partitions change hands")
            let_go.set()
            await joining
            await put(addresses, topic_prefix, [record(key, 11) for key in KEYS])

            async def all_applied() -> bool:
                return [await first.effects.applied(key) for key in KEYS] == [list(range(1, 12))] * len(KEYS)

            await eventually(all_applied, within=40, what="every effect, each once and in order")
        finally:
            joining.cancel()
    finally:
        await asyncio.gather(first.messaging.stop(), second.messaging.stop())
    again = [place for place, times in Counter(first.effects.calls + second.effects.calls).items() if times > 1]
    assert again == [], "handled by the old member and, uncommitted, by the new one"


async def test_a_record_that_is_confirmed_survives_the_leader_that_took_it(
    cluster_of_three: RealCluster, topic_prefix: str
) -> None:
    addresses = await topic_on_all_brokers(cluster_of_three, topic_prefix)
    producer = KafkaProducer(KafkaOptions(addresses=tuple(addresses), client_id="matching", topic_prefix=topic_prefix))

    async def publish(key: bytes, number: int) -> None:
        said = value(evaluation(key.decode()), key.decode(), number)
        await producer.publish(TOPIC.name, key=key, value=said, headers=[])

    try:
        await publish(b"a", 1)
        (told,) = await log_of(addresses, topic_prefix)
        leader = await leader_of(addresses, topic_prefix, told.partition)
        with cluster_of_three.hanging(*(broker for broker in cluster_of_three.brokers if broker != leader)):
            publishing = asyncio.create_task(publish(b"a", 2))
            await asyncio.wait({publishing}, timeout=3.0)  # confirmed by one alone, if at all
            cluster_of_three.kill(leader)
        await asyncio.to_thread(cluster_of_three.revive)
        await asyncio.wait_for(publishing, 90)
    finally:
        await producer.close(1.0)
        await asyncio.to_thread(cluster_of_three.revive)
    found = [record.value for record in await log_of(addresses, topic_prefix)]
    assert found == [value(evaluation("a"), "a", 1), value(evaluation("a"), "a", 2)]


async def leader_of(addresses: list[str], prefix: str, partition: int) -> str:
    """The broker that leads a partition of the test's topic."""
    admin = AIOKafkaAdminClient(bootstrap_servers=addresses)
    await admin.start()
    try:
        described: list[dict[str, Any]] = await admin.describe_topics([prefix + TOPIC.name])
    finally:
        await admin.close()
    return next(f"kafka-{p['leader']}" for p in described[0]["partitions"] if p["partition"] == partition)
