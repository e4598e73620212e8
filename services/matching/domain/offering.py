"""Commands on a position's offers: make one, take its answer, let it end. One binding offer at a time."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from services.matching.domain import facts
from services.matching.domain.facts import PositionFact
from services.matching.domain.offer import DECLINE_REASONS, Offer
from services.matching.domain.position import Change, Position, PositionState, moved, must_be_next
from shared.errors import Fault, Forbidden, Invalid, Refused


def offer(position: Position, expert_id: str, offer_id: str, now: datetime, respond_by: datetime) -> Change:
    """Make the binding offer to the next candidate. Repeatable under the same offer id.

    Raises Refused while another offer is open, before the list is approved, or when the expert is not next.
    """
    for known in position.offers:
        if known.offer_id == offer_id:
            if known.expert_id != expert_id:
                raise Refused(f"Offer {offer_id} went to another expert.", mend="Use a new id for a new offer.")
            return position, ()
    if position.open_offer is not None:
        raise Refused("Another offer is open for this position.", mend="Wait for its answer or its end.")
    line = must_be_next(position, expert_id)
    if respond_by <= now:
        raise Invalid("An offer must leave time to answer.", mend="Choose a later respond_by.")
    made = Offer(
        offer_id=offer_id,
        expert_id=expert_id,
        search_id=position.search_id,
        rank=line.rank,
        offered_at=now,
        respond_by=respond_by,
    )
    changed = moved(position, PositionState.OFFERED, offers=(*position.offers, made))
    return changed, (facts.Offered(position.position_id, offer_id, expert_id, line.rank, respond_by),)


def accept(position: Position, offer_id: str, expert_id: str, now: datetime, clearance_due: datetime) -> Change:
    """The expert accepts, strictly before `respond_by`; clearance follows. Final; a repeat changes nothing."""
    asked = _own(position, offer_id, expert_id)
    if asked.state == "accepted":
        return position, ()
    _must_be_open(asked)
    if now >= asked.respond_by:
        raise Refused("The time to answer is over.", mend="Contact the facility if you are still interested.")
    answer = {"state": "accepted", "responded_at": now, "clearance_due": clearance_due}
    changed = _answered(position, asked, PositionState.ACCEPTED, **answer)
    return changed, (facts.Accepted(position.position_id, offer_id, expert_id, asked.rank),)


def decline(position: Position, offer_id: str, expert_id: str, reason: str, now: datetime) -> Change:
    """The expert declines with a code of DECLINE_REASONS. Taken as long as the offer is open; repeatable."""
    asked = _own(position, offer_id, expert_id)
    if reason not in DECLINE_REASONS:
        known = ", ".join(DECLINE_REASONS)
        fault = Fault("/reason", f"{reason!r} is not a reason.", f"Choose one of: {known}.")
        raise Invalid("Unknown reason for declining.", mend=fault.mend, faults=(fault,))
    if asked.state == "declined":
        return position, ()
    _must_be_open(asked)
    changed = _answered(position, asked, PositionState.SHORTLISTED, state="declined", reason=reason, responded_at=now)
    fact = facts.Declined(position.position_id, offer_id, expert_id, asked.rank, reason, changed.failed_offers)
    return changed, (fact,)


def expire(position: Position, offer_id: str, now: datetime) -> Change:
    """`respond_by` has come without an answer. Nothing happens unless the offer is still open and due."""
    asked = position.offer(offer_id)
    if not asked.open or now < asked.respond_by:
        return position, ()
    changed = _answered(position, asked, PositionState.SHORTLISTED, state="expired")
    fact = facts.Expired(
        position.position_id, offer_id, asked.expert_id, asked.rank, asked.respond_by, changed.failed_offers
    )
    return changed, (fact,)


def remind(position: Position, offer_id: str, percent: int, now: datetime) -> Change:
    """A share of the time to answer has passed. Announced once, and only while the offer is open and the next reminder
    not due yet: after a stop the latest one goes out alone, and none once the time is over."""
    asked = position.offer(offer_id)
    if not asked.open or percent in asked.reminded or now < asked.reached(percent):
        return position, ()
    noted = asked.model_copy(update={"reminded": (*asked.reminded, percent)})
    changed = position.model_copy(update={"offers": _replaced(position, noted)})
    if now >= asked.overtaken(percent):
        return changed, ()
    return changed, (facts.OfferNearing(position.position_id, offer_id, asked.expert_id, percent, asked.respond_by),)


def pass_clearance(position: Position, offer_id: str, now: datetime) -> Change:
    """The time for clearance is over. Announced once, while the position still waits for it; nothing else changes."""
    asked = position.offer(offer_id)
    due = asked.clearance_due
    if position.state is not PositionState.ACCEPTED or asked.clearance_overdue or due is None or now < due:
        return position, ()
    noted = asked.model_copy(update={"clearance_overdue": True})
    changed = position.model_copy(update={"offers": _replaced(position, noted)})
    return changed, (facts.ClearanceOverdue(position.position_id, offer_id, asked.expert_id, due),)


def withdraw(position: Position, offer_id: str, because: str) -> Change:
    """The facility takes an open offer back; it counts neither as failed nor as silence."""
    asked = position.offer(offer_id)
    if asked.state == "withdrawn":
        return position, ()
    _must_be_open(asked)
    changed = _answered(position, asked, PositionState.SHORTLISTED, state="withdrawn", reason=because)
    return changed, (facts.Withdrawn(position.position_id, offer_id, asked.expert_id, asked.rank, because),)


def cancel(position: Position, because: str) -> Change:
    """The position is not needed any more; an open offer is withdrawn with it."""
    if position.state is PositionState.CANCELLED:
        return position, ()
    told: tuple[PositionFact, ...] = ()
    waiting = position.open_offer
    if waiting is not None:
        position, told = withdraw(position, waiting.offer_id, because)
    changed = moved(position, PositionState.CANCELLED, cancelled_because=because)
    return changed, (*told, facts.Cancelled(position.position_id, because))


def _answered(position: Position, asked: Offer, to: PositionState, **update: Any) -> Position:
    return moved(position, to, offers=_replaced(position, asked.model_copy(update=update)))


def _replaced(position: Position, changed: Offer) -> tuple[Offer, ...]:
    return tuple(changed if known.offer_id == changed.offer_id else known for known in position.offers)


def _own(position: Position, offer_id: str, expert_id: str) -> Offer:
    asked = position.offer(offer_id)
    if asked.expert_id != expert_id:
        raise Forbidden("This offer went to another expert.", mend="Answer your own offers only.")
    return asked


def _must_be_open(asked: Offer) -> None:
    if not asked.open:
        raise Refused(f"The offer is {asked.state} already.", mend="Nothing can be changed in it any more.")
