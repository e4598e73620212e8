"""A mail is one sender's at a time: the lease says whose, whatever waits in the memory of which replica."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from services.notifications.application.ports import Mail
from services.notifications.domain.delivery import Delivery, State
from shared.contracts.events.experts import ExpertActivated
from tests.component.notifications.world import World, expert, running
from tests.support.eventually import eventually
from tests.support.memory_mailer import HeldSend
from tests.support.notified_events import sample

ACTIVATED = sample(ExpertActivated)
SOON, LEASE = timedelta(seconds=2), timedelta(seconds=31)


async def _mail(world: World) -> Delivery:
    (mail,) = await world.deliveries(channel="mail")
    return mail


async def test_what_a_dead_process_left_is_sent_by_another_after_the_lease() -> None:
    dead = World()
    await dead.recorded(expert("exp_1"))
    await dead.happens(ACTIVATED)  # its sender was never started: it died with the nudge in memory
    async with running(beside=dead) as other:
        await other.later(timedelta(seconds=29))
        assert other.mailer.attempts == 0, "within the lease it is the first one's"
        await other.later(SOON)
        assert len(other.mails_to("exp_1")) == 1
        assert (await _mail(other)).state is State.SENT


async def test_an_event_repeated_elsewhere_while_its_mail_is_being_sent_sends_no_second_one(world: World) -> None:
    await world.recorded(expert("exp_1"))
    held = HeldSend(world.mailer.send)
    world.mailer.send = held  # type: ignore[method-assign]
    await world.happens(ACTIVATED, sequence=1)
    await eventually(lambda: held.waiting, what="the first hand-over to begin")
    async with running(beside=world) as other:
        await other.happens(ACTIVATED, sequence=1)
        held.go.set()
        await other.settled()
    await world.settled()
    assert held.waiting == 1
    assert len(world.mails_to("exp_1")) == 1


async def test_a_mail_that_waited_in_memory_beyond_its_lease_is_left_to_whoever_has_it_now() -> None:
    slow = World()
    await slow.recorded(expert("exp_1"))
    await slow.happens(ACTIVATED)  # waits in the queue of a sender that does not get to it
    held = HeldSend(slow.mailer.send)
    slow.mailer.send = held  # type: ignore[method-assign]
    async with running(beside=slow) as other:
        slow.clock.advance(LEASE)
        assert other.service.deadlines is not None
        await other.service.deadlines.fire_due()
        await eventually(lambda: held.waiting, what="the other one's hand-over to begin")
        held.go.set()
        await other.settled()
        await slow.sender.start()
        await slow.settled()
        await slow.sender.stop()
    assert held.waiting == 1
    assert len(slow.mails_to("exp_1")) == 1


async def test_of_two_senders_whose_lease_ran_out_one_sends() -> None:
    """Both hold the mail in memory, nobody has a lease: the first one to renew it has it."""
    first = World()
    await first.recorded(expert("exp_1"))
    await first.happens(ACTIVATED)
    second = World(beside=first)
    second.sender(await first.stored(channel="mail"))
    first.clock.advance(LEASE)
    documents = first.documents["deliveries"]
    both = _Together(documents.get)
    documents.get = both  # type: ignore[method-assign]
    await asyncio.gather(first.sender.start(), second.sender.start())
    await first.settled()
    await second.settled()
    await first.sender.stop()
    await second.sender.stop()
    assert len(first.mails_to("exp_1")) == 1


async def test_a_lease_that_ran_out_in_the_queue_is_renewed_before_sending() -> None:
    world = World()
    await world.recorded(expert("exp_1"))
    await world.happens(ACTIVATED)
    world.clock.advance(LEASE)
    await world.sender.start()
    await world.settled()
    await world.sender.stop()
    assert (await _mail(world)).state is State.SENT
    assert world.service.deadlines is not None
    assert await world.service.deadlines.fire_due() == 0


async def others_turn() -> None:
    """Let both senders go on to where they wait for something."""
    for _ in range(50):
        await asyncio.sleep(0)


async def test_a_backlog_that_outlasts_the_lease_goes_out_once_from_two_replicas() -> None:
    experts = [f"exp_{n:02d}" for n in range(6)]
    async with running(send_workers=1) as one, running(beside=one, send_workers=1) as other:
        await one.recorded(*(expert(id_) for id_ in experts))
        one.mailer.down = True
        for id_ in experts:
            await one.happens(ACTIVATED.model_copy(update={"expert_id": id_}))
        await one.settled()
        one.mailer.down = False
        slow = _Slow(one, timedelta(seconds=8))
        one.mailer.send = slow  # type: ignore[method-assign]
        one.clock.advance(SOON)
        assert one.service.deadlines is not None
        assert other.service.deadlines is not None
        await one.service.deadlines.fire_due()
        while one.sender.busy or other.sender.busy:
            one.clock.advance(timedelta(seconds=1))
            slow.tick()
            await others_turn()
            await other.service.deadlines.fire_due()
            await one.service.deadlines.fire_due()
            await others_turn()
        ids = [mail.delivery_id for mail in one.mailer.mails]
        assert len(ids) == len(set(ids)) == len(experts)


@pytest.mark.parametrize("trouble", ["down", "busy"])
async def test_what_another_has_put_off_or_holds_is_not_tried_from_an_old_queue(trouble: str) -> None:
    slow = World()
    await slow.recorded(expert("exp_1"))
    await slow.happens(ACTIVATED)  # waits in the queue of a sender that does not get to it
    slow.mailer.down = trouble == "down"
    slow.mailer.busy = {"exp_1@people.example"} if trouble == "busy" else set()
    async with running(beside=slow) as other:
        await other.later(LEASE)
    before = await _mail(slow)
    await slow.sender.start()
    await slow.settled()
    await slow.sender.stop()
    assert slow.mailer.attempts == 1
    assert await _mail(slow) == before


class _Slow:
    """A hand-over that takes `each` by the world's clock, as far as that is told of by `tick`."""

    def __init__(self, world: World, each: timedelta) -> None:
        self._send, self._clock, self._each = world.mailer.send, world.clock, each
        self._under_way: list[tuple[datetime, asyncio.Event]] = []

    async def __call__(self, mail: Mail) -> None:
        done = asyncio.Event()
        self._under_way.append((self._clock.now(), done))
        await done.wait()
        await self._send(mail)

    def tick(self) -> None:
        for since, done in self._under_way:
            if self._clock.now() - since >= self._each:
                done.set()


class _Together:
    """The first two reads return together, so that both readers see the same."""

    def __init__(self, get: Callable[[str], Awaitable[Any]]) -> None:
        self._get = get
        self._reads = 0
        self._two = asyncio.Event()

    async def __call__(self, id_: str) -> Any:
        found = await self._get(id_)
        self._reads += 1
        if self._reads >= 2:
            self._two.set()
        await self._two.wait()
        return found
