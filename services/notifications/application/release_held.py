"""Send the mails that waited for the mail server, once it is back."""

from __future__ import annotations

from dataclasses import dataclass

from services.notifications.application.ports import Wake
from services.notifications.application.stores import Stores
from services.notifications.application.take_mail import take_mail
from services.notifications.domain.delivery import MAIL_SERVER, Delivery, is_held, queued
from services.notifications.domain.notice import Times
from shared.clock import Clock
from shared.store import Cause, Step, Stored


@dataclass(frozen=True, slots=True)
class ReleaseHeld:
    """Those that have waited longest go first. Of several replicas that find the server back, one takes each mail."""

    stores: Stores
    clock: Clock
    times: Times
    wake: Wake

    async def __call__(self, cause: Cause) -> None:
        """Repeatable at any point: whatever it does not come to looks for itself. Raises StoreAway."""
        async for stored in self.stores.deliveries.every({"waiting_for": MAIL_SERVER}):
            await self._take(stored, Step(origin=cause.origin))

    async def _take(self, stored: Stored[Delivery], cause: Step) -> None:
        until = self.clock.now() + self.times.lease
        mail = await take_mail(
            self.stores, stored.id, cause, lambda d: queued(d, until) if is_held(d) else d, known=stored
        )
        if mail is not None:
            self.wake([mail])
