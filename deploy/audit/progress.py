"""How far everybody had come when the auditor began to read: what tells "not yet" from "never" in a running system.

Read before the documents. A consumer commits after its effects, so what lies before a committed offset has left its
effect in the documents read afterwards; and a record is published after its decision, so what lies before an end
offset was decided in them. Everything younger may still be on its way, and says nothing.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiokafka import AIOKafkaConsumer

from deploy.audit.expectations import GROUPS
from shared.contracts.topics import TOPICS
from shared.messaging.client_work import stop
from shared.messaging.standstill import answered
from shared.messaging.topics import all_partitions

Place = tuple[str, int]
"""Topic and partition."""


@dataclass(frozen=True, slots=True)
class Progress:
    """`ends` are the topics' end offsets, `committed` is consumer group -> offsets; a place that is missing is 0."""

    ends: Mapping[Place, int] = field(default_factory=dict)
    committed: Mapping[str, Mapping[Place, int]] = field(default_factory=dict)


async def read_progress(kafka: list[str], groups: Mapping[str, str] = GROUPS) -> Progress:
    """The offsets as they are now. `groups` is group -> topic."""
    committed = {group: await committed_by(kafka, group, topic) for group, topic in groups.items()}
    return Progress(await end_offsets(kafka), committed)


async def committed_by(kafka: list[str], group: str, topic: str) -> dict[Place, int]:
    """The offsets a group has committed on a topic, by place; without those where it has committed nothing. BrokerAway
    where no broker coordinates the group.

    One client per group: the stand-in broker knows no call that lists a group's offsets.
    """
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka, group_id=group, enable_auto_commit=False)
    await consumer.start()
    try:
        places = await all_partitions(consumer, [topic])
        asked = f"how far {group} has come"
        found = {(place.topic, place.partition): await answered(consumer.committed(place), asked) for place in places}
        return {place: offset for place, offset in found.items() if offset is not None}
    finally:
        await stop(consumer)


async def end_offsets(kafka: list[str], names: Iterable[str] = tuple(TOPICS)) -> dict[Place, int]:
    """Where each partition of the topics ends now."""
    async with _looking(kafka) as consumer:
        places = await all_partitions(consumer, names)
        ends = await answered(consumer.end_offsets(places), "where the topics end") if places else {}
        return {(place.topic, place.partition): offset for place, offset in ends.items()}


async def first_offsets(kafka: list[str], names: Iterable[str] = tuple(TOPICS)) -> dict[Place, int]:
    """Where each partition of the topics begins now."""
    async with _looking(kafka) as consumer:
        places = await all_partitions(consumer, names)
        first = await answered(consumer.beginning_offsets(places), "where the topics begin") if places else {}
        return {(place.topic, place.partition): offset for place, offset in first.items()}


async def headless(kafka: list[str], names: Iterable[str] = tuple(TOPICS)) -> frozenset[str]:
    """The topics of which records were deleted from the beginning. Compacting alone leaves the beginning at 0."""
    return frozenset(topic for (topic, _), first in (await first_offsets(kafka, names)).items() if first > 0)


@asynccontextmanager
async def _looking(kafka: list[str]) -> AsyncIterator[AIOKafkaConsumer]:
    """A consumer that is in no group."""
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka, enable_auto_commit=False)
    await consumer.start()
    try:
        yield consumer
    finally:
        await stop(consumer)
