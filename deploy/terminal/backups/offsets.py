"""Where a service's consumer groups stand, and putting them back there."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence

from aiokafka import AIOKafkaConsumer, TopicPartition

from deploy.audit.progress import committed_by, end_offsets
from deploy.terminal.failing import Exit, Failed

LOOK_SECONDS = 0.2
MEMBERS_LEAVE_WITHIN = 60.0
"""Seconds; a member that was killed stays in its group until its session is over, 30 s where nothing else is set."""

SESSION_MS = 6_000
"""The shortest that a broker grants where nothing else is set (group.min.session.timeout.ms): whoever joins next does
not wait for the place that is left here."""

Offsets = dict[str, list[int]]
"""topic -> offset of each partition"""


async def ends_of(kafka: Sequence[str], topics: Sequence[str]) -> Offsets:
    """Where each partition ends now. Failed where a topic is missing."""
    found = await end_offsets(list(kafka), topics)
    ends: Offsets = {topic: [] for topic in topics}
    for topic, partition in sorted(found):
        ends[topic].append(found[topic, partition])
    if missing := [topic for topic, offsets in ends.items() if not offsets]:
        raise Failed(f"there is no topic {missing[0]}: entente topics apply", Exit.AWAY)
    return ends


async def stands_at(kafka: Sequence[str], group: str, topic: str, partitions: int) -> list[int]:
    """The offset a group has committed on each partition; 0 where it has committed none."""
    committed = await committed_by(list(kafka), group, topic)
    return [committed.get((topic, partition), 0) for partition in range(partitions)]


async def put_back(kafka: Sequence[str], group: str, offsets: Mapping[str, Sequence[int]]) -> None:
    """Let the group read on from there. Failed where it still has members after a minute, or the topics end before."""
    ends = await ends_of(kafka, list(offsets))
    for topic, wanted in offsets.items():
        if len(ends[topic]) != len(wanted) or any(end < at for end, at in zip(ends[topic], wanted, strict=True)):
            raise Failed(f"{topic} ends at {ends[topic]}, before {list(wanted)}: it is not the topic of this backup")
    # As the group's only member: a commit by nobody is refused while there are members by a real broker, and always by
    # the embedded one.
    consumer = AIOKafkaConsumer(
        *offsets,
        bootstrap_servers=list(kafka),
        group_id=group,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        session_timeout_ms=SESSION_MS,
    )
    places = {TopicPartition(t, p): at for t, wanted in offsets.items() for p, at in enumerate(wanted)}
    await consumer.start()
    try:
        deadline = time.monotonic() + MEMBERS_LEAVE_WITHIN
        while consumer.assignment() != places.keys():
            if time.monotonic() > deadline:
                raise Failed(f"{group} still has members: stop every replica of the service first")
            await asyncio.sleep(LOOK_SECONDS)
        await consumer.commit(places)
    finally:
        await consumer.stop()
