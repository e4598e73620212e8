"""Contacts made again beside the live ones: by the same use cases, and telling nobody until they are taken over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from services.notifications.application.forget_contact import ForgetContact
from services.notifications.application.recently_read import RecentlyRead
from services.notifications.application.record_contact import RecordContact, Release, Resend, reached_by
from services.notifications.application.stores import Stores
from services.notifications.domain.contact import Contact
from shared.store import Cause, Step, Store


@dataclass(frozen=True, slots=True)
class RebuildContacts:
    """The use cases of a rebuild."""

    stores: Stores
    recent: RecentlyRead
    release: Release
    resend: Resend

    def into(self, contacts: Store[Any]) -> tuple[RecordContact, ForgetContact]:
        """What the live consumer calls, writing into another store; what waits is not released by it."""
        stores = replace(self.stores, contacts=contacts)
        return RecordContact(stores, _released_later, _resent_later, self.recent), ForgetContact(stores, self.recent)

    async def settle(self, contact_id: str, step: Step) -> None:
        """Look this person up again, and send what waits for them or failed at another address. Repeatable."""
        self.recent.forget()
        stored = await self.stores.contacts.read(contact_id)
        if stored is not None:
            await self.release(reached_by(stored.state), step)
            await self.resend(stored.state, step)


async def _released_later(missing: Sequence[str], cause: Cause) -> None:
    """Nothing waits for the contacts of a view that nobody reads yet."""


async def _resent_later(contact: Contact, cause: Cause) -> None:
    """Nor is anything sent again because of them."""
