"""Days kept for an offer become free by themselves when their time is over."""

from __future__ import annotations

from services.matching.application.announce import of_calendar
from services.matching.domain.calendar import Calendar, lapse
from shared.clock import Clock
from shared.store import DeadlinePassed, Decision, Store


async def lapse_holds(calendars: Store[Calendar], clock: Clock, expert_id: str, deadline: DeadlinePassed) -> None:
    """Free every hold of the expert that is due."""

    def decide(calendar: Calendar | None) -> Decision[Calendar]:
        if calendar is None:
            return Decision(None)
        changed, happened = lapse(calendar, clock.now())
        return Decision(changed, of_calendar(changed, happened, deadline.origin.correlation_id))

    await calendars.change(expert_id, deadline, decide)
