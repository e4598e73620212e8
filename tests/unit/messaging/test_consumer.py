"""One batch: effects before the commit, the bad event aside and the good ones on."""

from __future__ import annotations

from typing import Any

import pytest

from shared.contracts import topics
from shared.contracts.catalogue import contracts_on
from shared.contracts.events.contacts import ContactRecorded
from shared.contracts.events.requests import RequestApproved, RequestSubmitted
from shared.messaging.consumer import Consumer
from shared.messaging.errors import Permanent, Transient
from shared.messaging.event import Event
from shared.messaging.parked import PARKED, ParkedKey
from shared.messaging.parking import lot_id
from shared.messaging.record import Record
from shared.messaging.subscription import Subscription
from shared.store import Decision, Step, Store
from tests.support.messages import (
    BY,
    ORIGIN,
    Commits,
    Effects,
    contact,
    evaluations,
    record,
    value,
)
from tests.unit.messaging.consuming import QUICK, House, events


async def test_effects_come_before_the_commit() -> None:
    house = House()
    seen: list[list[int]] = []

    class Looking(Commits):
        async def __call__(self, offsets: Any) -> None:
            seen.append(await house.effects.applied("a"))
            await super().__call__(offsets)

    house.commits = Looking()
    await house.take(events(("a", 1), ("a", 2)))
    assert seen == [[1, 2]]
    assert house.commits.offsets == {0: 2}


async def test_each_partition_is_committed_one_past_its_last_record() -> None:
    house = House()
    await house.take([record("a", 1, partition=0, offset=41), record("b", 1, partition=3, offset=7)])
    assert house.commits.offsets == {0: 42, 3: 8}


async def test_a_permanent_fault_is_parked_at_once_and_later_events_of_the_key_wait() -> None:
    house = House()
    house.effects.faults["bad", 1] = [Permanent("no such place")]
    await house.take(events(("a", 1), ("bad", 1), ("b", 1), ("bad", 2), ("a", 2)))
    assert await house.effects.applied("a") == [1, 2]
    assert await house.effects.applied("b") == [1]
    assert await house.effects.applied("bad") == []
    assert house.effects.calls.count(("bad", 1)) == 1
    assert [offset for offset, _ in await house.parked("bad")] == [1, 3]
    assert (await house.parked("bad"))[0][1] == "permanent"
    assert house.commits.offsets == {0: 5}
    await house.take(events(("bad", 3), start=5))
    assert [offset for offset, _ in await house.parked("bad")] == [1, 3, 5]
    assert ("bad", 3) not in house.effects.calls


async def test_a_transient_fault_is_tried_again_while_other_keys_go_on() -> None:
    house = House()
    house.effects.faults["a", 1] = [Transient("not yet"), Transient("not yet")]
    await house.take(events(("a", 1), ("b", 1)))
    assert await house.effects.applied("a") == [1]
    assert house.effects.calls == [("a", 1), ("b", 1), ("a", 1), ("a", 1)]
    assert house.counted["events_retried"] == 2
    assert await house.parked("a") == []


@pytest.mark.parametrize("fault", [Transient("never"), ValueError("a bug")])
async def test_exhausted_attempts_park(fault: Exception) -> None:
    house = House()
    house.effects.faults["a", 1] = [fault] * 9
    await house.take(events(("a", 1), ("b", 1)))
    assert house.effects.calls.count(("a", 1)) == 3
    assert len(await house.parked("a")) == 1
    assert "exhausted" in (await house.parked("a"))[0][1]
    assert house.commits.offsets == {0: 2}


async def test_a_gap_is_parked_at_once_and_counted() -> None:
    house = House()
    await house.take(events(("a", 1), ("a", 3), ("a", 4)))
    assert await house.effects.applied("a") == [1]
    assert (await house.parked("a"))[0] == (1, "sequence gap")
    assert house.counted["event_gaps"] == 1
    assert house.counted["events_parked"] == 2


async def test_a_repeated_record_has_no_second_effect_and_is_counted() -> None:
    house = House()
    await house.take(events(("a", 1), ("a", 2), ("a", 1), ("a", 2), ("a", 3)))
    assert await house.effects.applied("a") == [1, 2, 3]
    assert house.counted["events_repeated"] == 2


