"""An expert was erased: what they declared about their time goes with the profile."""

from __future__ import annotations

from services.matching.application.announce import of_calendar
from services.matching.domain.calendar import Calendar, declare
from shared.store import Decision, Step, Store


async def erase_availability(calendars: Store[Calendar], step: Step, expert_id: str) -> None:
    """Leave nothing declared. Holds stay until they lapse or are over: they name an offer, not a person. Repeatable."""

    def decide(calendar: Calendar | None) -> Decision[Calendar]:
        if calendar is None:
            return Decision(None)
        changed, happened = declare(calendar, ())
        return Decision(changed, of_calendar(changed, happened, step.origin.correlation_id))

    if await calendars.read(expert_id) is not None:
        await calendars.change(expert_id, step, decide)
