"""Look again at a delivery whose time has come: a retry, a mail a crash left behind, a missing recipient, or a failure.

The sender looks for another address right after a failure, and may die before it does: the look at the deadline is the
one that is sure.
"""

from __future__ import annotations

from dataclasses import dataclass

from services.notifications.application.mail_server import MailServer
from services.notifications.application.ports import Wake
from services.notifications.application.release_held import ReleaseHeld
from services.notifications.application.release_waiting import ReleaseWaiting, keep_waiting
from services.notifications.application.resend_failed import ResendFailed
from services.notifications.application.stores import LOOK_AGAIN, Stores
from services.notifications.domain.delivery import Delivery, State, held, is_held, left_failed, queued
from services.notifications.domain.notice import Times
from shared.clock import Clock
from shared.store import DeadlinePassed, Decision, Step


@dataclass(frozen=True, slots=True)
class WakeDelivery:
    """Moves the deadline and wakes the sender in the same breath, so that one slow mail server holds up no sweep."""

    stores: Stores
    clock: Clock
    times: Times
    wake: Wake
    server: MailServer
    release: ReleaseWaiting
    release_held: ReleaseHeld
    resend: ResendFailed

    async def __call__(self, delivery_id: str, cause: DeadlinePassed) -> None:
        """Repeatable; of several replicas one acts. Raises StoreAway."""
        if cause.name == LOOK_AGAIN:
            await self._look_again(delivery_id, cause)
            return
        until, there = self.clock.now() + self.times.lease, self.server.is_there
        away, why = self.server.holds(delivery_id, again=True), ""

        def decide(delivery: Delivery | None) -> Decision[Delivery]:
            nonlocal why
            if delivery is None or delivery.state is not State.QUEUED:
                return Decision(delivery)
            why = (delivery.failure or "") if is_held(delivery) else ""
            # one that waits for the mail server does not overtake those it waits with: it waits on, or goes with them
            if is_held(delivery) and (away or there):
                return Decision(held(delivery, *(away or (delivery.failure or "", until))))
            return Decision(queued(delivery, until))

        outcome = await self.stores.deliveries.change(delivery_id, cause, decide)
        after = outcome.stored if outcome.applied else None
        if after is not None and is_held(after.state) and there:
            await self.release_held(Step(origin=cause.origin))
        elif after is not None and after.state.state is State.QUEUED and not is_held(after.state):
            if why:
                self.server.is_said_away(delivery_id, why)
            self.wake([after])

    async def _look_again(self, delivery_id: str, cause: DeadlinePassed) -> None:
        stored = await self.stores.deliveries.read(delivery_id)
        if stored is None or await self.release.one(stored, cause):
            return
        if stored.state.state is State.FAILED:
            await self.resend.to(stored.state.recipient, cause)
            await self.stores.deliveries.change(delivery_id, cause, lambda d: Decision(left_failed(d) if d else d))
            return
        look_again = self.clock.now() + self.times.look_again
        await keep_waiting(self.stores, delivery_id, stored.state.recipient, look_again, cause)
