"""Members that join and leave a group while events come: every event has its effect, once, and each key in order."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator

import pytest
from aiokafka import AIOKafkaProducer

from shared.store import MongoDocuments
from shared.store.client import close, connect
from tests.real.members import KEYS, Group, publish_round, under_load
from tests.support.eventually import eventually
from tests.support.intercepted_documents import Intercepted
from tests.support.messages import Effects
from tests.support.wired import Wired, make_topic

pytestmark = [pytest.mark.real, pytest.mark.timeout(180)]


@pytest.fixture
async def group(
    kafka_address: list[str], topic_prefix: str, mongodb_uri: str, database_name: str
) -> AsyncIterator[Group]:
    await make_topic(kafka_address, topic_prefix)
    client = connect(mongodb_uri)
    effects = Effects(MongoDocuments(client[database_name]["tallies"]))  # type: ignore[arg-type]
    made = Group(kafka_address, topic_prefix, mongodb_uri, database_name, effects)
    yield made
    await made.end()
    await close(client)


@pytest.mark.parametrize("members", [2, 3])
async def test_members_that_join_under_load_share_the_work(group: Group, members: int) -> None:
    group.join()
    await group.shared_by(1)
    async with under_load(group) as load:
        for number in range(2, members + 1):
            group.join()
            await group.shared_by(number)
    await group.done(load.rounds)


async def test_a_member_stopped_under_load_hands_over(group: Group) -> None:
    leaving = await group.pair()
    async with under_load(group) as load:
        assert leaving.stdin is not None
        leaving.stdin.close()
        assert await asyncio.to_thread(leaving.wait, 20) == 0
        await group.shared_by(1)
    await group.done(load.rounds)


async def test_a_member_killed_under_load_is_replaced(group: Group) -> None:
    dying = await group.pair()
    async with under_load(group) as load:
        dying.kill()
        await group.shared_by(1)
        group.join()
        await group.shared_by(2)
    await group.done(load.rounds)


async def test_a_member_that_wakes_after_its_partitions_were_given_away_doubles_nothing(group: Group) -> None:
    sleeping = await group.pair()
    async with under_load(group) as load:
        sleeping.send_signal(signal.SIGSTOP)
        await group.shared_by(1)
        sleeping.send_signal(signal.SIGCONT)
        await group.shared_by(2)
    await group.done(load.rounds)


async def test_work_that_goes_on_after_its_partition_was_lost_is_fenced(group: Group) -> None:
    """The loser's effect comes second and is left out; its commit is refused, and what the next one committed stays."""
    client = connect(group.mongodb)
    tallies = MongoDocuments(client[group.database]["tallies"])
    held, gate = set[str](), asyncio.Event()

    async def hold(operation: str, id_: str) -> None:
        if operation == "insert" and not gate.is_set():
            held.add(id_)
            await gate.wait()

    slow = Wired(group.addresses, group.prefix, tallies=Intercepted(tallies, before=hold))
    quick = Wired(group.addresses, group.prefix, tallies=tallies)
    producer = AIOKafkaProducer(bootstrap_servers=group.addresses, acks="all")
    await producer.start()
    try:
        for number in (1, 2, 3):
            await publish_round(producer, group.prefix, KEYS, number)
        await slow.messaging.start()
        await eventually(lambda: held == set(KEYS), within=30, what="the first member is at work on every key")
        await quick.messaging.start()
        await group.shared_by(2)

        async def taken_over() -> list[str]:
            done = [key for key in KEYS if await group.effects.applied(key) == [1, 2, 3]]
            return done if len(done) == len(KEYS) // 2 else []

        lost = await eventually(taken_over, within=40, what="the second member has done its share", every=0.1)
        assert {(key, 1) for key in lost} <= set(slow.effects.calls) & set(quick.effects.calls)
        gate.set()
        await group.done(3)
        assert slow.counted["commit_failures"] > 0
        assert slow.counted["events_parked"] + quick.counted["events_parked"] == 0
    finally:
        gate.set()
        await asyncio.gather(slow.messaging.stop(), quick.messaging.stop(), producer.stop())
        await close(client)


async def test_a_topic_made_later_is_picked_up(kafka_address: list[str], topic_prefix: str) -> None:
    """Who begins without it waits, says so, finds it with the next look at the cluster, and misses nothing of it."""
    wired = Wired(kafka_address, topic_prefix, metadata_ms=2_000)
    producer = AIOKafkaProducer(bootstrap_servers=kafka_address, acks="all")
    await producer.start()
    starting = asyncio.create_task(wired.messaging.start())
    try:
        (member,) = wired.messaging.members
        await eventually(lambda: member._subscriber.consumer, within=30, what="the member asks for its topic")
        assert await wired.red() == "has not joined its group yet"
        assert not starting.done()
        await make_topic(kafka_address, topic_prefix)
        await asyncio.wait_for(starting, 30)
        await publish_round(producer, topic_prefix, KEYS, 1)

        async def all_there() -> bool:
            return [await wired.effects.applied(key) for key in KEYS] == [[1]] * len(KEYS)

        await eventually(all_there, within=30, what="the effects of what was published", every=0.1)
        assert await wired.red() is None
    finally:
        await asyncio.gather(wired.messaging.stop(), producer.stop())
        await asyncio.gather(starting, return_exceptions=True)
