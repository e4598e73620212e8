"""Put an event into a sentence for officers, and into one for the requester where there is something to tell.

Before acceptance a requester learns that somebody was asked, never who, in which order or why somebody did not come:
an expert who declined and one who did not answer read alike, and by the day only (`seen_by_requester`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from services.registration.domain.timeline import Entry, Told
from shared.contracts.envelope import Envelope, EventData
from shared.contracts.events import positions as p
from shared.contracts.events.actions import ActionCreated
from shared.contracts.events.requests import RequestApproved, RequestRejected, RequestSubmitted
from shared.contracts.events.teams import TeamComplete
from shared.contracts.events.terms_of_reference import TermsDrafted, TermsFinalised

Phrase = tuple[str, str | None]
"""What officers read, and what the requester reads (None: nothing)."""

UNAVAILABLE = "assignment.unavailable"
"""What a requester reads instead of declined or expired."""


def phrase_event(data: EventData, envelope: Envelope) -> Entry | None:
    """The line for an event, or None where nobody needs one. KeyError for an event that is in no row below."""
    phrase = PHRASES[type(data)](data)
    if phrase is None:
        return None
    for_officers, for_requester = phrase
    entry = Entry(
        at=envelope.occurred_at,
        sequence=envelope.sequence,
        code=envelope.type,
        sentence=for_officers,
        actor_role=envelope.actor.role,
        event_id=envelope.event_id,
    )
    if for_requester is None:
        return entry
    hidden = isinstance(data, p.AssignmentDeclined | p.AssignmentExpired)
    told = Told(
        code=UNAVAILABLE if hidden else envelope.type,
        sentence=for_requester,
        actor_role="facility" if isinstance(data, p.PositionHead) else envelope.actor.role,
    )
    return entry.model_copy(update={"for_requester": told})


def _both(sentence: str) -> Phrase:
    return sentence, sentence


def _counted(count: int, what: str) -> str:
    return f"one {what}" if count == 1 else f"{count} {what}s"


def _until(at: datetime) -> str:
    return f"{at:%d %B %Y, %H:%M} UTC"


def _gone(data: p.AssignmentHead, how: str) -> Phrase:
    said = f"Expert {data.expert_id} {how} position {data.number}"
    return f"{said}.", f"The expert asked for position {data.number} is not available; the search goes on."


def _submitted(data: RequestSubmitted) -> Phrase:
    return _both(f"Request {data.reference} was submitted: {data.title}.")


def _approved(data: RequestApproved) -> Phrase:
    return _both(f"Request {data.reference} was approved.")


def _rejected(data: RequestRejected) -> Phrase:
    return _both(f"Request {data.reference} was rejected: {data.reason}")


def _created(data: ActionCreated) -> Phrase:
    return _both(f"Action {data.code} was opened: {data.title}.")


def _drafted(data: TermsDrafted) -> Phrase:
    return _both(f"Terms of reference for action {data.action_code} are being drafted.")


def _finalised(data: TermsFinalised) -> Phrase:
    experts = _counted(len(data.positions), "expert")
    return _both(f"The terms of reference (version {data.version}) are final; the search for {experts} begins.")


def _opened(data: p.PositionOpened) -> Phrase:
    return f"Position {data.number} is open.", None


def _shortlisted(data: p.PositionShortlisted) -> Phrase:
    return f"Position {data.number}: {_counted(data.suitable, 'suitable expert')}; the list waits for an officer.", None


def _list_approved(data: p.ShortlistApproved) -> Phrase:
    return f"Position {data.number}: the list was approved.", None


def _exhausted(data: p.ShortlistExhausted) -> Phrase:
    if data.too_late:
        return (
            f"Position {data.number}: no offer could be answered before its days begin; nobody else is asked.",
            f"It is too late to ask anybody else for position {data.number}; the facility decides how to go on.",
        )
    return (
        f"Position {data.number}: nobody on the list is left to ask.",
        f"Nobody is left to ask for position {data.number}; the facility looks further.",
    )


def _offered(data: p.AssignmentOffered) -> Phrase:
    return (
        f"Position {data.number} was offered to expert {data.expert_id}, who answers by {_until(data.respond_by)}.",
        f"An expert was asked for position {data.number}.",
    )


def _accepted(data: p.AssignmentAccepted) -> Phrase:
    return (
        f"Expert {data.expert_id} accepted position {data.number}.",
        f"An expert accepted position {data.number}.",
    )


def _clearance_overdue(data: p.ClearanceOverdue) -> Phrase:
    due = _until(data.clearance_due)
    return f"Position {data.number}: clearance of expert {data.expert_id} was due by {due}.", None


def _declined(data: p.AssignmentDeclined) -> Phrase:
    return _gone(data, "declined")


def _expired(data: p.AssignmentExpired) -> Phrase:
    return _gone(data, "did not answer in time for")


def _approaching(data: p.OfferDeadlineApproaching) -> Phrase:
    return f"Expert {data.expert_id} has until {_until(data.respond_by)} to answer for position {data.number}.", None


def _nothing(_: p.OfferDeadlinePassed) -> None:
    return None


def _cleared(data: p.AssignmentCleared) -> Phrase:
    return f"Expert {data.expert_id} is cleared for position {data.number}.", None


def _conflict(data: p.AssignmentConflictFound) -> Phrase:
    return (
        f"Expert {data.expert_id} has a conflict of interest for position {data.number}; a replacement is sought.",
        f"Another expert is sought for position {data.number}.",
    )


def _signed(data: p.ContractSigned) -> Phrase:
    return f"The contract for position {data.number} is signed ({data.days} days).", None


def _filled(data: p.PositionFilled) -> Phrase:
    return _both(f"Position {data.number} is filled.")


def _complete(data: TeamComplete) -> Phrase:
    return _both(f"The team is complete: {_counted(len(data.members), 'expert')}.")


PHRASES: Mapping[type[EventData], Callable[[Any], Phrase | None]] = {
    RequestSubmitted: _submitted,
    RequestApproved: _approved,
    RequestRejected: _rejected,
    ActionCreated: _created,
    TermsDrafted: _drafted,
    TermsFinalised: _finalised,
    p.PositionOpened: _opened,
    p.PositionShortlisted: _shortlisted,
    p.ShortlistApproved: _list_approved,
    p.ShortlistExhausted: _exhausted,
    p.AssignmentOffered: _offered,
    p.AssignmentAccepted: _accepted,
    p.ClearanceOverdue: _clearance_overdue,
    p.AssignmentDeclined: _declined,
    p.AssignmentExpired: _expired,
    p.OfferDeadlineApproaching: _approaching,
    p.OfferDeadlinePassed: _nothing,
    p.AssignmentCleared: _cleared,
    p.AssignmentConflictFound: _conflict,
    p.ContractSigned: _signed,
    p.PositionFilled: _filled,
    TeamComplete: _complete,
}
"""Every event of the topics the timeline follows."""
