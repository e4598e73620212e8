"""Mails go out once: through a mail server that puts off or refuses, or a process that dies in between."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from services.notifications.application.ports import Mail
from services.notifications.domain.delivery import Delivery, State
from shared.contracts.events.experts import ExpertActivated
from tests.component.notifications.world import World, expert
from tests.support.eventually import eventually
from tests.support.memory_mailer import HeldSend
from tests.support.notified_events import sample

ACTIVATED = sample(ExpertActivated)
SOON, LEASE = timedelta(seconds=2), timedelta(seconds=31)


async def _mail(world: World) -> Delivery:
    (mail,) = await world.deliveries(channel="mail")
    return mail


async def _fail_for_good(world: World) -> None:
    await world.recorded(expert("exp_1"))
    world.mailer.busy.add("exp_1@people.example")
    await world.happens(ACTIVATED)
    await world.settled()
    for _ in range(50):
        await world.later(timedelta(hours=7))


async def test_a_mail_that_is_put_off_is_tried_half_an_hour_later_and_then_ever_more_seldom(world: World) -> None:
    await world.recorded(expert("exp_1"))
    world.mailer.busy.add("exp_1@people.example")
    await world.happens(ACTIVATED)
    await world.settled()
    mail = await _mail(world)
    assert (mail.state, mail.attempts, mail.failure) == (State.QUEUED, 1, "451 try again later")
    await world.later(timedelta(minutes=29))
    assert world.mailer.attempts == 1, "not before its time"
    await world.later(timedelta(minutes=2))
    assert (await _mail(world)).attempts == 2
    world.mailer.busy.clear()
    await world.later(timedelta(hours=1))
    mail = await _mail(world)
    assert (mail.state, mail.attempts, mail.failure) == (State.SENT, 3, None)
    assert len(world.mails_to("exp_1")) == 1


async def test_one_recipients_trouble_delays_nobody_else(world: World) -> None:
    await world.recorded(expert("exp_1"), expert("exp_2"))
    world.mailer.busy.add("exp_1@people.example")
    await world.happens(ACTIVATED)
    await world.happens(ACTIVATED.model_copy(update={"expert_id": "exp_2"}))
    await world.settled()
    assert len(world.mails_to("exp_2")) == 1


async def test_after_the_last_attempt_it_has_failed_visibly(world: World) -> None:
    await _fail_for_good(world)
    assert world.mailer.attempts == 45
    mail = await _mail(world)
    assert (mail.state, mail.attempts, mail.due_at) == (State.FAILED, 45, None)
    async with world.client() as client:
        listed = (await client.get("/deliveries?state=failed", headers=world.headers())).json()["items"]
        metrics = (await client.get("/metrics")).text
    assert [(item["id"], item["recipient"]) for item in listed] == [(mail.id, "exp_1")]
    assert 'entente_deliveries_ended_total{state="failed",type="expert_activated"} 1.0' in metrics


async def test_an_officer_has_a_failed_mail_tried_again_under_its_old_id(world: World) -> None:
    await _fail_for_good(world)
    failed = await _mail(world)
    world.mailer.busy.clear()
    async with world.client() as client:
        headers = {**world.headers(), "Idempotency-Key": "again"}
        answer = await client.post(f"/deliveries/{failed.id}/retry", headers=headers)
        repeat = await client.post(f"/deliveries/{failed.id}/retry", headers=headers)
        await world.settled()
        refused = await client.post(f"/deliveries/{failed.id}/retry", headers=world.headers())
    assert (answer.status_code, answer.json()["state"]) == (200, "queued")
    assert (repeat.status_code, repeat.json()) == (200, answer.json())
    assert refused.status_code == 409
    assert [mail.delivery_id for mail in world.mailer.mails] == [failed.id]


async def test_a_refused_address_has_failed_at_once(world: World) -> None:
    await world.recorded(expert("exp_1"))
    world.mailer.refused.add("exp_1@people.example")
    await world.happens(ACTIVATED)
    await world.settled()
    mail = await _mail(world)
    assert (mail.state, mail.attempts, mail.failure) == (State.FAILED, 1, "550 no such mailbox")
    await world.later(timedelta(hours=1))
    assert world.mailer.attempts == 1


async def test_a_connection_that_breaks_is_tried_again_at_once_and_later_as_what_is_put_off(world: World) -> None:
    await world.recorded(expert("exp_1"))
    world.mailer.broken.add("exp_1@people.example")
    await world.happens(ACTIVATED)
    await world.settled()
    await world.later(SOON)
    assert world.mailer.attempts == 2
    for _ in range(7):
        await world.later(timedelta(minutes=1))
    mail = await _mail(world)
    assert (mail.state, mail.attempts) == (State.QUEUED, 5)
    assert mail.due_at is not None
    assert mail.due_at - world.clock.now() > timedelta(minutes=20), "it is put off like any other now, and not lost"
    world.mailer.broken.clear()
    await world.later(timedelta(minutes=31))
    assert len(world.mails_to("exp_1")) == 1


async def test_a_mail_that_is_put_off_for_longer_than_half_an_hour_is_counted_until_it_is_through(world: World) -> None:
    async def counted() -> int:
        return len(await world.deliveries(waiting_for="put_off"))

    await world.recorded(expert("exp_1"))
    world.mailer.busy.add("exp_1@people.example")
    await world.happens(ACTIVATED)
    await world.settled()
    assert await counted() == 0, "greylisting takes minutes"
    await world.later(timedelta(minutes=31))
    assert await counted() == 1
    assert (await _mail(world)).waiting_for is None
    world.mailer.busy.clear()
    await world.later(timedelta(hours=1))
    assert await counted() == 0


async def test_a_fault_of_ours_has_failed_within_minutes(world: World) -> None:
    async def breaks(mail: Mail) -> None:
        raise KeyError(mail.type)

    world.mailer.send = breaks  # type: ignore[method-assign]
    await world.recorded(expert("exp_1"))
    await world.happens(ACTIVATED)
    await world.settled()
    for _ in range(10):
        await world.later(timedelta(minutes=1))
    mail = await _mail(world)
    assert (mail.state, mail.attempts, mail.failure) == (State.FAILED, 5, "unexpected: KeyError")


async def test_one_refused_mail_holds_up_no_other(world: World) -> None:
    await world.recorded(expert("exp_1"), expert("exp_2"))
    world.mailer.refused.add("exp_1@people.example")
    await world.happens(ACTIVATED)
    await world.happens(ACTIVATED.model_copy(update={"expert_id": "exp_2"}))
    await world.settled()
    assert len(world.mails_to("exp_2")) == 1


async def test_a_database_that_is_away_after_the_hand_over_causes_no_second_mail(world: World) -> None:
    await world.recorded(expert("exp_1"))
    deliveries, send = world.documents["deliveries"], world.mailer.send

    async def then_away(mail: Mail) -> None:
        await send(mail)
        deliveries.away = True

    world.mailer.send = then_away  # type: ignore[method-assign]
    await world.happens(ACTIVATED)
    await eventually(lambda: deliveries.away, what="the hand-over")
    await asyncio.sleep(0)
    deliveries.away = False
    await world.settled()
    assert (await _mail(world)).state is State.SENT
    await world.later(timedelta(minutes=10))
    assert len(world.mails_to("exp_1")) == 1


async def test_a_mail_beyond_the_room_of_the_queue_is_sent_by_the_sweep() -> None:
    world = World(send_queue=1, send_workers=1)
    await world.recorded(expert("exp_1"), expert("exp_2"))
    await world.happens(ACTIVATED)
    await world.happens(ACTIVATED.model_copy(update={"expert_id": "exp_2"}))
    await world.sender.start()
    try:
        await world.settled()
        assert len(world.mailer.mails) == 1
        await world.later(LEASE)
        assert len(world.mailer.mails) == 2
    finally:
        await world.sender.stop()


async def test_mails_go_out_side_by_side(world: World) -> None:
    held = HeldSend(world.mailer.send)
    world.mailer.send = held  # type: ignore[method-assign]
    for number in range(4):
        await world.recorded(expert(f"exp_{number}"))
        await world.happens(ACTIVATED.model_copy(update={"expert_id": f"exp_{number}"}))
    await eventually(lambda: held.waiting == 4, what="four hand-overs at the same time")
    held.go.set()
    await world.settled()
    assert len(world.mailer.mails) == 4


@pytest.mark.parametrize("times", [1, 2])
async def test_a_sender_stops_at_any_time(world: World, times: int) -> None:
    await world.recorded(expert("exp_1"))
    await world.happens(ACTIVATED)
    for _ in range(times):
        await world.sender.stop()
    world.sender(await world.stored(channel="mail"))
    assert not world.sender.busy


async def test_the_message_names_the_event_and_carries_the_deliverys_id(world: World) -> None:
    await world.recorded(expert("exp_1"))
    event_id = await world.happens(ACTIVATED)
    await world.settled()
    (mail,) = world.mailer.mails
    assert (mail.event_id, mail.delivery_id, mail.type) == (event_id, (await _mail(world)).id, "expert_activated")
