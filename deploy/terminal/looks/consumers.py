"""How far each consumer group has come, and how many members it has."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import (
    GroupCoordinatorNotAvailableError,
    GroupLoadInProgressError,
    IncompatibleBrokerVersion,
    NotCoordinatorForGroupError,
    for_code,
)

from deploy.audit.expectations import GROUPS
from deploy.audit.progress import Place, committed_by
from shared.contracts.topics import TOPICS
from shared.messaging.backoff import AWAY, loop_time, pause
from shared.messaging.client_work import stop
from shared.messaging.topics import Admin, all_partitions

AT_ONCE = 6
"""Clients side by side: each group is asked by one of its own."""
MADE_WITHIN = 10.0
"""Seconds in which a new Kafka has made its topic of offsets; it begins when it is first asked for a group."""
NOT_YET = (GroupCoordinatorNotAvailableError, GroupLoadInProgressError, NotCoordinatorForGroupError)
"""What it answers meanwhile, and while a group moves to another broker."""


@dataclass(frozen=True, slots=True)
class Consumed:
    """One group on its topic. `lag` are the records it has not committed, by partition; `members` None where the
    broker does not tell (the embedded stand-in)."""

    group: str
    topic: str
    lag: Mapping[int, int]
    members: int | None
    state: str

    @property
    def waiting(self) -> int:
        """Records that wait to be consumed."""
        return sum(self.lag.values())


async def consumed(kafka: Sequence[str]) -> list[Consumed]:
    """Every group of the three services. Committed offsets are read before the ends, so no lag is negative.

    BrokerAway, KafkaError or OSError where Kafka does not answer."""
    membership = await _membership(list(kafka))
    gate = asyncio.Semaphore(AT_ONCE)

    async def committed(group: str, topic: str) -> Mapping[Place, int]:
        async with gate:
            return await committed_by(list(kafka), group, topic)

    offsets = await asyncio.gather(*(committed(group, topic) for group, topic in GROUPS.items()))
    first, ends = await _bounds(list(kafka))
    found = []
    for (group, topic), done in zip(GROUPS.items(), offsets, strict=True):
        places = [place for place in ends if place[0] == topic]
        lag = {place[1]: max(0, ends[place] - max(done.get(place, 0), first[place])) for place in places}
        members, state = membership.get(group, (None, ""))
        found.append(Consumed(group, topic, lag, members, state))
    return found


async def _bounds(kafka: list[str]) -> tuple[Mapping[Place, int], Mapping[Place, int]]:
    """The first record there is and the end, of every partition of every topic."""
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka, enable_auto_commit=False)
    await consumer.start()
    try:
        places = await all_partitions(consumer, TOPICS)
        if not places:
            return {}, {}
        first, ends = await consumer.beginning_offsets(places), await consumer.end_offsets(places)
        return (
            {(place.topic, place.partition): first[place] for place in places},
            {(place.topic, place.partition): ends[place] for place in places},
        )
    finally:
        await stop(consumer)


async def _membership(kafka: list[str]) -> dict[str, tuple[int, str]]:
    """Members and state of each group; empty where the broker does not know the question."""
    async with Admin(kafka) as admin:
        try:
            # one at a time: aiokafka 0.14 reads the answer to version 3 as version 2, which holds for one group only
            groups = [await _described(admin, name) for name in GROUPS]
        except IncompatibleBrokerVersion:
            return {}
        return {group["group"]: (len(group["members"]), str(group["state"])) for group in groups}


async def _described(admin: Any, name: str) -> dict[str, Any]:
    """What the broker tells of a group. Asked again while nobody coordinates groups yet, and then KafkaError."""
    until, attempt = loop_time() + MADE_WITHIN, 0
    while True:
        try:
            (answer,) = await admin.describe_consumer_groups([name])
            (group,) = answer.to_object()["groups"]
            if not group["error_code"]:
                return dict(group)
            raise for_code(group["error_code"])(f"group {name} is not told")
        except NOT_YET:
            if loop_time() >= until:
                raise
        await asyncio.sleep(pause(AWAY, attempt))
        attempt += 1
