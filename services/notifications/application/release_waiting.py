"""Release what waited for somebody: called when a contact or a case arrives, after waiting began, and by the sweep.

Both sides write first and look afterwards, so that of two consumers that cross each other at least one sees the other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.notifications.application.find_people import find_people
from services.notifications.application.ports import Gauges, Wake
from services.notifications.application.stores import Stores
from services.notifications.application.take_mail import take_mail
from services.notifications.domain.catalogue import CHANNELS
from services.notifications.domain.delivery import (
    Delivery,
    State,
    decided,
    delivery_id,
    queued,
    released,
    waiting,
)
from services.notifications.domain.notice import TO_DESK, Times, found_for
from services.notifications.domain.recipients import Holder
from shared.clock import Clock
from shared.store import Cause, Decision, Step, Stored
from shared.store.documents import Filter


@dataclass(frozen=True, slots=True)
class ReleaseWaiting:
    """Releases deliveries whose recipient is known by now; the others go on waiting."""

    stores: Stores
    clock: Clock
    times: Times
    wake: Wake
    gauges: Gauges

    async def __call__(self, missing: Sequence[str], cause: Cause) -> None:
        """Look at everything that waits for one of these ids or references; where the desk has come, also at what it
        stands in for, after what is its own. Raises StoreAway."""
        for reference in dict.fromkeys(missing):
            await self._each_of({"waiting_for": reference}, cause, lambda _: True)
        if TO_DESK.reference in missing:
            await self._each_of({"state": State.WAITING.value}, cause, _falls_to_desk)

    async def _each_of(self, keys: Filter, cause: Cause, is_meant: Callable[[Delivery], bool]) -> None:
        async for stored in self.stores.deliveries.every(keys):
            if is_meant(stored.state):
                await self.one(stored, cause)

    async def one(self, stored: Stored[Delivery], cause: Cause) -> bool:
        """Release this delivery if its recipient is known by now; whether that was so. Repeatable at any point."""
        delivery, step = stored.state, Step(origin=cause.origin)
        if delivery.state is not State.WAITING:
            return False
        if delivery.holder is None:
            return await self._to_the_person(delivery, step)
        return await self._to_the_holders(delivery, delivery.holder, step)

    async def _to_the_person(self, delivery: Delivery, step: Step) -> bool:
        if await self.stores.contacts.read(delivery.recipient) is None:
            return False
        until = self.clock.now() + self.times.lease
        mail = await take_mail(
            self.stores, delivery.id, step, lambda d: queued(d, until) if d.state is State.WAITING else d
        )
        if mail is not None:
            self.wake([mail])
        return mail is not None

    async def _to_the_holders(self, delivery: Delivery, holder: Holder, step: Step) -> bool:
        """What is decided is written first, and carried out from what is written: by whoever comes to it."""
        decision = await self._decided(delivery, holder, step)
        if decision is None:
            return False
        told, stands_in = decision.told_instead, decision.stands_in
        made = {d.id: d for d in found_for(delivery, told, self.clock.now(), self.times, stands_in=stands_in)}
        created = await self.stores.deliveries.create_all(step, made)
        if created.new == len(made):
            self.wake([stored for stored in created.stored if stored.state.state is State.QUEUED])
            self.gauges.made(delivery.type, delivery.channel)
        await self.stores.deliveries.change(
            delivery.id, step, lambda d: Decision(released(d) if d and d.state is State.WAITING else d)
        )
        return True

    async def _decided(self, delivery: Delivery, holder: Holder, step: Step) -> Delivery | None:
        """The delivery that says who is told of this event in this function: that of the first channel, which the
        others follow. None where nobody is known."""
        first = delivery_id(delivery.event_id, delivery.recipient, CHANNELS[delivery.priority][0])
        stored = await self.stores.deliveries.read(first)
        if stored is None or (stored.state.state is not State.WAITING and not stored.state.told_instead):
            first = delivery.id  # released before decisions were written: this one decides for itself
        elif stored.state.told_instead:
            return stored.state
        found, stands_in = await self._found(holder)
        if not found and await self._redirected(delivery, holder, step):
            found, stands_in = await self._found(holder)
        if not found:
            return None
        until = self.clock.now() + self.times.lease
        outcome = await self.stores.deliveries.change(
            first,
            step,
            lambda d: Decision(decided(d, found, stands_in=stands_in, until=until) if d else d),
        )
        after = outcome.stored.state if outcome.stored is not None else None
        return after if after is not None and after.told_instead else None

    async def _found(self, holder: Holder) -> tuple[tuple[str, ...], bool]:
        """Who is told in this function now, and whether that is the desk because nobody holds it."""
        people = await find_people(self.stores, [holder])
        if own := people.get(holder.reference):
            return own, False
        return (people.get(TO_DESK.reference, ()), True) if holder.falls_to_desk else ((), False)

    async def _redirected(self, delivery: Delivery, holder: Holder, step: Step) -> bool:
        """Whether it waited for a case that is known, and from now on for somebody at its institution: the person
        named has left, and nobody there holds the function."""
        case = await self.stores.cases.read(holder.case_id) if holder.case_id is not None else None
        instead = case.state.instead(holder.function).reference if case is not None else delivery.waiting_for
        if instead is None or instead == delivery.waiting_for:
            return False
        look_again = self.clock.now() + self.times.look_again
        await self.stores.deliveries.change(
            delivery.id,
            step,
            lambda d: Decision(waiting(d, instead, look_again) if d and d.state is State.WAITING else d),
        )
        return True


def _falls_to_desk(delivery: Delivery) -> bool:
    return delivery.holder is not None and delivery.holder.falls_to_desk


async def keep_waiting(
    stores: Stores, delivery_id: str, missing: str, look_again: datetime, cause: Cause
) -> Stored[Delivery] | None:
    """Note that a queued delivery waits for somebody, or a waiting one on for whom it waits, and when to look again;
    as it is now."""
    outcome = await stores.deliveries.change(
        delivery_id,
        cause,
        lambda d: Decision(
            waiting(d, d.waiting_for or missing, look_again) if d and d.state in (State.QUEUED, State.WAITING) else d
        ),
    )
    return outcome.stored
