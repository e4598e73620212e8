"""What operators do about a parked key: mended and discarded events keep order and single effects, and all is noted."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from shared.contracts import topics
from shared.errors import Invalid, Refused
from shared.messaging.acts import By
from shared.messaging.errors import Permanent
from shared.messaging.event import Event
from shared.messaging.operators import ParkedForOperators
from shared.messaging.parked import ACTS_KEPT, UNDER_WAY, Act, ParkedKey
from shared.messaging.parking import Failure, lot_id
from shared.messaging.record import Kept, Record
from tests.support.messages import BY, MINUTE, START, Commits, evaluation, value
from tests.unit.messaging.test_parking import BAD, GROUP, TOPIC, House, rec

ELSE = By("per_other_operator", "operator", "it is about nobody")


def spoilt(sequence: int) -> Record:
    """A record whose value cannot be read; its headers are as its producer wrote them."""
    headers = (("event_id", f"evt_a_{sequence}".encode()), ("sequence", str(sequence).encode()))
    return replace(rec(sequence), value=b'{"event_id": ', headers=headers)


async def noted(house: House) -> list[tuple[str, str, str, str]]:
    """(what, who, why, what came of it) of every act."""
    found = await ParkedForOperators(house.lot).acts(house.id)
    assert found is not None
    return [(act.what, act.who, act.reason, act.came_of) for act in found]


async def test_a_mended_event_is_the_same_event_and_has_its_effect_once() -> None:
    house = House()
    await house.consumer.take([rec(1), spoilt(2), rec(3)], Commits())
    assert await house.offsets() == [2, 3]
    good = value(evaluation("a"), "a", 2)
    for bad, told in (
        (b"{", "bad JSON"),
        (value(evaluation("b"), "b", 2), "key differs"),
        (value(evaluation("a"), "a", 3), "is event evt_a_3 #3, and evt_a_2 #2 is parked"),
        (value(evaluation("a"), "a", 2, event_id="evt_other"), "is event evt_other #2"),
        (good.replace(b'"rating":3', b'"rating":"x"'), "data breaks its schema"),
        (good.replace(b'"rating":3', b'"rating":4,"rating":3'), "gives 'rating' twice"),
    ):
        with pytest.raises(Invalid, match=told):
            await house.lot.acts.mend(house.id, (0, 2), bad, BY)
    assert await noted(house) == []
    house.clock.advance(MINUTE)
    after = (await house.lot.acts.mend(house.id, (0, 2), good, BY)).stored
    assert after is not None
    assert after.state.events[0].original == Kept.of(b'{"event_id": ')
    assert await house.effects.applied("a") == [1]
    house.clock.advance(MINUTE)
    done = await house.lot.redrive(house.id, ELSE)
    assert done is not None
    assert (done.handled, done.remaining) == (2, 0)
    await house.consumer.take([rec(2), rec(4)], Commits())
    assert await house.effects.applied("a") == [1, 2, 3, 4]
    assert await noted(house) == [
        ("mend", BY.who, BY.reason, "mended"),
        ("redrive", ELSE.who, ELSE.reason, "2 handled, none left"),
    ]
    acts = (await house.lot.get(house.id)).state.acts  # type: ignore[union-attr]
    assert [(act.at, act.event_id, act.sequence) for act in acts] == [
        (START + MINUTE, "evt_a_2", 2),
        (START + 2 * MINUTE, "evt_a_2", 2),
    ]


async def test_a_discarded_event_leaves_no_gap_and_any_other_gap_stays_one() -> None:
    house = House()
    house.effects.faults["a", 2] = [Permanent("never")]
    await house.consumer.take([rec(1), rec(2), rec(3)], Commits())
    after = (await house.lot.acts.discard(house.id, (0, 2), ELSE)).stored
    assert after is not None
    assert (len(after.state.events), after.state.discarded) == (1, (2,))
    done = await house.lot.redrive(house.id, BY)
    assert done is not None
    assert (done.handled, done.remaining) == (1, 0)
    await house.consumer.take([rec(4)], Commits())
    assert await house.effects.applied("a") == [1, 3, 4]
    await house.another().take([rec(6)], Commits())
    assert await house.offsets() == [6]
    assert await noted(house) == [
        ("discard", ELSE.who, ELSE.reason, "discarded; 1 left"),
        ("redrive", BY.who, BY.reason, "1 handled, none left"),
    ]


async def test_after_a_discard_the_next_event_comes_in_by_the_running_consumer() -> None:
    house = House()
    house.effects.faults["a", 1] = [Permanent("never")]
    await house.consumer.take([rec(1)], Commits())
    await house.lot.acts.discard(house.id, (0, 1), BY)
    assert await house.offsets() == []
    await house.consumer.take([rec(2), rec(3)], Commits())
    assert await house.effects.applied("a") == [2, 3]


async def test_an_event_about_another_aggregate_leaves_the_sequences_alone() -> None:
    house = House()
    foreign = replace(rec(1), value=value(evaluation("b"), "b", 7))
    await house.consumer.take([foreign], Commits())
    after = (await house.lot.acts.discard(house.id, (0, 1), BY)).stored
    assert after is not None
    assert after.state.discarded == ()


async def test_only_the_event_that_was_looked_at_is_touched() -> None:
    house = House()
    await house.lot.park(GROUP, TOPIC, rec(1), BAD, [rec(2)])
    told = "blocked by the event at 0/1 by now, not by the one at 0/2"
    with pytest.raises(Refused, match=told):
        await house.lot.acts.discard(house.id, (0, 2), BY)
    with pytest.raises(Refused, match=told):
        await house.lot.acts.mend(house.id, (0, 2), value(evaluation("a"), "a", 2), BY)
    assert (await house.lot.acts.discard("parked_none", (0, 1), BY)).stored is None
    await house.lot.redrive(house.id, BY)
    with pytest.raises(Refused, match="nothing is parked"):
        await house.lot.acts.discard(house.id, (0, 1), BY)
    assert [what for what, *_ in await noted(house)] == ["redrive"]


async def test_nobody_discards_what_a_redrive_has_in_hand() -> None:
    house = House()
    await house.lot.park(GROUP, TOPIC, rec(1), BAD)
    begun, gate = asyncio.Event(), asyncio.Event()
    handle = house.effects.handle

    async def slow(event: Event[Any]) -> None:
        begun.set()
        await gate.wait()
        await handle(event)

    house.effects.handle = slow  # type: ignore[method-assign]
    house.another()
    redriving = asyncio.create_task(house.lot.redrive(house.id, BY))
    await begun.wait()
    with pytest.raises(Refused, match=f"{BY.who} has been redriving this key since 09:00:00 UTC"):
        await house.lot.acts.discard(house.id, (0, 1), ELSE)
    gate.set()
    await redriving
    assert await house.effects.applied("a") == [1]


async def test_a_redrive_that_died_leaves_the_key_alone_after_a_while() -> None:
    house = House()
    await house.lot.park(GROUP, TOPIC, rec(1), BAD)
    await house.lot.acts.begin(house.id, BY)
    with pytest.raises(Refused, match="has been redriving this key"):
        await house.lot.acts.discard(house.id, (0, 1), ELSE)
    house.clock.advance(UNDER_WAY)
    assert (await house.lot.acts.discard(house.id, (0, 1), ELSE)).applied
    assert [came_of for *_, came_of in await noted(house)] == ["", "discarded; 0 left"]


async def test_what_came_of_a_redrive_that_failed_is_noted() -> None:
    house = House()
    house.effects.faults["a", 2] = [Permanent("still bad")]
    await house.lot.park(GROUP, TOPIC, rec(1), BAD, [rec(2)])
    await house.lot.redrive(house.id, BY)
    assert [came_of for *_, came_of in await noted(house)] == ["1 handled, 1 left: permanent"]


async def test_a_group_that_is_gone_can_still_be_cleared() -> None:
    house = House()
    await house.lot.park("matching.gone", TOPIC, rec(1), Failure("permanent", "no such place"))
    id_ = lot_id("matching.gone", topics.EVALUATIONS.name, "a")
    assert (await house.lot.acts.discard(id_, (0, 1), BY)).applied


def test_redrives_are_forgotten_before_mends_and_discards() -> None:
    key = ParkedKey(group=GROUP, topic=TOPIC, key="a")
    for n in range(ACTS_KEPT + 2):
        what = "discard" if n == 0 else "redrive"
        key = key.with_act(
            Act(
                id=f"act_{n}",
                at=START + n * MINUTE,
                what=what,
                who="per_1",
                role="operator",
                reason="sample",
                partition=0,
                offset=n,
            )
        )
    assert len(key.acts) == ACTS_KEPT
    assert [act.id for act in key.acts][:2] == ["act_0", "act_3"]
