"""No bytes of a record stop a consumer, or what operators see of its lot and do about it."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import bson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.clock import ManualClock
from shared.contracts import topics
from shared.messaging.errors import LotFull
from shared.messaging.operators import ParkedForOperators
from shared.messaging.parking import Failure, ParkingLot, lot_id
from shared.messaging.record import Record
from shared.store import MemoryDocuments
from tests.support.messages import BY, START, evaluation, record, value
from tests.support.unreadable import VALUES
from tests.unit.messaging.consuming import House

TOPIC = topics.EVALUATIONS.name


class Encoded(MemoryDocuments):
    """Takes no document that MongoDB would not."""

    async def insert(self, document: dict[str, Any]) -> bool:
        bson.encode(document)
        return await super().insert(document)

    async def replace(self, document: dict[str, Any], revision: int) -> bool:
        bson.encode(document)
        return await super().replace(document, revision)


def house_of_encoded() -> House:
    house = House()
    house.lot.documents.__class__ = Encoded
    house.effects.documents.__class__ = Encoded
    return house


async def operated(house: House) -> None:
    """List, show, redrive and discard all that is parked, as an operator is answered over HTTP."""
    view = ParkedForOperators(house.lot)
    page = await view.list(100, None)
    for line in page.items:
        json.dumps(asdict(line), default=str, ensure_ascii=False, allow_nan=False).encode()
        detail = await view.get(line.id)
        assert detail is not None
        json.dumps(asdict(detail), default=str, ensure_ascii=False, allow_nan=False).encode()
        redriven = await house.lot.redrive(line.id, BY)
        assert redriven is not None
        while (left := await view.get(line.id)) is not None:
            await house.lot.acts.discard(line.id, (left.partition, left.offset), BY)
    assert (await view.list(100, None)).items == ()


@pytest.mark.parametrize("planted", VALUES.values(), ids=VALUES)
async def test_a_value_that_nobody_can_read_is_parked_shown_redriven_and_discarded(planted: bytes) -> None:
    house = house_of_encoded()
    await house.take([Record(0, 0, b"a", planted), record("b", 1, offset=1)])
    await house.take([record("a", 1, offset=2), record("b", 2, offset=3)])
    assert await house.consumer.check() is None
    assert [place for place, _ in await house.parked("a")] == [0, 2]
    assert await house.effects.applied("b") == [1, 2]
    await operated(house)


KEYS = st.one_of(st.sampled_from([b"a", b"", b"\xff"]), st.binary(max_size=8))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(exclude_categories=()), max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["event_id", "sequence", "type", "aggregate", "id"]), inner, max_size=4)
    ),
    max_leaves=8,
).map(lambda told: json.dumps(told).encode())
NAMES = st.one_of(
    st.sampled_from(["event_id", "sequence", "type", "base64:/w==", "base64:!"]),
    st.binary(max_size=6).map(lambda name: name.decode(errors="surrogateescape")),
)
GOOD = st.sampled_from([1, 2, 3, 2**63, 10**30]).map(lambda sequence: value(evaluation("a"), "a", sequence))
RECORDS = st.tuples(
    KEYS,
    st.one_of(st.none(), st.binary(max_size=20), JSON, GOOD, st.sampled_from([*VALUES.values()])),
    st.lists(st.tuples(NAMES, st.one_of(st.none(), st.binary(max_size=20), st.integers().map(lambda n: b"%d" % n)))),
)


@given(st.lists(st.lists(RECORDS, min_size=1, max_size=4), max_size=4))
async def test_no_bytes_stop_a_consumer_or_the_operators_list(batches: list[list[Any]]) -> None:
    house, offset = house_of_encoded(), 0
    for batch in batches:
        records = [Record(0, offset + n, key, value, tuple(headers)) for n, (key, value, headers) in enumerate(batch)]
        offset += len(batch)
        await house.take(records)
        assert await house.consumer.check() is None
        assert house.commits.offsets == {0: offset}
    await operated(house)


async def test_the_lot_is_full_by_bytes_and_not_by_characters() -> None:
    lot = ParkingLot("matching", MemoryDocuments("parked"), ManualClock(START), full_bytes=30_000)
    wide = Record(0, 0, b"a", ("€" * 6000).encode())
    await lot.park("matching.tests", TOPIC, wide, Failure("permanent", "none"))
    with pytest.raises(LotFull):
        await lot.append("matching.tests", TOPIC, [Record(0, 1, b"a", wide.value)])
    stored = await lot.get(lot_id("matching.tests", TOPIC, "a"))
    assert stored is not None
    encoded = bson.encode(stored.state.model_dump(mode="json"))
    assert 0.9 < stored.state.size / len(encoded) < 1.1
