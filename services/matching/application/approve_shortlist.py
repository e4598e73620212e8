"""An officer agrees to a position's list: from here offers go out down the list."""

from __future__ import annotations

from services.matching.application.announce import of_position
from services.matching.application.offer_next import OfferTimes
from services.matching.domain.position import Position
from services.matching.domain.shortlisting import approve_shortlist as approve
from shared.clock import Clock
from shared.store import Command, Decision, Outcome, Store, existing


async def approve_shortlist(
    positions: Store[Position], times: OfferTimes, clock: Clock, cause: Command, position_id: str, search_id: str | None
) -> Outcome[Position]:
    """Approve once. NotFound for an unknown position, Refused where no list waits for approval, or not the one of
    `search_id` (None: whichever is there), or where it is too late to ask anybody."""

    def decide(position: Position | None) -> Decision[Position]:
        known, now = existing(position, "position", position_id), clock.now()
        due = times.answer_due_on(now, urgent=known.urgent)
        changed, happened = approve(known, cause.origin.actor.id, now, search_id, due)
        return Decision(changed, of_position(changed, happened))

    return await positions.change(position_id, cause, decide)
