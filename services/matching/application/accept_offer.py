"""An expert accepts an offer: the held days become firm, then the position has its person."""

from __future__ import annotations

from dataclasses import replace

from services.matching.application.announce import of_calendar, of_position
from services.matching.application.find_offer import find_offer
from services.matching.application.roster import Roster
from services.matching.application.stores import Stores
from services.matching.domain.calendar import Calendar, confirm
from services.matching.domain.deadlines import Duration
from services.matching.domain.offering import accept
from services.matching.domain.position import Position
from services.matching.domain.workload import keep_own_maximum
from shared.clock import Clock
from shared.store import Command, Decision, Outcome, Step


async def accept_offer(
    stores: Stores, roster: Roster, clearance: Duration, clock: Clock, cause: Command, offer_id: str, expert_id: str
) -> Outcome[Position]:
    """Accept strictly before `respond_by`; final.

    NotFound for an offer that is not the caller's, Refused when the time is over, the days are taken by another
    accepted assignment or the expert's own maximum would be passed (a hard rule, §11.5: other offers may have been
    accepted since this one went out), StaleVersion for an outdated version: all before anything changes. The calendar
    comes first: if the answer then cannot be recorded, a repeat of the call completes it, and without one the end of
    the offer frees the days. What happens to the position after the version was compared, such as a reminder, refuses
    nothing.
    """
    stored = await find_offer(stores, offer_id, expert_id)
    answered = replace(cause, expected_version=None)  # it is the offer's, not the position's
    if (done := await stores.positions.done_before(stored.id, answered, known=stored)) is not None:
        return done
    due = clearance.after(clock.now())
    _, first = accept(stored.state, offer_id, expert_id, clock.now(), due)
    if first:
        stored.state.offer(offer_id).must_be_at(cause.expected_version)

    line = await roster.line(expert_id)
    today = clock.now().date()

    def firm(calendar: Calendar | None) -> Decision[Calendar]:
        changed, happened = confirm(calendar or Calendar(expert_id=expert_id), offer_id, due)
        # a repeat finds the days firm: what was promised then is not asked again
        if happened and (taken := changed.held_for(offer_id)) is not None:
            keep_own_maximum(line.expert if line else None, changed, taken, today)
        return Decision(changed, of_calendar(changed, happened, stored.correlation_id))

    if first:
        await stores.calendars.change(expert_id, Step(origin=cause.origin), firm)
    employer = line.expert.employer_to_tell(today) if line else None

    def decide(position: Position | None) -> Decision[Position]:
        known = position or stored.state
        if not first:
            known.offer(offer_id).must_be_at(cause.expected_version)
        changed, happened = accept(known, offer_id, expert_id, clock.now(), due)
        return Decision(changed, of_position(changed, happened, employer=employer))

    return await stores.positions.change(stored.id, answered, decide, known=stored)
