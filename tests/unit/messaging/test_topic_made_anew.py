"""What waits in the lot is known, and kept in its order, also by consumers of a topic that was made anew: its offsets
begin at 0 again, and its keys may lie on other partitions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from shared.contracts import topics
from shared.messaging.errors import Permanent
from shared.messaging.parked import ParkedKey, parked
from shared.messaging.parking import Failure, ParkingLot, lot_id
from shared.messaging.record import Record
from tests.support.messages import BY, START, record
from tests.unit.messaging.consuming import House

TOPIC = topics.EVALUATIONS.name
BAD = Failure("permanent", "no such place")


def with_headers(sequence: int, offset: int, *, partition: int = 0, value: bytes | None = None) -> Record:
    """As a producer of ours writes it."""
    plain = record("a", sequence, partition=partition, offset=offset)
    headers = (("event_id", f"evt_a_{sequence}".encode()), ("sequence", str(sequence).encode()))
    return replace(plain, headers=headers, value=value or plain.value)


def bare(sequence: int, offset: int, *, partition: int = 0) -> Record:
    return record("a", sequence, partition=partition, offset=offset)


async def waiting(lot: ParkingLot, group: str) -> list[tuple[int | None, int]]:
    stored = await lot.get(lot_id(group, TOPIC, "a"))
    return [(event.identity()[1], event.offset) for event in stored.state.events] if stored else []


@pytest.mark.parametrize("made", [with_headers, bare], ids=["by event id", "by the bytes"])
@pytest.mark.parametrize("first", [0, 4, 5, 6, 9], ids="begins at {}".format)
async def test_events_of_the_new_topic_wait_behind_those_of_the_lost_one(
    made: Callable[[int, int], Record], first: int
) -> None:
    house = House()
    house.effects.faults["a", 2] = [Permanent("no such place")]
    await house.take([made(1, 4), made(2, 5), made(3, 6)])
    assert await waiting(house.lot, house.consumer.group) == [(2, 5), (3, 6)]

    house.consumer.assigned()
    await house.take([made(4, first), made(5, first + 1)])
    assert await waiting(house.lot, house.consumer.group) == [(2, 5), (3, 6), (4, first), (5, first + 1)]
    assert house.commits.offsets == {0: first + 2}
    for _ in range(2):  # they come again, as after a crash before the commit
        house.consumer.assigned()
        await house.take([made(4, first), made(5, first + 1)])
    assert len(await waiting(house.lot, house.consumer.group)) == 4

    done = await house.lot.redrive(lot_id(house.consumer.group, TOPIC, "a"), BY)
    assert done is not None
    assert (done.handled, done.remaining) == (4, 0)
    assert await house.effects.applied("a") == [1, 2, 3, 4, 5]


async def test_a_key_that_lies_on_another_partition_now_waits_all_the_same() -> None:
    house = House()
    house.effects.faults["a", 2] = [Permanent("no such place")]
    await house.take([bare(1, 4), bare(2, 5)])
    await house.take([bare(3, 0, partition=1), bare(4, 1, partition=1)])
    await house.lot.redrive(lot_id(house.consumer.group, TOPIC, "a"), BY)
    assert await house.effects.applied("a") == [1, 2, 3, 4]


async def test_what_was_unread_when_partitions_were_raised_goes_before_the_gap_it_left() -> None:
    """The old partition is read after the new one; a redrive handles both, in order."""
    house = House()
    await house.take([bare(1, 4)])
    await house.take([bare(4, 0, partition=1)])
    await house.take([bare(2, 5), bare(3, 6)])
    assert await waiting(house.lot, house.consumer.group) == [(2, 5), (3, 6), (4, 0)]
    done = await house.lot.redrive(lot_id(house.consumer.group, TOPIC, "a"), BY)
    assert done is not None
    assert (done.handled, done.remaining) == (3, 0)
    assert await house.effects.applied("a") == [1, 2, 3, 4]


async def test_what_was_mended_is_known_by_what_it_came_as() -> None:
    house = House()
    spoilt = replace(bare(2, 5), value=b'{"spoilt":')
    await house.take([bare(1, 4), spoilt])
    id_ = lot_id(house.consumer.group, TOPIC, "a")
    await house.lot.acts.mend(id_, (0, 5), bare(2, 5).value or b"", BY)
    house.consumer.assigned()
    await house.take([spoilt, bare(3, 6)])
    assert await waiting(house.lot, house.consumer.group) == [(2, 5), (3, 6)]


async def test_an_event_without_a_number_stays_between_its_neighbours() -> None:
    house = House()
    await house.lot.park(house.consumer.group, TOPIC, bare(2, 5), BAD, [bare(3, 6)])
    unreadable = replace(bare(5, 1), value=b"{")
    assert await house.lot.append(house.consumer.group, TOPIC, [bare(4, 0), unreadable, bare(6, 2)]) == {
        (0, 0),
        (0, 1),
        (0, 2),
    }
    assert await waiting(house.lot, house.consumer.group) == [(2, 5), (3, 6), (4, 0), (None, 1), (6, 2)]


async def test_a_repeat_of_what_was_handled_does_not_wait() -> None:
    house = House()
    group = house.consumer.group
    await house.lot.park(group, TOPIC, bare(2, 5), BAD)
    assert await house.lot.append(group, TOPIC, [bare(1, 4)]) == set()
    assert await house.lot.append(group, TOPIC, [bare(1, 4), bare(2, 5)]) == {(0, 5)}
    assert await waiting(house.lot, group) == [(2, 5)]


def test_an_event_is_taken_out_by_what_it_is_and_not_by_its_place() -> None:
    """Two redrives at once: the slower one has handled what stood first, and another event of that place is there."""
    old, new = parked(bare(2, 5), START), parked(bare(4, 5), START)
    lot = ParkedKey(group="g", topic=TOPIC, key="a").with_more([old, new])
    assert [event.identity()[1] for event in lot.events] == [2, 4]
    left = lot.without_first(old)
    assert left.without_first(old) is left
    assert left.with_first_failed(old, START, "permanent", "", 1) is left
    assert left.without_first(new).events == ()
