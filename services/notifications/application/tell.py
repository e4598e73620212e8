"""Tell those concerned about an event: all its deliveries are made in one round trip, and sending begins at once."""

from __future__ import annotations

from dataclasses import dataclass

import structlog

from services.notifications.application.find_people import find_people
from services.notifications.application.ports import Gauges, Wake
from services.notifications.application.recently_read import RecentlyRead
from services.notifications.application.release_waiting import ReleaseWaiting
from services.notifications.application.stores import Stores
from services.notifications.domain.delivery import State
from services.notifications.domain.notice import Notice, Times, addressees, deliveries
from services.notifications.domain.recipients import Holder, addressed
from shared.clock import Clock
from shared.store import Decision, Happened

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Tell:
    """Makes the deliveries of one event.

    An event that was told is left alone, whoever would be concerned by now. One that a crash cut short before that was
    noted is told again: a delivery's id is derived from event, recipient and channel, so a repeat finds what is there.
    Only whoever made all of them wakes the sender; after a repeat the sweep sends what is left, so that two consumers
    never send the same mail side by side.
    """

    stores: Stores
    clock: Clock
    times: Times
    wake: Wake
    gauges: Gauges
    release: ReleaseWaiting
    recent: RecentlyRead

    async def __call__(self, notice: Notice | None, cause: Happened) -> None:
        """Durable when it returns. `notice` None: nobody is told.

        Raises StoreAway, and SequenceGap where the topic is kept for ever and an earlier event of the aggregate is
        missing.
        """
        if await self.stores.told.done_before(cause.source, cause) is not None:
            return
        if notice is not None:
            await self._make(notice, cause)
        await self.stores.told.change(cause.source, cause, Decision, likely_new=cause.sequence == 1)

    async def _make(self, notice: Notice, cause: Happened) -> None:
        recipients = addressed(notice.row.told, notice.content)
        wanted = [recipient for recipient in recipients if isinstance(recipient, Holder)]
        to, unfilled = addressees(recipients, await find_people(self.stores, wanted, self.recent) if wanted else {})
        for function in unfilled:
            self.gauges.unfilled(function)
            log.warning("function.unfilled", function=function, told_instead="desk")
        made = {d.id: d for d in deliveries(notice, to, self.clock.now(), self.times)}
        if not made:
            return
        created = await self.stores.deliveries.create_all(cause, made)
        if created.new == len(made):
            self.wake([stored for stored in created.stored if stored.state.state is State.QUEUED])
            for delivery in made.values():
                self.gauges.made(delivery.type, delivery.channel)
        # whoever arrived between looking and writing has not seen these deliveries: look once more, at these alone
        for stored in created.stored:
            if stored.state.state is State.WAITING:
                await self.release.one(stored, cause)
