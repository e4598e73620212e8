"""Reading topics through, each record as whoever consumes it reads it: `shared.messaging.event.decode` alone judges.

Anybody may write anything onto a topic. What a consumer would park is no event here either: nothing that stands in it
is believed, and it is named by its place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from aiokafka import AIOKafkaConsumer

from shared.contracts.topics import TOPICS, Retention
from shared.messaging.client_work import stop
from shared.messaging.event import LONGEST_SEQUENCE, Event, Malformed, decode, sequence_told
from shared.messaging.reading import Unread, read_through
from shared.messaging.record import Record as Raw
from shared.messaging.replay import HeadOfTopicMissing
from shared.messaging.standstill import answered
from shared.messaging.topics import all_partitions
from shared.store.document import from_ms

T = TypeVar("T")
READER = "entente"
BATCH = 2000


@dataclass(frozen=True, slots=True)
class Heard:
    """What a record says. `event` is the envelope with its data as its consumers understand it: known fields have the
    types of their contract, unknown ones are as they came. None for an erasure, and for what cannot be read:
    `unreadable` is then why, and the rest is what its headers tell."""

    event: dict[str, Any] | None
    sequence: int
    event_id: str
    correlation_id: str
    unreadable: str = ""


def heard(raw: Any) -> Heard:
    """Read one record, or what stands for those that nobody can read. Never raises."""
    if isinstance(raw, Unread):
        return Heard(None, 0, "", "", str(raw))
    found = decode(Raw.of(raw), TOPICS[raw.topic], READER)
    if isinstance(found, Event) and len(str(found.envelope.sequence)) <= LONGEST_SEQUENCE:
        said = found.envelope
        return Heard(_content(found), said.sequence, said.event_id, said.correlation_id)
    headers = headers_of(raw)
    said_by_headers = (sequence_told(headers.get("sequence", "")) or 0, headers.get("event_id", ""))
    why = ""
    if isinstance(found, Malformed):
        why = found.reason
    elif isinstance(found, Event):
        why = f"sequence of more than {LONGEST_SEQUENCE} digits"
    return Heard(None, *said_by_headers, headers.get("correlation_id", ""), why)


def _content(event: Event[Any]) -> dict[str, Any]:
    envelope = event.envelope.model_dump(mode="json", exclude={"data"})
    known = event.data.model_dump(mode="json", exclude_unset=True)
    return {**envelope, "data": {**event.envelope.data, **known}}


def headers_of(raw: Any) -> dict[str, str]:
    """The headers as text. A value may be null; of two of one name the last counts."""
    return {name: (value or b"").decode("utf-8", "replace") for name, value in raw.headers}


def key_of(raw: Any) -> str:
    """The key as text; empty where there is none."""
    return str((raw.key or b"").decode("utf-8", "replace"))


def published_at(raw: Any) -> datetime:
    """When its producer says it was published, UTC; the beginning of 1970 where what it says is no instant."""
    try:
        return from_ms(raw.timestamp)
    except OverflowError:
        return datetime(1970, 1, 1, tzinfo=UTC)


def located(topic: str, partition: int, offset: int, why: str) -> str:
    """One record that cannot be read, in words: where it lies, and why."""
    return f"{topic} {partition}/{offset}: {why}"


async def scan(
    kafka: list[str], names: Iterable[str], keep: Callable[[Any], T | None], *, whole: bool = True
) -> list[T]:
    """What `keep` makes of each record up to the ends now, without None, and of each stretch of them that nobody can
    read, which is an `Unread`. With `whole`, HeadOfTopicMissing where the beginning of a topic that is kept for ever is
    gone. BrokerAway where nothing comes any more."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=kafka, enable_auto_commit=False, auto_offset_reset="none", fetch_max_wait_ms=50
    )
    await consumer.start()
    try:
        partitions = await all_partitions(consumer, names)
        if not partitions:
            return []
        consumer.assign(partitions)
        first = await answered(consumer.beginning_offsets(partitions), "where the topics begin")
        end = await answered(consumer.end_offsets(partitions), "where the topics end")
        for partition, offset in first.items():
            if whole and offset > 0 and TOPICS[partition.topic].retention is Retention.FOR_EVER:
                raise HeadOfTopicMissing(f"{partition.topic}/{partition.partition} starts at offset {offset}")
            consumer.seek(partition, offset)
        records: list[T] = []
        async for _, found in read_through(consumer, end, ", ".join(sorted({p.topic for p in partitions})), BATCH):
            kept = (keep(one) for one in ((found,) if isinstance(found, Unread) else found))
            records += [one for one in kept if one is not None]
        return records
    finally:
        await stop(consumer)
