"""Note that its reader has opened a notice in the inbox."""

from __future__ import annotations

from dataclasses import dataclass

from services.notifications.application.find_reader import find_reader
from services.notifications.application.stores import Stores
from services.notifications.domain.delivery import IN_INBOX, Delivery, opened
from services.notifications.domain.reader import Reader
from shared.clock import Clock
from shared.errors import no_such
from shared.store import Cause, Decision, Outcome


@dataclass(frozen=True, slots=True)
class OpenNotice:
    """The first opening counts; a repeat changes nothing."""

    stores: Stores
    clock: Clock

    async def __call__(self, notice_id: str, reader: Reader, cause: Cause) -> Outcome[Delivery]:
        """Raises Forbidden for a reader who is not the contact named, NotFound for a notice that is not in their inbox,
        StoreAway."""
        own, now = await find_reader(self.stores, reader), self.clock.now()

        def decide(notice: Delivery | None) -> Decision[Delivery]:
            if notice is None or notice.recipient != own or notice.state not in IN_INBOX:
                raise no_such("notice", notice_id, mend="Check the id; /inbox lists what you may see.")
            return Decision(opened(notice, now))

        return await self.stores.deliveries.change(notice_id, cause, decide)
