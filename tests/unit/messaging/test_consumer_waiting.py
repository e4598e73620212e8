"""A consumer that cannot go on: it waits, ends or stops, and loses nothing."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from shared.contracts.topics import EVALUATIONS
from shared.messaging.backoff import AWAY
from shared.messaging.breaker import BreakerPolicy
from shared.messaging.consumer import Consumer, ConsumerPolicy
from shared.messaging.errors import BrokerAway, Permanent, Stopped
from shared.messaging.event import Event
from shared.messaging.parking import ParkingLot, lot_id
from shared.store import StoreAway
from tests.support.attempts import most_attempts
from tests.support.eventually import eventually
from tests.support.messages import (
    BY,
    MINUTE,
    evaluations,
)
from tests.unit.messaging.consuming import QUICK, House, events


@pytest.mark.parametrize("where", ["effects", "handler", "broker"])
async def test_store_or_broker_away_parks_nothing_counts_nothing_and_resumes(where: str) -> None:
    house = House()
    if where == "effects":
        house.effects.documents.away = True
    else:
        fault = StoreAway("away") if where == "handler" else BrokerAway("away")
        house.effects.faults["a", 1] = [fault] * 10_000
    task = asyncio.create_task(house.take(events(("a", 1), ("b", 1))))
    await eventually(lambda: house.effects.calls.count(("a", 1)) > 9, what="more tries than a fault would get")
    assert await house.consumer.check() is not None
    assert house.counted["consumer_paused"] == 1
    assert house.commits.calls == 0
    assert house.counted["events_retried"] == 0
    house.effects.documents.away = False
    house.effects.faults.clear()
    await asyncio.wait_for(task, 5)
    assert await house.effects.applied("a") == [1]
    assert await house.consumer.check() is None
    assert house.counted["consumer_paused"] == 0
    assert house.counted["events_parked"] == 0
    assert house.counted["events_repeated"] == 0
    assert house.commits.offsets == {0: 2}


async def test_whoever_waits_asks_no_more_often_than_the_pauses_allow(monkeypatch: pytest.MonkeyPatch) -> None:
    waited = 0.0

    async def at_once(_: asyncio.Event, seconds: float) -> bool:
        nonlocal waited
        waited += seconds
        return waited > 60

    monkeypatch.setattr("shared.messaging.consumer.pause_unless", at_once)
    house = House(ConsumerPolicy(retry=QUICK.retry))
    house.effects.faults["a", 1] = [StoreAway("away")] * 10_000
    await house.take(events(("a", 1)))
    assert waited > 60
    assert 20 < house.effects.calls.count(("a", 1)) <= most_attempts(AWAY, waited)
    assert house.counted["store_away"] == house.effects.calls.count(("a", 1))


async def test_parking_waits_for_the_lot_too() -> None:
    house = House()
    house.effects.faults["a", 1] = [Permanent("bad")]
    await house.take(events(("b", 1)))
    house.lot_documents.away = True
    task = asyncio.create_task(house.take(events(("a", 1), ("a", 2), start=1)))
    await eventually(house.consumer.check, what="the consumer waits")
    assert house.commits.offsets == {0: 1}
    house.lot_documents.away = False
    await asyncio.wait_for(task, 5)
    assert [offset for offset, _ in await house.parked("a")] == [1, 2]
    assert house.effects.calls.count(("a", 1)) == 1


async def test_being_cancelled_commits_nothing() -> None:
    house = House()
    house.effects.documents.away = True
    task = asyncio.create_task(house.take(events(("a", 1))))
    await eventually(house.consumer.check, what="the consumer waits")
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert house.commits.calls == 0


async def test_ending_while_waiting_commits_what_is_done_and_nothing_else() -> None:
    house = House()
    house.effects.faults["b", 1] = [StoreAway("away")] * 10_000
    task = asyncio.create_task(house.take(events(("a", 1), ("b", 1), ("c", 1))))
    await eventually(lambda: house.effects.calls.count(("b", 1)) > 2, what="b waits")
    house.consumer.end()
    await asyncio.wait_for(task, 5)
    assert house.commits.offsets == {0: 1}
    await house.take(events(("d", 1), start=3))
    assert house.commits.offsets == {0: 1}
    assert ("d", 1) not in house.effects.calls


async def test_a_failed_commit_is_counted_and_harmless() -> None:
    house = House()
    house.commits.fails = True
    await house.take(events(("a", 1)))
    assert house.counted["commit_failures"] == 1
    house.commits.fails = False
    await house.take(events(("a", 1), ("a", 2)))
    assert await house.effects.applied("a") == [1, 2]
    assert house.commits.offsets == {0: 2}


async def test_a_burst_of_parkings_stops_the_consumer_and_a_restart_goes_on() -> None:
    policy = ConsumerPolicy(retry=QUICK.retry, away=QUICK.away, breaker=BreakerPolicy(share=0.2, keys=5))
    house = House(policy)
    batch = events(*((f"k{n}", 1) for n in range(50)))
    for n in range(50):
        house.effects.faults[f"k{n}", 1] = [Permanent("all wrong")] * 9
    stopped: list[str] = []
    house.consumer.on_stopped = lambda: stopped.append("left")
    await house.take(batch)
    assert stopped == ["left"]
    assert "bad deployment" in (await house.consumer.check() or "")
    assert house.commits.calls == 0
    await house.take(events(("later", 1), start=50))
    assert house.commits.calls == 0

    house.effects.faults.clear()
    restarted = Consumer(evaluations(house.effects.handle), "matching", house.lot, house.clock, house.counted, policy)
    restarted.assigned()
    await restarted.take(batch, house.commits)
    assert await restarted.check() is None
    assert house.commits.offsets == {0: 50}
    in_lot = [n for n in range(50) if await house.parked(f"k{n}")]
    assert 5 <= len(in_lot) < 50
    assert all([await house.effects.applied(f"k{n}") == ([] if n in in_lot else [1]) for n in range(50)])


async def test_slow_parkings_do_not_stop_it() -> None:
    house = House(ConsumerPolicy(retry=QUICK.retry, breaker=BreakerPolicy(share=0.2, keys=3)))
    for n in range(10):
        house.effects.faults[f"k{n}", 1] = [Permanent("bad")]
        await house.take(events((f"k{n}", 1), start=n))
        house.clock.advance(3 * MINUTE)
    assert await house.consumer.check() is None


async def test_a_handler_may_stop_the_consumer() -> None:
    house = House()
    house.effects.faults["a", 1] = [Stopped("the policy is missing")]
    await house.take(events(("a", 1)))
    assert await house.consumer.check() == "stopped: the policy is missing"
    assert house.commits.calls == 0


async def test_a_lot_that_breaks_stops_the_consumer_instead_of_losing_the_batch() -> None:
    house = House()
    house.effects.faults["a", 1] = [Permanent("bad")]

    async def broken(*_: Any, **__: Any) -> bool:
        raise RuntimeError("not authorised")

    house.lot_documents.insert = broken  # type: ignore[method-assign]
    await house.take(events(("a", 1)))
    assert "not authorised" in (await house.consumer.check() or "")
    assert house.commits.calls == 0


def full_house(full_bytes: int = 3000) -> House:
    """A house whose lot has room for few events of a key, the first of which is bad."""
    house = House()
    house.lot = ParkingLot("matching", house.lot_documents, house.clock, full_bytes=full_bytes)
    house.consumer = Consumer(
        evaluations(house.effects.handle), "matching", house.lot, house.clock, house.counted, QUICK
    )
    house.consumer.assigned()
    house.effects.faults["a", 1] = [Permanent("bad")]
    return house


async def red(house: House) -> str:
    """Why the consumer waits, once it does."""
    await eventually(house.consumer.check, what="the consumer waits")
    return await house.consumer.check() or ""


@pytest.mark.parametrize("act", ["redrive", "discard"])
async def test_a_consumer_waits_for_room_in_the_lot_and_goes_on_by_itself(act: str) -> None:
    house = full_house()
    await house.take(events(*(("a", n) for n in range(1, 3))))
    assert house.commits.offsets == {0: 2}
    more = [("b", 1), *(("a", n) for n in range(3, 9)), ("b", 2)]
    task = asyncio.create_task(house.take(events(*more, start=2)))
    why = await red(house)
    id_ = lot_id(house.consumer.group, EVALUATIONS.name, "a")
    assert why.startswith("waits: the parking lot has no room for more events of a")
    assert f"entente parked show {id_}" in why
    assert (house.counted["consumer_paused"], house.counted["consumer_stopped"]) == (1, 0)
    assert house.counted["store_away"] == 0
    await eventually(lambda: house.effects.calls.count(("b", 2)), what="the other key goes on")
    assert house.commits.offsets == {0: 2}

    if act == "discard":
        assert (await house.lot.acts.discard(id_, (0, 0), BY)).applied
    done = await house.lot.redrive(id_, BY)
    assert done is not None
    assert done.remaining == 0
    await asyncio.wait_for(task, 5)
    assert await house.parked("a") == []
    assert await house.consumer.check() is None
    assert house.counted["consumer_paused"] == 0
    assert house.commits.offsets == {0: 10}
    assert await house.effects.applied("a") == list(range(1 if act == "redrive" else 2, 9))
    assert await house.effects.applied("b") == [1, 2]


async def test_more_events_than_an_empty_lot_has_room_for_park_the_first_so_that_it_can_be_mended() -> None:
    house = full_house(1500)
    task = asyncio.create_task(house.take(events(*(("a", n) for n in range(1, 9)))))
    assert "no room" in await red(house)
    assert [offset for offset, _ in await house.parked("a")] == [0]
    assert house.commits.calls == 0
    id_ = lot_id(house.consumer.group, EVALUATIONS.name, "a")
    await house.lot.redrive(id_, BY)
    await asyncio.wait_for(task, 5)
    assert await house.effects.applied("a") == list(range(1, 9))
    assert house.commits.offsets == {0: 8}
    assert house.counted["events_parked"] == 1


async def test_a_consumer_that_waits_for_room_ends_when_it_is_asked_to() -> None:
    house = full_house()
    task = asyncio.create_task(house.take(events(*(("a", n) for n in range(1, 12)))))
    await red(house)
    house.consumer.end()
    await asyncio.wait_for(task, 5)
    assert [offset for offset, _ in await house.parked("a")] == [0]
    assert house.commits.offsets == {0: 1}


async def test_revocation_lets_the_batch_in_hand_finish() -> None:
    house = House()
    gate = asyncio.Event()

    async def slow(event: Event[Any]) -> None:
        await gate.wait()

    house = House(subscription=evaluations(slow))
    task = asyncio.create_task(house.take(events(("a", 1))))
    await asyncio.sleep(0)
    revoking = asyncio.create_task(house.consumer.revoked(5))
    await asyncio.sleep(0)
    assert not revoking.done()
    gate.set()
    await asyncio.wait_for(revoking, 5)
    await task
    assert house.commits.offsets == {0: 1}


async def test_not_joined_is_not_ready() -> None:
    house = House()
    fresh = Consumer(evaluations(house.effects.handle), "matching", house.lot, house.clock, house.counted)
    assert "not joined" in (await fresh.check() or "")
