"""What one spoilt batch leaves of the looks at a whole topic: all that a consumer reads is read, and the rest named."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from aiokafka import TopicPartition

from deploy.audit.evidence import _record
from deploy.audit.reading import scan
from deploy.terminal.backups.last import lasts_before
from shared.contracts.topics import REQUESTS, TOPICS
from shared.messaging import fetching
from shared.messaging.event import Malformed, decode
from shared.messaging.options import KafkaOptions
from shared.messaging.record import Record
from shared.messaging.replay import Unreadable, reader_of
from tests.support.messages import record
from tests.support.planted_batches import BAD_NAME, batch_of, plant
from tests.support.wired import TOPIC, make_topic, put

pytestmark = pytest.mark.embedded
PLACE = 1
EVENT = (("event_id", b"evt_7"),)


@dataclass
class Spoilt:
    """A topic with records before, in and behind a batch, on the second partition."""

    addresses: list[str]
    name: str

    async def put(self, *keys: str) -> None:
        prefix = self.name.removesuffix(TOPIC.name)
        await put(self.addresses, prefix, [record(key, 1, partition=PLACE) for key in keys])

    async def plant(self, batch: bytes, records: int) -> None:
        await plant(self.addresses, self.name.removesuffix(TOPIC.name), PLACE, batch, records)

    async def rebuilt(self) -> list[Record]:
        options = KafkaOptions(
            addresses=tuple(self.addresses), client_id="sample", topic_prefix=self.name.removesuffix(TOPIC.name)
        )
        return [one async for batch in reader_of(options)(TOPIC) for one in batch]

    async def scanned(self) -> list[Any]:
        return await scan(self.addresses, [self.name], _record)


@pytest.fixture
async def spoilt(kafka_address: list[str], topic_prefix: str, monkeypatch: pytest.MonkeyPatch) -> Spoilt:
    await make_topic(kafka_address, topic_prefix)
    monkeypatch.setitem(TOPICS, topic_prefix + TOPIC.name, TOPIC)
    return Spoilt(kafka_address, topic_prefix + TOPIC.name)


def misnamed() -> bytes:
    good = [record("planted", 1), record("planted", 2)]
    bad = Record(PLACE, 0, b"misnamed", record("misnamed", 1).value, ((BAD_NAME, b"v"), *EVENT))
    return batch_of([good[0], bad, good[1]])


async def test_a_header_whose_name_is_no_text_hides_no_record(spoilt: Spoilt) -> None:
    await spoilt.put("before")
    await spoilt.plant(misnamed(), 3)
    await spoilt.put("behind")
    found = {one.offset: one for one in await spoilt.scanned()}
    assert [found[n].key for n in range(5)] == ["before", "planted", "misnamed", "planted", "behind"]
    assert [found[n].unreadable for n in range(5)] == ["", "", "bad UTF-8 header", "", ""]
    replayed = await spoilt.rebuilt()
    assert [one.key for one in replayed] == [b"before", b"planted", b"misnamed", b"planted", b"behind"]
    assert isinstance(decode(replayed[2], TOPIC, "matching"), Malformed)
    lasts = await lasts_before(spoilt.addresses, {spoilt.name: [0, 3, 0, 0]})
    assert lasts == {spoilt.name: [None, "evt_7", None, None]}


@pytest.mark.stand_ins  # a real broker takes no batch with a wrong checksum
@pytest.mark.parametrize("last", [False, True])
async def test_a_batch_that_nobody_can_read_is_stepped_over_and_named(spoilt: Spoilt, last: bool) -> None:
    await spoilt.put("before")
    await spoilt.plant(batch_of([record("planted", 1), record("planted", 2)], spoilt=True), 2)
    if not last:
        await spoilt.put("behind")
    found = sorted(await spoilt.scanned(), key=lambda one: one.offset)
    assert [(one.offset, one.key) for one in found] == [(0, "before"), (1, "")] + ([] if last else [(3, "behind")])
    assert found[1].unreadable.startswith("nobody can read it, up to offset 2: CorruptRecordException")
    with pytest.raises(Unreadable, match=rf"^{spoilt.name} 1/1: nobody can read it, up to offset 2: Corrupt.*$"):
        await spoilt.rebuilt()
    lasts = await lasts_before(spoilt.addresses, {spoilt.name: [0, 3, 0, 0]})
    assert lasts == {spoilt.name: [None] * 4}


def test_a_spoilt_batch_is_not_believed_in_how_long_it_is() -> None:
    raw = bytearray(batch_of([record("planted", 1)], spoilt=True))
    raw[23:27] = (10**6).to_bytes(4, "big")  # the last offset delta
    good = bytearray(batch_of([record("behind", 1)]))
    good[:8] = (1).to_bytes(8, "big")
    found = fetching.read(bytes(raw + good), TopicPartition(REQUESTS.name, 0), 0, 10)
    assert (found.next, found.behind) == (0, 1)
    assert found.fault
