"""Send what could not be delivered to somebody's old address to the new one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from services.notifications.application.ports import Wake
from services.notifications.application.stores import Stores
from services.notifications.application.take_mail import take_mail
from services.notifications.domain.contact import Contact
from services.notifications.domain.delivery import Delivery, State, again, undelivered_at
from services.notifications.domain.notice import Times
from shared.clock import Clock
from shared.store import Cause, Step


@dataclass(frozen=True, slots=True)
class ResendFailed:
    """Only what failed at another address than the present one, or for want of one, and tells of an event not older
    than `within`; the rest is an officer's to decide. Repeatable: what fails at the new address too stays failed."""

    stores: Stores
    clock: Clock
    times: Times
    wake: Wake
    within: timedelta

    async def __call__(self, contact: Contact, cause: Cause) -> None:
        """Durable when it returns; what is to be sent is queued. Raises StoreAway."""
        if not contact.active or contact.erased or not contact.email:
            return
        filters = {"recipient": contact.contact_id, "state": State.FAILED.value}
        async for stored in self.stores.deliveries.every(filters, newest_first=True):
            if self._is_due(stored.state, contact.email):
                await self._queue(stored.id, contact.email, cause)

    async def to(self, contact_id: str, cause: Cause) -> None:
        """The same for whoever is known under this id. Raises StoreAway."""
        contact = await self.stores.contacts.read(contact_id)
        if contact is not None:
            await self(contact.state, cause)

    def _is_due(self, delivery: Delivery, address: str) -> bool:
        return undelivered_at(delivery, address) and self.clock.now() - delivery.occurred_at <= self.within

    async def _queue(self, id_: str, address: str, cause: Cause) -> None:
        until = self.clock.now() + self.times.lease
        step = Step(origin=cause.origin)
        mail = await take_mail(self.stores, id_, step, lambda d: again(d, until) if undelivered_at(d, address) else d)
        if mail is not None:
            self.wake([mail])
