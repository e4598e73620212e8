"""An offer is over: the days kept for it become free."""

from __future__ import annotations

from services.matching.application.announce import of_calendar
from services.matching.application.stores import Stores
from services.matching.domain.calendar import Calendar, ReleaseReason, release
from shared.store import Decision, Step


async def release_days(stores: Stores, step: Step, expert_id: str, offer_id: str, because: ReleaseReason) -> None:
    """Free the days kept for an offer. Repeatable; nothing happens where none are kept."""

    def decide(calendar: Calendar | None) -> Decision[Calendar]:
        if calendar is None:
            return Decision(None)
        changed, happened = release(calendar, offer_id, because)
        return Decision(changed, of_calendar(changed, happened, step.origin.correlation_id))

    await stores.calendars.change(expert_id, step, decide)
