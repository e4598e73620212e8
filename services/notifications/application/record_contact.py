"""Keep how a person can be reached now, and release the notices that waited for them."""

from __future__ import annotations

from dataclasses import dataclass

from services.notifications.application.kept import Kept
from services.notifications.application.recently_read import RecentlyRead
from services.notifications.application.release_waiting import ReleaseWaiting
from services.notifications.domain.contact import Contact
from services.notifications.domain.recipients import Holder
from shared.store import Cause, Decision


@dataclass(frozen=True, slots=True)
class RecordContact:
    """Newer wins: an event older than what is kept changes nothing."""

    kept: Kept
    release: ReleaseWaiting
    recent: RecentlyRead

    async def __call__(self, contact: Contact, cause: Cause) -> None:
        """Durable when it returns; what waited is queued. Raises StoreAway."""
        await self.kept.contacts.change(contact.contact_id, cause, lambda _known: Decision(contact))
        self.recent.forget()
        await self.release((contact.contact_id, *map(_reference, contact.holds)), cause)


def _reference(holder: Holder) -> str:
    return holder.reference
