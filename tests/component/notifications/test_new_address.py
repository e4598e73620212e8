"""A corrected address: what waits, and what failed at the old one, goes to the new one, once."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import timedelta
from typing import Any

import pytest

from services.notifications.application.send_delivery import SendDelivery
from services.notifications.domain.delivery import Delivery, State
from shared.contracts.events.contacts import ContactRecorded
from shared.contracts.events.experts import ExpertActivated
from shared.store import StoreAway
from tests.component.notifications.world import World, expert, running
from tests.support.intercepted_documents import Crash
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


@pytest.mark.parametrize("gone", [Crash, StoreAway])
async def test_an_address_that_comes_meanwhile_is_not_missed_where_the_sender_does_not_come_to_look(
    gone: type[BaseException],
) -> None:
    dead = World()
    dead.mailer.refused.add(OLD)
    await dead.recorded(BEFORE)
    deliveries = dead.documents["deliveries"]
    replace, find = deliveries.replace, deliveries.find

    async def after_the_correction(*args: Any) -> bool:
        deliveries.replace = replace  # type: ignore[method-assign]
        await World(beside=dead).happens(AFTER, sequence=2)
        deliveries.find = ends  # type: ignore[method-assign]
        return await replace(*args)

    async def ends(*_args: Any, **_kwargs: Any) -> Any:
        deliveries.find = find  # type: ignore[method-assign]
        raise gone("before it has looked")

    deliveries.replace = after_the_correction  # type: ignore[method-assign, assignment]
    await dead.happens(ACTIVATED)
    await dead.sender.start()
    await dead.settled()
    with pytest.raises(Crash) if gone is Crash else nullcontext():
        await dead.sender.stop()
    assert (await mail_of(dead)).state is State.FAILED
    async with running(beside=dead) as after:
        await after.later(timedelta(seconds=after.settings.send_lease_seconds + 1))
        assert [mail.to_address for mail in after.mailer.mails] == [NEW]


async def test_what_failed_is_looked_at_once_more_and_then_left(world: World) -> None:
    await refused(world)
    assert (await mail_of(world)).due_at is not None
    await world.later(timedelta(seconds=world.settings.send_lease_seconds + 1))
    assert ((await mail_of(world)).state, (await mail_of(world)).due_at) == (State.FAILED, None)
    assert world.mailer.attempts == 1


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