async def test_a_freed_key_is_handled_again_in_order() -> None:
    house = House()
    house.effects.faults["a", 1] = [Permanent("bad")]
    await house.take(events(("a", 1), ("a", 2)))
    report = await house.lot.redrive(lot_id("matching.tests", topics.EVALUATIONS.name, "a"), BY)
    assert report is not None
    assert (report.handled, report.remaining) == (2, 0)
    await house.take(events(("a", 3), start=2))
    assert await house.effects.applied("a") == [1, 2, 3]
    assert await house.parked("a") == []


async def test_what_another_member_parked_is_known_after_an_assignment() -> None:
    house = House()
    await house.take(events(("b", 1)))
    other = Consumer(evaluations(house.effects.handle), "matching", house.lot, house.clock, house.counted, QUICK)
    house.effects.faults["a", 1] = [Permanent("bad")]
    await other.take(events(("a", 1)), Commits())
    house.consumer.assigned()
    await house.take(events(("a", 2), start=1))
    assert ("a", 2) not in house.effects.calls
    assert [offset for offset, _ in await house.parked("a")] == [0, 1]


async def test_a_passed_over_event_is_counted_and_advances_the_guard() -> None:
    advanced: list[str] = []

    async def advance(event: Event[Any]) -> None:
        advanced.append(event.envelope.type)

    async def never(event: Event[Any]) -> None:
        raise AssertionError

    others = {c.model: "not needed" for c in contracts_on(topics.REQUESTS) if c.model is not RequestSubmitted}
    chosen = Subscription("x", topics.REQUESTS, {RequestSubmitted: never}, others, advances=advance)
    house = House(subscription=chosen)
    told = RequestApproved(
        request_id="req_1", reference="REQ-2026-0001", institution_id="ins_1", country="PA", title="t", language="es"
    )
    await house.take([Record(0, 0, b"req_1", value(told, "req_1", 1))])
    assert advanced == ["request.approved"]
    assert house.counted["events_passed_over"] == 1
    assert house.counted["events_handled"] == 0


async def test_a_tombstone_on_a_compacted_topic_erases() -> None:
    effects = Effects()

    async def handle(event: Event[Any]) -> None: ...

    chosen = Subscription("contacts", topics.CONTACTS, {ContactRecorded: handle}, erases=effects.erase)
    house = House(subscription=chosen)
    await house.take([Record(0, 0, b"c_1", value(contact("c_1"), "c_1", 5)), Record(0, 1, b"c_1", None)])
    assert effects.erased == ["c_1"]
    assert house.commits.offsets == {0: 2}


async def lost(house: House, key: str, sequences: list[int], before: int) -> None:
    """As a restore leaves the lot: these were decided after the backup."""
    state = ParkedKey(group=house.consumer.group, topic=topics.EVALUATIONS.name, key=key).with_lost(sequences, before)
    store = Store(PARKED, house.lot_documents, house.clock)
    await store.change(lot_id(state.group, state.topic, key), Step(origin=ORIGIN), lambda _: Decision(state))


async def test_what_was_lost_before_a_restore_is_passed_over_and_what_is_announced_since_is_handled() -> None:
    house = House()
    await lost(house, "a", [2, 3], before=12)
    again = events(("a", 1), ("a", 2), ("b", 2), ("a", 3), start=8)
    house.effects.faults["b", 2] = [Permanent("a gap")]
    await house.take(again)
    assert await house.effects.applied("a") == [1], "what the backup knew is handled, what came after it is not"
    assert house.commits.offsets == {0: 12}
    await house.take(events(("a", 3), ("a", 4), start=12))
    assert await house.effects.applied("a") == [1, 3, 4], "announced again, and new: neither is a gap"
    assert house.counted["event_gaps"] == 0


async def test_what_was_lost_and_waits_in_the_lot_leaves_it_without_effect() -> None:
    house = House()
    house.effects.faults["a", 1] = [Permanent("no such place")]
    await lost(house, "a", [2], before=2)
    await house.take(events(("a", 1), ("a", 2)))
    assert [offset for offset, _ in await house.parked("a")] == [0, 1]
    done = await house.lot.redrive(lot_id(house.consumer.group, topics.EVALUATIONS.name, "a"), BY)
    assert done is not None
    assert (done.handled, done.remaining) == (2, 0)
    assert await house.effects.applied("a") == [1]
