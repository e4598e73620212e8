"""Batches as no client of ours writes them: headers with names that are no text, wrong checksums, any codec."""

from __future__ import annotations

import struct
from collections.abc import Sequence

from aiokafka import AIOKafkaProducer
from aiokafka.producer.message_accumulator import BatchBuilder
from aiokafka.record.util import calc_crc32c

from shared.messaging.record import Record
from tests.support.wired import TOPIC

NONE, GZIP, SNAPPY, LZ4, ZSTD = range(5)
CRC_AT, ATTRIBUTES_AT = 17, 21
FIRST = 1_772_442_000_000
BAD_NAME, NAMED_SO = "planted.name", b"\xff\xfe.nted.name"
"""A header of the first name is given the second one: as long, and not UTF-8."""


def batch_of(records: Sequence[Record], *, codec: int = NONE, spoilt: bool = False) -> bytes:
    """The records as one batch, in the order given; `spoilt` with a checksum that is not theirs."""
    builder = BatchBuilder(1 << 24, codec)
    for given in records:
        builder.append(timestamp=FIRST, key=given.key, value=given.value, headers=list(given.headers))
    raw = bytearray(bytes(builder._build()).replace(BAD_NAME.encode(), NAMED_SO))
    crc = calc_crc32c(bytes(raw[ATTRIBUTES_AT:]))
    struct.pack_into(">I", raw, CRC_AT, crc ^ 1 if spoilt else crc)
    return bytes(raw)


async def plant(addresses: Sequence[str], prefix: str, partition: int, batch: bytes, records: int) -> None:
    """Put a batch of so many records on a partition as it is."""
    producer = AIOKafkaProducer(bootstrap_servers=list(addresses), acks="all")
    await producer.start()
    try:
        builder = producer.create_batch()
        for n in range(records):
            builder.append(timestamp=FIRST, key=b"%d" % n, value=b"")
        builder._build()
        builder._buffer = bytearray(batch)
        await (await producer.send_batch(builder, prefix + TOPIC.name, partition=partition))
    finally:
        await producer.stop()
