"""One partition's records fetched once more and read more patiently than the client reads them.

aiokafka 0.14 hands over nothing of a fetch in which it meets a header whose name is not UTF-8, an unknown codec or a
wrong checksum, not even what stands before it. Read here, everything up to the fault is handed over, and so is a record
with such a name: its bytes that are no UTF-8 become lone surrogates. This file and `client_work` alone
depend on what is inside aiokafka.
"""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import CorruptRecordException, LeaderNotAvailableError, for_code
from aiokafka.protocol.fetch import FetchRequest
from aiokafka.record.default_records import _DefaultRecordBatchPy
from aiokafka.record.util import decode_varint

Batch = tuple[ConsumerRecord[bytes, bytes], ...]

FETCH_BYTES = 16_777_216
"""Kafka sends the first batch whole even where it is larger."""

WAIT_MS = 100
ANSWERED_WITHIN_SECONDS = 10.0
LENGTH_AT, MAGIC_AT, BEFORE_LENGTH = 8, 16, 12
"""Of a batch in every version of the format: where its length and its version stand, and what the length leaves out."""

WITH_HEADERS = 2
"""The version of the format that has headers, since 2017; of an older one there is nothing to be patient with."""


@dataclass(slots=True)
class Read:
    """What could be read from an offset on: the records, the offset behind the last of them, and what stands there.
    `end` is where the partition ended as Kafka answered; None where nobody asked it. `behind` is the offset behind the
    batch that was read last, also where not all of it could be."""

    next: int
    records: list[ConsumerRecord[bytes, bytes]] = field(default_factory=list)
    fault: str | None = None
    end: int | None = None
    behind: int = 0


def _state(client: Any, place: TopicPartition) -> Any:
    assignment = client._subscription.subscription and client._subscription.subscription.assignment
    return assignment.state_value(place) if assignment and assignment.active else None


def position_of(client: Any, place: TopicPartition) -> int | None:
    """The offset from which the client reads next; None where the partition is not its own, or no offset is known."""
    state = _state(client, place)
    return state.position if state is not None and state.has_valid_position else None


def reassigning(client: Any) -> bool:
    """Whether the group is sharing its partitions anew: which of them are the client's own is open until then."""
    return bool(client._subscription.reassignment_in_progress)


def check_membership(client: Any) -> None:
    """Raise what has ended the client's membership in its group."""
    client._coordinator.check_errors()


async def arrival(client: Any, seconds: float, beside: asyncio.Future[Any] | None = None) -> None:
    """Return when the client has fetched something, when what goes on `beside` has ended, or after `seconds`. Raises
    what ends its membership.

    Counts as a poll: a client that has not polled for 5 minutes, such as one without partitions, would leave its group.
    """
    waiter = client._fetcher._create_fetch_waiter()
    try:
        with client._subscription.fetch_context():
            waited = {waiter} if beside is None else {waiter, beside}
            await asyncio.wait(waited, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        if waiter.done():
            waiter.result()
    finally:
        waiter.cancel()


async def fetched(client: AIOKafkaConsumer, place: TopicPartition, offset: int, most: int) -> Read:
    """At most so many records from that offset on. KafkaError or TimeoutError where Kafka does not give them.

    Tells the client where the partition ends: of one that is paused it hears nothing, and its lag would stand still.
    """
    inner: Any = client._client
    leader = inner.cluster.leader_for_partition(place)
    if leader is None or leader < 0:
        raise LeaderNotAvailableError(f"{place.topic} partition {place.partition} has no leader")
    wanted = [(place.topic, [(place.partition, offset, FETCH_BYTES)])]
    answering = inner.send(leader, FetchRequest(WAIT_MS, 1, FETCH_BYTES, 0, wanted))
    answer = await asyncio.wait_for(answering, ANSWERED_WITHIN_SECONDS)
    ((_, ((_, error_code, end, *_, raw),)),) = answer.topics
    if error_code:
        raise for_code(error_code)(f"{place.topic} partition {place.partition}")
    if (state := _state(client, place)) is not None:
        state.highwater = end
    found = read(bytes(raw or b""), place, offset, most)
    found.end = end
    return found


def read(raw: bytes, place: TopicPartition, offset: int, most: int) -> Read:
    """At most so many of the records from that offset on, in what Kafka answered. Raises nothing: what cannot be read
    is the fault, and ends it."""
    found = Read(next=offset)
    try:
        for batch in _batches(raw):
            found.behind = batch.next_offset if batch.follows is None else batch.follows
            for record in batch.records(place):
                if record.offset < found.next:
                    continue
                if len(found.records) == most:
                    return found
                found.records.append(record)
                found.next = record.offset + 1
            found.next = max(found.next, batch.next_offset)
    except Exception as error:  # noqa: BLE001 - bytes from outside: whatever is wrong with them, they stand where they do
        found.fault = f"{type(error).__name__}: {error}"[:300]
    return found


class _Batch(_DefaultRecordBatchPy):  # type: ignore[misc]
    """A batch whose headers may have any name. `follows` is where the next one begins, if that came too: what a spoilt
    batch says of its own end may be spoilt."""

    _pos: int
    follows: int | None = None

    def records(self, place: TopicPartition) -> Iterator[ConsumerRecord[bytes, bytes]]:
        if not self.validate_crc():
            raise CorruptRecordException("Invalid CRC")
        if self.is_control_batch:
            return
        self._maybe_uncompress()
        for _ in range(self._num_records):
            yield self._next(place)

    def _next(self, place: TopicPartition) -> ConsumerRecord[bytes, bytes]:
        length = self._number()
        end = self._pos + length
        self._number()  # attributes, of which there are none yet
        since = self._number()
        offset = self.base_offset + self._number()
        key, value = self._bytes(), self._bytes()
        headers = []
        for _ in range(self._number()):
            name = self._bytes()
            headers.append(((name or b"").decode(errors="surrogateescape"), self._bytes()))
        if self._pos != end:
            raise CorruptRecordException(f"record at offset {offset} has {length} bytes, and says otherwise")
        at = self.max_timestamp if self.timestamp_type == self.LOG_APPEND_TIME else self.first_timestamp + since
        sizes = (-1 if key is None else len(key), -1 if value is None else len(value))
        told: Any = (at, self.timestamp_type, key, value, None, *sizes, tuple(headers))
        return ConsumerRecord(place.topic, place.partition, offset, *told)

    def _number(self) -> int:
        number, self._pos = decode_varint(self._buffer, self._pos)
        return int(number)

    def _bytes(self) -> bytes | None:
        if (length := self._number()) < 0:
            return None
        begin, self._pos = self._pos, self._pos + length
        if self._pos > len(self._buffer):
            raise CorruptRecordException("a record ends beyond its batch")
        return bytes(self._buffer[begin : self._pos])


def _batches(raw: bytes) -> Iterator[_Batch]:
    """The whole ones; Kafka may cut off the last."""
    begin = 0
    while begin + MAGIC_AT < len(raw):
        (length,) = struct.unpack_from(">i", raw, begin + LENGTH_AT)
        end = begin + BEFORE_LENGTH + length
        if length <= 0:
            raise CorruptRecordException(f"a batch of {length} bytes")
        if end > len(raw):
            return
        if raw[begin + MAGIC_AT] < WITH_HEADERS:
            raise CorruptRecordException(f"a batch in format {raw[begin + MAGIC_AT]}")
        batch = _Batch(raw[begin:end])
        if end + LENGTH_AT <= len(raw):
            (batch.follows,) = struct.unpack_from(">q", raw, end)
        yield batch
        begin = end
