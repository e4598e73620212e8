"""Where a service's consumer groups stand, and putting them back there."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence

from aiokafka import AIOKafkaConsumer, TopicPartition

from deploy.audit.progress import Place, committed_by, end_offsets, first_offsets
from deploy.terminal.backups.last import Lasts, lasts_before, other
from deploy.terminal.failing import Exit, Failed
from shared.messaging.client_work import stop
from shared.messaging.standstill import answered

LOOK_SECONDS = 0.2
MEMBERS_LEAVE_WITHIN = 60.0
"""Seconds; a member that was killed stays in its group until its session is over, 30 s where nothing else is set."""

SESSION_MS = 6_000
"""The shortest that a broker grants where nothing else is set (group.min.session.timeout.ms): whoever joins next does
not wait for the place that is left here."""

MADE_ANEW = (
    "its records were lost or the topic was made anew, and this backup fits only the topic as it was; put Kafka's own "
    "disks or a copy of the topic back, or take a backup made since (docs/runbook.md, Kafka is away)"
)

Offsets = dict[str, list[int]]
"""topic -> offset of each partition"""


async def ends_of(kafka: Sequence[str], topics: Sequence[str]) -> Offsets:
    """Where each partition ends now. Failed where a topic is missing."""
    return _by_topic(topics, await end_offsets(list(kafka), topics))


async def beginnings_of(kafka: Sequence[str], topics: Sequence[str]) -> Offsets:
    """Where each partition begins now, above 0 where records were deleted. Failed where a topic is missing."""
    return _by_topic(topics, await first_offsets(list(kafka), topics))


def _by_topic(topics: Sequence[str], found: Mapping[Place, int]) -> Offsets:
    places: Offsets = {topic: [] for topic in topics}
    for topic, partition in sorted(found):
        places[topic].append(found[topic, partition])
    if missing := [topic for topic, offsets in places.items() if not offsets]:
        raise Failed(f"there is no topic {missing[0]}: entente topics apply", Exit.AWAY)
    return places


async def stands_at(kafka: Sequence[str], group: str, topic: str, partitions: int) -> list[int]:
    """The offset a group has committed on each partition; 0 where it has committed none."""
    committed = await committed_by(list(kafka), group, topic)
    return [committed.get((topic, partition), 0) for partition in range(partitions)]


async def check_places(kafka: Sequence[str], groups: Mapping[str, Offsets], lasts: Mapping[str, Lasts]) -> None:
    """Failed where the offsets of a backup have no meaning on the topics as they are now: these end before, have other
    partitions, or another record lies where a group stood. A record that was removed since cannot be compared, and a
    backup without `lasts` has none to compare: then the lengths alone are looked at."""
    for group, offsets in groups.items():
        await _check(kafka, offsets, lasts.get(group, {}), "its consumer stood")


async def check_own(kafka: Sequence[str], ends: Offsets, lasts: Lasts) -> None:
    """Failed, in the same way, where the service's own topics are not those that it had announced on: it would issue
    sequences anew that others know, and whatever it says under them would be passed over as a repetition."""
    if ends:  # of notifications there are none
        await _check(kafka, ends, lasts, "it ended when the backup was taken")


async def _check(kafka: Sequence[str], places: Offsets, lasts: Lasts, what: str) -> None:
    ends = await ends_of(kafka, list(places))
    for topic, wanted in places.items():
        _check_lengths(topic, ends[topic], wanted, what)
    if not lasts:
        return
    now = await lasts_before(kafka, places)
    for topic, kept in lasts.items():
        if changed := other(kept, now[topic]):
            raise Failed(
                f"{topic} holds another record before offset {places[topic][changed[0]]} of partition {changed[0]}, "
                f"where {what}: {MADE_ANEW}"
            )


def _check_lengths(topic: str, ends: Sequence[int], wanted: Sequence[int], what: str) -> None:
    if len(ends) != len(wanted):
        raise Failed(
            f"{topic} has {len(ends)} partitions, in this backup {len(wanted)}: its keys have moved since, and no "
            "consumer can be put back to where it stood; take a backup made since the partitions were raised"
        )
    if any(end < at for end, at in zip(ends, wanted, strict=True)):
        raise Failed(f"{topic} ends at {list(ends)}, before {list(wanted)} where {what}: {MADE_ANEW}")


async def put_back(kafka: Sequence[str], group: str, offsets: Mapping[str, Sequence[int]]) -> None:
    """Let the group read on from there, where `check_places` has found that the places are sound. Failed where it
    still has members after a minute."""
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
        await answered(consumer.commit(places), f"where {group} is put back")
    finally:
        await stop(consumer)
