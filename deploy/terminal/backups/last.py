"""The last record that a consumer group had behind it: by it a topic is known again, however long it has become."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer

from shared.messaging.client_work import stop
from shared.messaging.reading import Unread, read_through
from shared.messaging.standstill import answered
from shared.messaging.topics import all_partitions

Lasts = dict[str, list[str | None]]
"""topic -> what tells the last record before the committed offset, on each partition; None where there is none."""

READ_WITHIN = 10.0
"""Seconds for one record of each partition; what has not come by then is taken for removed."""


def told_by(record: Any) -> str:
    """The event's id, where its producer has written one into a header; else a hash of the record's key and value."""
    for name, value in record.headers:
        if name == "event_id" and value:
            return str(value.decode("utf-8", "replace"))
    parts = [None if part is None else part.hex() for part in (record.key, record.value)]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def other(kept: Sequence[str | None], now: Sequence[str | None]) -> list[int]:
    """The partitions on which another record stands there now. Where either is not known nothing can be told. Pure."""
    pairs = enumerate(zip(kept, now, strict=True))
    return [partition for partition, (before, after) in pairs if before and after and before != after]


async def lasts_before(kafka: Sequence[str], offsets: Mapping[str, Sequence[int]]) -> Lasts:
    """Read one record of each partition: the one right before the offset. None where it was removed, by compaction or
    by its age, where nobody can read it, and at offset 0."""
    found: Lasts = {topic: [None] * len(all_) for topic, all_ in offsets.items()}
    consumer = AIOKafkaConsumer(
        bootstrap_servers=list(kafka), enable_auto_commit=False, auto_offset_reset="none", fetch_max_wait_ms=50
    )
    await consumer.start()
    try:
        places = await all_partitions(consumer, offsets)
        before = {p: offsets[p.topic][p.partition] - 1 for p in places if p.partition < len(offsets[p.topic])}
        first = await answered(consumer.beginning_offsets(places), "where the topics begin") if places else {}
        end = await answered(consumer.end_offsets(places), "where the topics end") if places else {}
        there = {place: at for place, at in before.items() if first[place] <= at < end[place]}
        consumer.assign(list(there))
        for place, at in there.items():
            consumer.seek(place, at)
        behind = {place: at + 1 for place, at in there.items()}
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(READ_WITHIN):
                async for place, read in read_through(consumer, behind, "the last records", 1):
                    if not isinstance(read, Unread):
                        found[place.topic][place.partition] = told_by(read[0])
        return found
    finally:
        await stop(consumer)
