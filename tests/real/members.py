"""Members of one consumer group in processes of their own, and a load that runs beside whatever happens to them."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from aiokafka import AIOKafkaProducer
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from tests.support.eventually import eventually
from tests.support.messages import Effects, evaluation, value
from tests.support.wired import PARTITIONS, TOPIC, committed, group_of

KEYS = tuple(f"key-{n}" for n in range(2 * PARTITIONS))
"""Two to each partition: the n-th is published to partition n modulo their number."""

LEAST_ROUNDS = 20
AHEAD = 10
"""So many rounds may be published before the first of them has had its effects: a load, not a heap."""

CHANGES_HANDS_WITHIN = 40.0
"""Seconds: a member that was killed is missed after its session of 6 s, and a process takes 3 s to start."""


@dataclass
class Group:
    """The group of the test's consumer, its members, and what they have brought about."""

    addresses: list[str]
    prefix: str
    mongodb: str
    database: str
    effects: Effects
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def join(self) -> subprocess.Popen[bytes]:
        """One more member, which goes its own way until it is stopped."""
        command = (sys.executable, "-m", "tests.support.run_consumer")
        given = (",".join(self.addresses), self.prefix, self.mongodb, self.database)
        process = subprocess.Popen((*command, *given), stdin=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.processes.append(process)
        return process

    async def pair(self) -> subprocess.Popen[bytes]:
        """Two members that share the work; the first of them."""
        first, _ = self.join(), self.join()
        await self.shared_by(2)
        return first

    async def shared_by(self, members: int) -> None:
        """Return when so many members hold all partitions, at least one each."""

        def shares() -> list[int]:
            admin = AdminClient({"bootstrap.servers": ",".join(self.addresses), "log_level": 2})
            name = group_of(self.prefix)
            try:
                found: Any = admin.describe_consumer_groups([name])[name].result()
            except KafkaException as error:  # a broker that has just begun coordinates no group yet
                raise AssertionError(str(error)) from error
            return sorted(len(member.assignment.topic_partitions) for member in found.members)

        async def shared() -> bool:
            held = await asyncio.to_thread(shares)
            assert len(held) == members, held
            assert all(held), held
            assert sum(held) == PARTITIONS, held
            return True

        await eventually(shared, within=CHANGES_HANDS_WITHIN, what=f"{members} members share the partitions", every=0.2)

    async def had(self, rounds: int) -> bool:
        """Whether every key has had its first `rounds` effects, in order and once each; more may have come."""
        for key in KEYS:
            assert (await self.effects.applied(key))[:rounds] == list(range(1, rounds + 1)), key
        return True

    async def done(self, rounds: int) -> None:
        """Return when all effects are there and committed; each key has had exactly its events, in order, once each."""
        await eventually(lambda: self.had(rounds), within=60, what=f"{rounds} effects of every key", every=0.2)
        ends = {partition: rounds * len(KEYS) // PARTITIONS for partition in range(PARTITIONS)}

        async def all_committed() -> bool:
            return await committed(self.addresses, self.prefix, group_of(self.prefix)) == ends

        await eventually(all_committed, within=20, what="everything committed", every=0.2)
        for key in KEYS:
            assert await self.effects.applied(key) == list(range(1, rounds + 1))

    async def end(self) -> None:
        """Kill whoever is left."""
        for process in self.processes:
            process.send_signal(signal.SIGCONT)
            process.kill()
            await asyncio.to_thread(process.wait)


@dataclass
class Load:
    """Rounds of one event about every key."""

    rounds: int = 0


@asynccontextmanager
async def under_load(group: Group) -> AsyncIterator[Load]:
    """Publish round after round while the block runs, and LEAST_ROUNDS at least. Never far ahead of the effects."""
    load, enough = Load(), asyncio.Event()
    task = asyncio.create_task(_publish(group, load, enough))
    try:
        yield load
        enough.set()
        await task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _publish(group: Group, load: Load, enough: asyncio.Event) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=group.addresses, acks="all", enable_idempotence=True)
    await producer.start()
    try:
        while load.rounds < LEAST_ROUNDS or not enough.is_set():
            await publish_round(producer, group.prefix, KEYS, load.rounds + 1)
            load.rounds += 1
            behind = load.rounds - AHEAD
            if behind > 0:
                await eventually(partial(group.had, behind), within=60, what="the load has effects")
    finally:
        await producer.stop()


async def publish_round(producer: AIOKafkaProducer, prefix: str, keys: Sequence[str], number: int) -> None:
    """The event with this sequence about each of the keys."""
    for place, key in enumerate(keys):
        told = value(evaluation(key), key, number)
        await producer.send_and_wait(prefix + TOPIC.name, told, key.encode(), partition=place % PARTITIONS)
