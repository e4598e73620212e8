"""THE table: which event tells whom what, and how urgently. Every event type that reaches this service is in it, and
`docs/notices.md` is this table for people.

`number` names the occasion, and deliveries keep it: 7 is the decision on a request, whichever way it went. A number is
never given to another occasion, and a notice may have none; `type` is what tells notices apart. `facts` are the fields
of the event that its wording needs; nothing else of the event is kept. An event that tells nobody says why.

`expert.submitted` is one: a profile waits for the pool manager (domain §6.5), but a roster is entered by hundreds, and
until digests are built each profile would be a mail of its own. It becomes a digestible row with them; meanwhile
`GET /experts?status=submitted` of registration is the list of profiles to vet.
"""

from __future__ import annotations

from dataclasses import dataclass

from services.notifications.domain.delivery import Channel, Priority
from services.notifications.domain.recipients import Told
from shared.contracts.envelope import EventData
from shared.contracts.events import (
    actions,
    contacts,
    experts,
    institutions,
    positions,
    requests,
    searches,
    teams,
    terms_of_reference,
)

CHANNELS: dict[Priority, tuple[Channel, ...]] = {
    "U": ("mail", "inbox"),
    "N": ("mail", "inbox"),
    "D": ("mail", "inbox"),
}
"""Urgent, normal, digestible. All three go out by mail and inbox; merging and muting of D comes with preferences."""


@dataclass(frozen=True, slots=True)
class Row:
    """One message: its type (the folder of its wording), who is told, and what its wording needs of the event."""

    number: int | None
    type: str
    told: tuple[Told, ...]
    priority: Priority
    facts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ToldNone:
    """Nobody is told, for this reason."""

    reason: str


REQUEST = ("reference", "country", "title")
INSTITUTION = ("name", "country")
COMES_FOR = (*INSTITUTION, "roles", "may_ask")
SEARCH = ("stage", "country", "title", "position_number", "considered")
POSITION = ("action_code", "country", "title", "number", "is_principal")

NOT_BUILT = ToldNone("announced only once clearance and contracts are built; its notices come with them")

CATALOGUE: dict[type[EventData], Row | ToldNone] = {
    institutions.InstitutionSubmitted: Row(None, "institution_submitted", (Told.DESK,), "N", COMES_FOR),
    institutions.InstitutionVerified: Row(
        None, "institution_verified", (Told.INSTITUTION, Told.EU_DELEGATION), "N", COMES_FOR
    ),
    institutions.InstitutionRejected: Row(
        None, "institution_rejected", (Told.INSTITUTION, Told.EU_DELEGATION), "N", (*INSTITUTION, "reason")
    ),
    contacts.ContactRecorded: ToldNone("it says how to reach a person; it is kept, and releases notices that waited"),
    experts.ExpertSubmitted: ToldNone(
        "the pool manager works from the list of profiles to vet: rosters come in by hundreds, and no digest is built"
    ),
    experts.ExpertRevised: ToldNone("the profile says now what the expert, or an officer for them, has entered"),
    experts.ExpertActivated: Row(46, "expert_activated", (Told.EXPERT,), "N"),
    experts.ExpertRevisionRefused: Row(46, "expert_revision_refused", (Told.EXPERT,), "N"),
    requests.RequestSubmitted: Row(
        1, "request_received", (Told.REQUESTER, Told.DESK, Told.EU_DELEGATION), "N", REQUEST
    ),
    requests.RequestApproved: Row(7, "request_approved", (Told.REQUESTER, Told.EU_DELEGATION, Told.TEAM), "N", REQUEST),
    requests.RequestRejected: Row(
        7, "request_rejected", (Told.REQUESTER, Told.EU_DELEGATION, Told.TEAM), "N", (*REQUEST, "reason")
    ),
    actions.ActionCreated: ToldNone("the same people have just been told of the approval (number 7)"),
    terms_of_reference.TermsDrafted: ToldNone("a draft is the officers' own work; the partner's review comes later"),
    terms_of_reference.TermsFinalised: ToldNone("the officers are told when the list it starts is ready"),
    searches.MatchCompleted: Row(None, "list_ready", (Told.MANAGER, Told.POOL_MANAGER), "N", (*SEARCH, "suitable")),
    searches.MatchEmpty: Row(None, "list_empty", (Told.MANAGER, Told.POOL_MANAGER), "N", SEARCH),
    positions.PositionOpened: ToldNone("the search begins by itself; its result is told"),
    positions.PositionShortlisted: ToldNone("match.completed tells the same people of the same list"),
    positions.ShortlistApproved: ToldNone("an officer's own act; the offer that follows is told"),
    positions.ShortlistExhausted: Row(
        None,
        "list_exhausted",
        (Told.MANAGER, Told.POOL_MANAGER),
        "U",
        (*POSITION, "failed_offers", "widen", "too_late"),
    ),
    positions.AssignmentOffered: Row(
        12, "offer", (Told.EXPERT, Told.EMPLOYER), "U", (*POSITION, "mode", "respond_by", "onsite", "days_total")
    ),
    positions.OfferDeadlineApproaching: Row(
        13, "offer_reminder", (Told.EXPERT,), "U", (*POSITION, "percent", "respond_by")
    ),
    positions.AssignmentAccepted: Row(
        14,
        "offer_accepted",
        (Told.MANAGER, Told.PARTNER, Told.EMPLOYER, Told.LOGISTICS),
        "N",
        (*POSITION, "mode", "clearance_due"),
    ),
    positions.ClearanceOverdue: Row(
        None, "clearance_overdue", (Told.MANAGER, Told.POOL_MANAGER), "U", (*POSITION, "clearance_due")
    ),
    positions.AssignmentDeclined: Row(
        15, "offer_declined", (Told.MANAGER, Told.POOL_MANAGER), "U", (*POSITION, "rank", "failed_offers")
    ),
    positions.AssignmentExpired: Row(
        15,
        "offer_expired",
        (Told.MANAGER, Told.POOL_MANAGER, Told.EXPERT),
        "U",
        (*POSITION, "rank", "failed_offers", "respond_by"),
    ),
    positions.OfferDeadlinePassed: ToldNone("assignment.expired tells what follows from it"),
    positions.AssignmentCleared: NOT_BUILT,
    positions.AssignmentConflictFound: NOT_BUILT,
    positions.ContractSigned: NOT_BUILT,
    positions.PositionFilled: NOT_BUILT,
    teams.TeamComplete: Row(
        20,
        "team_complete",
        (Told.PARTNER, Told.EXPERTS, Told.EU_DELEGATION, Told.COMMUNICATION),
        "N",
        ("action_code", "country", "title", "members"),
    ),
}
"""The reason for declining is left out on purpose: it is told to nobody by mail."""


def rows() -> dict[type[EventData], Row]:
    """The events that tell somebody something."""
    return {model: entry for model, entry in CATALOGUE.items() if isinstance(entry, Row)}
