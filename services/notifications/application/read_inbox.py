"""Read one's own inbox: the newest notices first, in one's own language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import structlog

from services.notifications.application.find_cases import find_cases
from services.notifications.application.find_names import find_names
from services.notifications.application.find_reader import find_reader
from services.notifications.application.ports import Text, Wording
from services.notifications.application.stores import Stores
from services.notifications.domain.case import Case
from services.notifications.domain.contact import SUPPORTED
from services.notifications.domain.delivery import IN_INBOX, Delivery
from services.notifications.domain.reader import Reader
from shared.store import Stored

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class InboxItem:
    """A notice as its reader sees it."""

    stored: Stored[Delivery]
    text: Text


@dataclass(frozen=True, slots=True)
class InboxPage:
    """Some of the notices and the cursor of the next ones."""

    items: tuple[InboxItem, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class ReadInbox:
    """Worded when it is read, so that the texts follow the reader's language and no personal data is kept twice."""

    stores: Stores
    wording: Wording

    async def __call__(self, reader: Reader, *, limit: int, after: str | None) -> InboxPage:
        """Raises Forbidden for a reader who is not the contact named, ValueError for a cursor that is none,
        StoreAway."""
        own = await find_reader(self.stores, reader)
        if own is None:
            return InboxPage((), None)
        filters = {"recipient": own, "channel": "inbox", "state": IN_INBOX}
        page = await self.stores.deliveries.find(filters, limit=limit, after=after)
        return InboxPage(tuple(await self.worded(page.items)), page.next)

    async def worded(self, notices: Sequence[Stored[Delivery]]) -> list[InboxItem]:
        """The notices in words; all are one reader's."""
        if not notices:
            return []
        contact = await self.stores.contacts.read(notices[0].state.recipient)
        name, language = (contact.state.name, contact.state.language) if contact is not None else ("", SUPPORTED[0])
        cases = await find_cases(self.stores, (n.state.case_id for n in notices))
        names = await find_names(self.stores, (n.state for n in notices))
        return [InboxItem(n, self._say(n, name, language, cases.get(n.state.case_id or ""), names)) for n in notices]

    def _say(
        self, notice: Stored[Delivery], name: str, language: str, case: Case | None, names: Mapping[str, str]
    ) -> Text:
        """The notice in words; one that has none must not hide the others."""
        try:
            return self.wording.say(notice.state, name=name, language=language, case=case, names=names)
        except ValueError:
            log.exception("notice.unworded", delivery=notice.id, type=notice.state.type)
            return Text(notice.state.type.replace("_", " "), f"{notice.state.event_type}\n", SUPPORTED[0])
