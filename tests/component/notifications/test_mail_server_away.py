"""A mail server that cannot be reached costs time alone: all mails wait, visibly, and go out once it is back."""

from __future__ import annotations

import io
import json
import random
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from itertools import pairwise

import pytest

from services.notifications.domain.delivery import Delivery, State
from shared.contracts.events.experts import ExpertActivated
from tests.component.notifications.world import World, expert, running
from tests.support.logs import logged
from tests.support.notified_events import sample

ACTIVATED = sample(ExpertActivated)
MINUTE = timedelta(minutes=1)
EXPERTS = [f"exp_{n:02d}" for n in range(30)]


@pytest.fixture
async def world() -> AsyncIterator[World]:
    """A service that hands over one mail at a time, so that their order is to be seen."""
    async with running(send_workers=1) as world:
        await world.recorded(*(expert(id_) for id_ in EXPERTS))
        yield world


async def told(world: World, *experts: str) -> None:
    """Something happens of which each of these experts is told."""
    for id_ in experts:
        await world.happens(ACTIVATED.model_copy(update={"expert_id": id_}))
    await world.settled()


async def mails(world: World) -> list[Delivery]:
    """The mails as they stand, the oldest first."""
    return (await world.deliveries(channel="mail"))[::-1]


async def test_after_an_hour_away_all_go_out_once_in_the_order_in_which_they_waited(world: World) -> None:
    world.mailer.down = True
    for n in range(60):
        await told(world, *EXPERTS[n // 2 : n // 2 + 1] if n % 2 else ())
        await world.later(MINUTE)
    waiting = await mails(world)
    assert {(d.state, d.waiting_for, d.attempts) for d in waiting} == {(State.QUEUED, "mail_server", 0)}
    assert len(waiting) == len(EXPERTS)
    assert world.mailer.attempts < 100, "one asks for all, about once a minute"

    world.mailer.down = False
    await world.later(MINUTE)
    assert [mail.to_address.partition("@")[0] for mail in world.mailer.mails] == EXPERTS
    assert [mail.delivery_id for mail in world.mailer.mails] == [delivery.id for delivery in waiting]
    after = await mails(world)
    assert {(d.state, d.attempts, d.failure, d.waiting_for, d.due_at) for d in after} == {
        (State.SENT, 1, None, None, None)
    }
    for _ in range(20):
        await world.later(timedelta(hours=1))
    assert len(world.mailer.mails) == len(EXPERTS)


async def test_it_is_asked_again_at_growing_intervals_up_to_a_minute(world: World) -> None:
    world.mailer.down = True
    await told(world, "exp_00")
    asked = []
    for _ in range(300):
        before = world.mailer.attempts
        await world.later(timedelta(seconds=1))
        asked += [world.clock.now()] * (world.mailer.attempts - before)
    pauses = [(later - earlier).total_seconds() for earlier, later in pairwise(asked)]
    assert pauses == [2, 4, 8, 16, 32, 60, 60, 60]


async def test_what_waits_is_shown_counted_and_told_in_the_log(world: World) -> None:
    with logged() as out:
        world.mailer.down = True
        await told(world, "exp_00", "exp_01")
        async with world.client() as client:
            items = (await client.get("/deliveries?state=queued", headers=world.headers())).json()["items"]
        world.mailer.down = False
        await world.later(MINUTE)
    assert {item["waiting_for"] for item in items} == {"mail_server"}
    assert all("did not answer" in item["failure"] and item["next_look_at"] for item in items)
    assert _said(out) == ["mail_server.away", "mail_server.back"]


def _said(out: io.StringIO) -> list[str]:
    lines = [json.loads(line)["message"] for line in out.getvalue().splitlines()]
    return [line for line in lines if line.startswith("mail_server")]


async def test_a_mail_that_is_refused_shows_that_the_server_is_back_too(world: World) -> None:
    world.mailer.down = True
    await told(world, "exp_00", "exp_01", "exp_02")
    world.mailer.down = False
    world.mailer.refused.add("exp_00@people.example")
    world.mailer.busy.add("exp_01@people.example")
    await world.later(timedelta(seconds=2))
    assert {d.recipient: (d.state, d.attempts) for d in await mails(world)} == {
        "exp_00": (State.FAILED, 1),
        "exp_01": (State.QUEUED, 1),
        "exp_02": (State.SENT, 1),
    }


async def test_a_fault_of_ours_says_nothing_of_the_server(world: World) -> None:
    world.mailer.down = True
    await told(world, "exp_00", "exp_01")

    async def breaks(*_: object) -> None:
        raise KeyError

    world.mailer.send = breaks  # type: ignore[method-assign, assignment]
    await world.later(timedelta(seconds=2))
    assert {d.recipient: d.waiting_for for d in await mails(world)} == {"exp_00": None, "exp_01": "mail_server"}


async def test_two_replicas_that_both_found_it_away_send_each_mail_once() -> None:
    async with running() as one, running(beside=one) as other:
        await one.recorded(*(expert(id_) for id_ in EXPERTS))
        one.mailer.down = True
        await told(one, *EXPERTS[::2])
        other.bus._sequences.update(one.bus._sequences)
        await told(other, *EXPERTS[1::2])
        one.mailer.down = False
        for _ in range(5):
            await one.later(timedelta(seconds=1))
            await other.later(timedelta(seconds=1))
        ids = [mail.delivery_id for mail in one.mailer.mails]
        assert len(ids) == len(set(ids)) == len(EXPERTS)


async def second_by_second(worlds: Sequence[World], seconds: int, order: random.Random | None = None) -> None:
    """They live and sweep every second, in turn; in any order, by lot, where `order` is given."""
    for _ in range(seconds):
        worlds[0].clock.advance(timedelta(seconds=1))
        for world in order.sample(worlds, len(worlds)) if order is not None else worlds:
            assert world.service.deadlines is not None
            await world.service.deadlines.fire_due()
            await world.settled()


@pytest.mark.parametrize("seed", range(5))
async def test_with_all_replicas_alive_all_go_out_within_a_minute_whoever_comes_to_which_mail(seed: int) -> None:
    order = random.Random(seed)
    async with running() as one, running(beside=one) as other:
        await one.recorded(*(expert(id_) for id_ in EXPERTS))
        one.mailer.down = True
        await told(one, *EXPERTS[:15])
        await second_by_second([one], order.randrange(1, 60))
        other.bus._sequences.update(one.bus._sequences)
        await told(other, *EXPERTS[15:])
        await second_by_second([one, other], 400, order)
        assert one.mailer.attempts < 40, "one asks for all of a replica's"
        one.mailer.down = False
        await second_by_second([one, other], 62, order)
        assert sorted(mail.to_address.partition("@")[0] for mail in one.mailer.mails) == EXPERTS


async def test_a_replica_that_had_no_mail_to_hand_over_meanwhile_sends_what_the_other_one_held() -> None:
    async with running() as one, running(beside=one) as other:
        await one.recorded(*(expert(id_) for id_ in EXPERTS))
        one.mailer.down = True
        await told(one, *EXPERTS)
        one.mailer.down = False
        await second_by_second([other, one], 3)
        assert len(one.mailer.mails) == len(EXPERTS)


async def test_a_mail_that_is_new_to_a_replica_that_has_not_heard_of_the_return_waits_a_minute_at_most() -> None:
    async with running() as one, running(beside=one) as other:
        await one.recorded(expert("exp_00"), expert("exp_01"))
        one.mailer.down = True
        await told(one, "exp_00")
        await second_by_second([one], 130)
        one.mailer.down = False
        await second_by_second([other], 62)
        assert len(one.mails_to("exp_00")) == 1, "sent by the other one"
        await told(one, "exp_01")
        await second_by_second([one], 62)
        assert len(one.mails_to("exp_01")) == 1


async def test_what_a_dead_process_held_goes_out_by_another_within_five_minutes() -> None:
    async with running() as dead:
        await dead.recorded(*(expert(id_) for id_ in EXPERTS))
        dead.mailer.down = True
        await told(dead, *EXPERTS)
    dead.mailer.down = False
    async with running(beside=dead) as other:
        await other.later(timedelta(minutes=5, seconds=1))
        ids = [mail.delivery_id for mail in other.mailer.mails]
        assert len(ids) == len(set(ids)) == len(EXPERTS)


async def test_while_it_is_away_a_corrected_address_and_an_erasure_still_count(world: World) -> None:
    world.mailer.down = True
    await told(world, "exp_00", "exp_01")
    await world.recorded(expert("exp_00").model_copy(update={"email": "new@people.example"}))
    await world.erased("exp_01")
    world.mailer.down = False
    await world.later(timedelta(seconds=2))
    assert [mail.to_address for mail in world.mailer.mails] == ["new@people.example"]
