"""What Kafka answered is read up to the fault, and a header's name may be any bytes."""

from __future__ import annotations

import asyncio
import struct
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.consumer.subscription_state import SubscriptionState
from aiokafka.record.memory_records import MemoryRecords
from aiokafka.record.util import calc_crc32c
from hypothesis import given
from hypothesis import strategies as st

from shared.messaging.fetching import arrival, read
from shared.messaging.record import Record
from tests.support.eventually import eventually
from tests.support.planted_batches import BAD_NAME, GZIP, LZ4, NAMED_SO, NONE, SNAPPY, ZSTD, batch_of

PLACE = TopicPartition("t", 3)
GOOD = (Record(3, 0, b"a", b"1", (("type", b"x"), ("empty", None))), Record(3, 1, b"", None))  # type: ignore[arg-type]
BAD = Record(3, 2, b"b", b"2", ((BAD_NAME, b"v"),))


def at(offset: int, raw: bytes) -> bytes:
    """The batch as it lies from that offset on."""
    return struct.pack(">q", offset) + raw[8:]


def raws(found: Any) -> list[tuple[Any, ...]]:
    return [(it.partition, it.offset, it.key, it.value, it.headers) for it in found.records]


@pytest.mark.parametrize("codec", [NONE, GZIP, SNAPPY, LZ4, ZSTD])
def test_a_batch_is_read_in_every_codec_as_the_client_reads_it(codec: int) -> None:
    raw = at(5, batch_of(GOOD, codec=codec))
    found = read(raw, PLACE, 5, 10)
    assert (found.next, found.fault) == (7, None)
    there = MemoryRecords(raw).next_batch()
    assert there is not None
    assert there.validate_crc()
    assert raws(found) == [(3, it.offset, it.key, it.value, tuple(it.headers)) for it in there]
    assert found.records[0].timestamp == 1_772_442_000_000


def test_a_name_that_is_no_text_is_handed_over_with_its_bytes() -> None:
    found = read(batch_of([*GOOD, BAD, GOOD[0]]), PLACE, 1, 10)
    assert [it.offset for it in found.records] == [1, 2, 3]
    ((name, value),) = found.records[1].headers
    assert (name.encode(errors="surrogateescape"), value) == (NAMED_SO, b"v")


def test_what_stands_before_a_fault_is_handed_over_and_no_more_than_was_asked_for() -> None:
    raw = batch_of(GOOD) + at(2, batch_of(GOOD, spoilt=True)) + at(4, batch_of(GOOD))
    found = read(raw, PLACE, 0, 10)
    assert ([it.offset for it in found.records], found.next) == ([0, 1], 2)
    assert "CRC" in (found.fault or "")
    few = read(raw, PLACE, 0, 1)
    assert ([it.offset for it in few.records], few.next, few.fault) == ([0], 1, None)
    nothing = read(raw[:-5], PLACE, 4, 10)
    assert (nothing.records, nothing.next) == ([], 4)


def test_an_unknown_codec_is_a_fault() -> None:
    raw = bytearray(batch_of(GOOD))
    raw[22] |= 7
    struct.pack_into(">I", raw, 17, calc_crc32c(bytes(raw[21:])))
    found = read(bytes(raw), PLACE, 0, 10)
    assert (found.records, found.next) == ([], 0)
    assert "codec" in (found.fault or "")


@given(st.binary(max_size=200), st.integers(0, 150), st.integers(0, 255))
def test_no_bytes_make_it_raise(tail: bytes, where: int, what: int) -> None:
    raw = bytearray(batch_of([*GOOD, BAD]) + tail)
    raw[where % len(raw)] = what
    found = read(bytes(raw), PLACE, 0, 10)
    assert found.next >= 0
    assert len(found.records) <= 10
    read(tail, PLACE, 0, 10)


async def test_to_wait_counts_as_polling() -> None:
    state, waiter = SubscriptionState(), asyncio.get_running_loop().create_future()
    client = SimpleNamespace(_subscription=state, _fetcher=SimpleNamespace(_create_fetch_waiter=lambda: waiter))
    before = state._last_fetch_ended
    waiting = asyncio.ensure_future(arrival(client, 60))
    await eventually(lambda: state._fetch_count, what="it waits")
    assert state.fetcher_idle_time == 0
    waiter.set_result(None)
    await waiting
    assert state._last_fetch_ended > before
