"""A corrected address: what waits, and what failed at the old one, goes to the new one, once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.notifications.application.send_delivery import SendDelivery
from services.notifications.domain.delivery import Delivery, State
from shared.contracts.events.contacts import ContactRecorded
from shared.contracts.events.experts import ExpertActivated
from tests.component.notifications.world import World, expert
from tests.support.notified_events import sample

ACTIVATED = sample(ExpertActivated)
OLD, NEW = "exp_1@people.example", "new@people.example"
BEFORE = expert("exp_1")
AFTER = BEFORE.model_copy(update={"email": NEW})


async def mail_of(world: World) -> Delivery:
    (mail,) = await world.deliveries(channel="mail")
    return mail


async def refused(world: World, contact: ContactRecorded = BEFORE) -> None:
    """A notice failed for good at the first address."""
    world.mailer.refused.add(OLD)
    await world.recorded(contact)
    await world.happens(ACTIVATED)
    await world.settled()
    assert (await mail_of(world)).state is State.FAILED


async def test_a_notice_refused_at_the_old_address_goes_to_the_new_one(world: World) -> None:
    await refused(world)
    await world.recorded(AFTER)
    await world.settled()
    assert [mail.to_address for mail in world.mailer.mails] == [NEW]
    assert [mail.delivery_id for mail in world.mailer.mails] == [(await mail_of(world)).id]
    await world.happens(AFTER, sequence=2)
    await world.recorded(AFTER)
    await world.settled()
    assert len(world.mailer.mails) == 1


async def test_a_notice_that_is_being_tried_goes_to_the_new_address_at_its_next_attempt(world: World) -> None:
    await world.recorded(BEFORE)
    world.mailer.down = True
    await world.happens(ACTIVATED)
    await world.settled()
    await world.recorded(AFTER)
    world.mailer.down = False
    await world.later(timedelta(seconds=3))
    assert [mail.to_address for mail in world.mailer.mails] == [NEW]


async def test_a_notice_for_somebody_without_an_address_goes_when_there_is_one(world: World) -> None:
    await refused(world, BEFORE.model_copy(update={"email": ""}))
    await world.recorded(AFTER)
    await world.settled()
    assert [mail.to_address for mail in world.mailer.mails] == [NEW]


async def test_what_is_refused_at_the_new_address_too_stays_failed(world: World) -> None:
    await refused(world)
    world.mailer.refused.add(NEW)
    await world.recorded(AFTER)
    await world.settled()
    attempts = world.mailer.attempts
    await world.recorded(AFTER)
    await world.settled()
    assert ((await mail_of(world)).state, world.mailer.attempts) == (State.FAILED, attempts)


@pytest.mark.parametrize("change", [{"name": "Other Sample"}, {"languages": ("fr",)}])
async def test_what_leaves_the_address_as_it_was_sends_nothing_again(world: World, change: dict[str, object]) -> None:
    await refused(world)
    attempts = world.mailer.attempts
    await world.recorded(BEFORE.model_copy(update=change))
    await world.settled()
    assert world.mailer.attempts == attempts


async def test_an_old_notice_is_left_to_an_officer(world: World) -> None:
    await refused(world)
    world.clock.advance(timedelta(days=15))
    await world.recorded(AFTER)
    await world.settled()
    assert (await mail_of(world)).state is State.FAILED
    async with world.client() as client:
        await client.post(f"/deliveries/{(await mail_of(world)).id}/retry", headers=world.headers())
        await world.settled()
        shown = (await client.get(f"/deliveries/{(await mail_of(world)).id}", headers=world.headers())).json()
    assert [mail.to_address for mail in world.mailer.mails] == [NEW]
    assert "tried_mark" not in shown


async def test_nothing_is_sent_to_somebody_erased_or_no_longer_active(world: World) -> None:
    await refused(world)
    await world.recorded(AFTER.model_copy(update={"active": False}))
    await world.erased("exp_1")
    await world.settled()
    assert world.mailer.mails == []


async def test_an_address_that_comes_while_the_old_one_is_tried_is_not_missed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The correction looks for what failed before the failure is noted; the sender looks again afterwards."""
    await world.recorded(BEFORE)
    world.mailer.refused.add(OLD)
    attempt = SendDelivery._attempt

    async def corrected_meanwhile(self: SendDelivery, *rest: object) -> None:
        if not world.mailer.attempts:
            await world.recorded(AFTER)
        await attempt(self, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(SendDelivery, "_attempt", corrected_meanwhile)
    await world.happens(ACTIVATED)
    await world.settled()
    await world.later(timedelta(seconds=31))  # it was in hand: the sweep sends it when its lease is over
    assert [mail.to_address for mail in world.mailer.mails] == [NEW]
