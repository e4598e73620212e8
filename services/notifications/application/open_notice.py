"""Note that its reader has opened a notice in the inbox."""

from __future__ import annotations

from dataclasses import dataclass

from services.notifications.application.find_reader import find_reader
from services.notifications.application.stores import Stores
from services.notifications.domain.delivery import IN_INBOX, Delivery, opened
from services.notifications.domain.reader import Reader
from shared.clock import Clock
from shared.store import Cause, Decision, Outcome, existing, find_seen


@dataclass(frozen=True, slots=True)
class OpenNotice:
    """The first opening counts; a repeat changes nothing."""

    stores: Stores
    clock: Clock

    async def __call__(self, notice_id: str, reader: Reader, cause: Cause) -> Outcome[Delivery]:
        """Raises Forbidden for a reader who is not the contact named, NotFound for a notice that is not in their inbox,
        StoreAway."""
        own, now = await find_reader(self.stores, reader), self.clock.now()
        # before the version is compared: a 412 would tell that there is such a notice
        known = await find_seen(
            self.stores.deliveries,
            notice_id,
            lambda notice: notice.recipient == own and notice.state in IN_INBOX,
            "notice",
            mend="Check the id; /inbox lists what you may see.",
        )

        def decide(notice: Delivery | None) -> Decision[Delivery]:
            return Decision(opened(existing(notice, "notice", notice_id), now))

        return await self.stores.deliveries.change(notice_id, cause, decide, known=known)
