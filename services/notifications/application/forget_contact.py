"""Forget a person: the tombstone on the topic of contacts."""

from __future__ import annotations

from dataclasses import dataclass

from services.notifications.application.recently_read import RecentlyRead
from services.notifications.application.stores import Stores
from services.notifications.domain.contact import forgotten
from shared.store import Cause, Decision


@dataclass(frozen=True, slots=True)
class ForgetContact:
    """Empties the contact. The document stays, with its guard: an older record read again brings nothing back."""

    stores: Stores
    recent: RecentlyRead

    async def __call__(self, contact_id: str, cause: Cause) -> None:
        """Durable when it returns, repeatable. Raises StoreAway."""
        await self.stores.contacts.change(contact_id, cause, lambda _known: Decision(forgotten(contact_id)))
        self.recent.forget()
