"""The parking lot keeps what cannot be handled, in order, and gives it back in order."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from typing import Any

import pytest

from shared.clock import ManualClock
from shared.contracts import topics
from shared.errors import StaleVersion
from shared.messaging.backoff import RetryPolicy
from shared.messaging.consumer import Consumer, ConsumerPolicy
from shared.messaging.errors import Permanent
from shared.messaging.event import Event
from shared.messaging.measuring import NullMetrics
from shared.messaging.operators import HIDDEN, ParkedForOperators, RedriveReport
from shared.messaging.parked import HISTORY_KEPT
from shared.messaging.parking import Failure, ParkingLot, lot_id
from shared.messaging.record import Record
from shared.store import Answer, KeyReused, MemoryDocuments, StoreAway
from tests.support.messages import BY, MINUTE, START, Commits, Effects, evaluations, record
from tests.support.sample_case import command

TOPIC = topics.EVALUATIONS.name
GROUP = "matching.tests"
BAD = Failure("permanent", "no such place")
POLICY = ConsumerPolicy(retry=RetryPolicy(attempts=2, first=0, cap=0))


def told(report: RedriveReport) -> Answer:
    return Answer(200, asdict(report))


class House:
    def __init__(self) -> None:
        self.clock = ManualClock(START)
        self.documents = MemoryDocuments("parked")
        self.lot = ParkingLot("matching", self.documents, self.clock)
        self.effects = Effects()
        self.consumer = self.another()
        self.id = lot_id(GROUP, TOPIC, "a")

    def another(self) -> Consumer:
        chosen = evaluations(self.effects.handle)
        made = Consumer(chosen, "matching", self.lot, self.clock, NullMetrics(), POLICY)
        made.assigned()
        return made

    async def offsets(self) -> list[int]:
        found = await self.lot.get(self.id)
        return [event.offset for event in found.state.events] if found else []


def rec(sequence: int, key: str = "a") -> Record:
    return record(key, sequence, offset=sequence)


async def test_parking_is_repeatable_and_later_records_queue_behind() -> None:
    house = House()
    assert not await house.lot.append(GROUP, TOPIC, [rec(1)])
    for _ in range(2):
        await house.lot.park(GROUP, TOPIC, rec(1), BAD, [rec(2)])
        assert await house.lot.append(GROUP, TOPIC, [rec(2), rec(3)])
    assert await house.offsets() == [1, 2, 3]
    assert await house.lot.keys_waiting(GROUP, TOPIC) == {"a"}
    assert await house.lot.keys_waiting("matching.other", TOPIC) == set()


async def test_a_redrive_stops_at_the_first_that_fails_again() -> None:
    house = House()
    house.effects.faults["a", 2] = [Permanent("still bad")]
    await house.lot.park(GROUP, TOPIC, rec(1), BAD, [rec(2), rec(3)])
    house.clock.advance(MINUTE)
    done = await house.lot.redrive(house.id, BY)
    assert done is not None
    assert (done.handled, done.remaining) == (1, 2)
    assert done.failure == Failure("permanent", "still bad", 1)
    assert await house.effects.applied("a") == [1]
    assert await house.offsets() == [2, 3]
    found = await house.lot.get(house.id)
    assert found is not None
    assert [(a.at, a.reason) for a in found.state.events[0].history] == [(START + MINUTE, "permanent")]
    again = await house.lot.redrive(house.id, BY)
    assert again is not None
    assert (again.handled, again.remaining) == (2, 0)
    assert await house.effects.applied("a") == [1, 2, 3]


async def test_history_is_bounded() -> None:
    house = House()
    await house.lot.park(GROUP, TOPIC, Record(0, 1, b"a", b"{"), BAD)
    for _ in range(HISTORY_KEPT + 5):
        await house.lot.redrive(house.id, BY)
    found = await house.lot.get(house.id)
    assert found is not None
    assert found.state.events[0].attempts == HISTORY_KEPT + 6
    assert len(found.state.events[0].history) == HISTORY_KEPT


async def test_an_event_that_arrives_during_a_redrive_comes_after_it() -> None:
    house = House()
    await house.lot.park(GROUP, TOPIC, rec(1), BAD, [rec(2)])
    await house.consumer.take([rec(1, "z")], Commits())
    order: list[int] = []
    gate, behind = asyncio.Event(), asyncio.Event()
    handle = house.effects.handle

    async def slow(event: Event[Any]) -> None:
        if event.envelope.sequence == 1:
            gate.set()
            await behind.wait()
        order.append(event.envelope.sequence)
        await handle(event)

    house.effects.handle = slow  # type: ignore[method-assign]
    consumer = house.another()
    redriving = asyncio.create_task(house.lot.redrive(house.id, BY))
    await gate.wait()
    await consumer.take([rec(3)], Commits())
    behind.set()
    await redriving
    assert order == [1, 2, 3]
    assert await house.effects.applied("a") == [1, 2, 3]
    assert await house.offsets() == []


async def test_two_redrives_at_once_have_single_effects() -> None:
    house = House()
    await house.lot.park(GROUP, TOPIC, rec(1), BAD, [rec(n) for n in range(2, 9)])
    await asyncio.gather(*(house.lot.redrive(house.id, BY) for _ in range(4)))
    assert await house.effects.applied("a") == list(range(1, 9))
    assert await house.offsets() == []


async def test_store_away_during_a_redrive_reaches_the_operator_and_loses_nothing() -> None:
    house = House()
    await house.lot.park(GROUP, TOPIC, rec(1), BAD, [rec(2)])
    house.effects.documents.away = True
    with pytest.raises(StoreAway):
        await house.lot.redrive(house.id, BY)
    house.effects.documents.away = False
    assert await house.offsets() == [1, 2]
    found = await house.lot.get(house.id)
    assert found is not None
    assert found.state.events[0].attempts == 1
    await house.lot.redrive(house.id, BY)
    assert await house.effects.applied("a") == [1, 2]


async def test_bytes_that_are_no_text_survive_the_lot() -> None:
    house = House()
    planted = Record(2, 9, b"\xff\x00a", b"\xfe\xff", (("h", b"\x80"), ("\udcff", b"x"), ("base64:t", b"x")))
    await house.lot.park(GROUP, TOPIC, planted, BAD)
    (stored,) = (await house.lot.find(group=GROUP)).items
    assert stored.state.events[0].record() == planted
    assert stored.state.key.startswith("base64:")


async def test_a_group_without_consumer_cannot_be_redriven() -> None:
    house = House()
    await house.lot.park("matching.gone", TOPIC, rec(1), BAD)
    done = await house.lot.redrive(lot_id("matching.gone", TOPIC, "a"), BY)
    assert done is not None
    assert done.failure is not None
    assert (done.handled, done.remaining, done.failure.reason) == (0, 1, "no consumer")


async def test_operators_see_the_event_that_blocks_a_key() -> None:
    house = House()
    view = ParkedForOperators(house.lot)
    await house.lot.park(GROUP, TOPIC, rec(4), BAD, [rec(5)])
    house.clock.advance(MINUTE)
    await house.lot.park(GROUP, TOPIC, rec(1, "b"), BAD)
    page = await view.list(1, None)
    assert [(line.key, line.waiting, line.offset) for line in page.items] == [("a", 2, 4)]
    rest = await view.list(5, page.next)
    assert [line.key for line in rest.items] == ["b"]
    detail = await view.get(house.id)
    assert detail is not None
    assert (detail.event_type, detail.reason, detail.error) == ("evaluation.completed", "permanent", "no such place")
    assert detail.payload == (rec(4).value or b"").decode()
    assert [step.what for step in detail.history] == ["permanent; no such place"]
    assert await view.get("parked_none") is None
    assert await view.redrive("parked_none", BY, command(None), told) is None
    with pytest.raises(ValueError, match="cursor"):
        await view.list(5, "nonsense")
    report = await view.redrive(house.id, BY, command(None), told)
    assert report is not None
    assert (report.body["handled"], report.body["left"]) == (0, 2)
    assert report.body["reason"].startswith("sequence gap")


async def test_a_redrive_that_comes_again_under_its_key_is_answered_as_it_was() -> None:
    house = House()
    view = ParkedForOperators(house.lot)
    await house.lot.park(GROUP, TOPIC, rec(1), BAD, [rec(2)])
    first = await view.redrive(house.id, BY, command(), told)
    assert first is not None
    assert (first.body["handled"], first.body["left"]) == (2, 0)
    await house.lot.park(GROUP, TOPIC, rec(3), BAD)
    assert await view.redrive(house.id, BY, command(), told) == first
    with pytest.raises(KeyReused):
        await view.redrive(house.id, BY, command(fingerprint="other"), told)
    stood = await house.lot.get(house.id)
    assert stood is not None
    with pytest.raises(StaleVersion):
        await view.redrive(house.id, BY, command("new", expected_version=stood.version - 1), told)
    assert await house.offsets() == [3]
    last = await view.redrive(house.id, BY, command("new", expected_version=stood.version), told)
    assert last is not None
    assert last.body["handled"] == 1


async def test_of_racing_redrives_under_one_key_all_are_answered_alike() -> None:
    house = House()
    view = ParkedForOperators(house.lot)
    await house.lot.park(GROUP, TOPIC, rec(1), BAD, [rec(n) for n in range(2, 6)])
    answers = await asyncio.gather(*(view.redrive(house.id, BY, command(), told) for _ in range(8)))
    assert all(answer is not None and answer == answers[0] for answer in answers)
    assert await house.effects.applied("a") == [1, 2, 3, 4, 5]
    assert await house.offsets() == []


async def test_people_are_not_shown() -> None:
    house = House()
    await house.lot.park("notifications.contacts", topics.CONTACTS.name, Record(0, 1, b"c_1", b'{"name": "x"}'), BAD)
    detail = await ParkedForOperators(house.lot).get(lot_id("notifications.contacts", topics.CONTACTS.name, "c_1"))
    assert detail is not None
    assert detail.payload == HIDDEN
