"""A deadline of an offer has come: remind at 50 and 90 percent of the time, let it expire at the end, and say when the
time for clearance is over."""

from __future__ import annotations

from services.matching.application.announce import of_position
from services.matching.domain.offering import expire, pass_clearance, remind
from services.matching.domain.position import Change, Position
from shared.clock import Clock
from shared.store import DeadlinePassed, Decision, Store


async def pass_deadline(positions: Store[Position], clock: Clock, position_id: str, deadline: DeadlinePassed) -> None:
    """Fire one deadline, named as by `Offer.deadlines`. Takes effect once."""
    _, offer_id, what = deadline.name.split(":")

    def fired(position: Position) -> Change:
        if what == "respond_by":
            return expire(position, offer_id, clock.now())
        if what == "clearance":
            return pass_clearance(position, offer_id, clock.now())
        return remind(position, offer_id, int(what), clock.now())

    def decide(position: Position | None) -> Decision[Position]:
        if position is None:
            return Decision(None)
        changed, happened = fired(position)
        return Decision(changed, of_position(changed, happened))

    await positions.change(position_id, deadline, decide)
