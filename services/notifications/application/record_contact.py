"""Keep how a person can be reached now, and send the notices that waited for that."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from services.notifications.application.recently_read import RecentlyRead
from services.notifications.application.stores import Stores
from services.notifications.domain.contact import Contact
from shared.store import Cause, Decision

Release = Callable[[Sequence[str], Cause], Awaitable[None]]
Resend = Callable[[Contact, Cause], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class RecordContact:
    """Newer wins: an event older than what is kept changes nothing."""

    stores: Stores
    release: Release
    resend: Resend
    recent: RecentlyRead

    async def __call__(self, contact: Contact, cause: Cause) -> None:
        """Durable when it returns; what waited, or failed at an old address, is queued. Raises StoreAway."""
        outcome = await self.stores.contacts.change(contact.contact_id, cause, lambda _known: Decision(contact))
        self.recent.forget()
        await self.release(reached_by(contact), cause)
        if outcome.stored is not None:
            await self.resend(outcome.stored.state, cause)


def reached_by(contact: Contact) -> tuple[str, ...]:
    """What a delivery may be waiting for that this contact answers: the person, and each function held."""
    return (contact.contact_id, *(holder.reference for holder in contact.holds))
