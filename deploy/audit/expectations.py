"""What must follow from what: the auditor's own table, written from the field's rules and not from the services' code.

If a service forgets a subscription, its own tables would agree with it; this one does not.
"""

from __future__ import annotations

from dataclasses import dataclass

from shared.contracts import topics


@dataclass(frozen=True, slots=True)
class Guarded:
    """Every event of `topic` must have been taken in by a document of `collection`, by its duplicate guard."""

    service: str
    collection: str
    topic: str


GUARDED = (
    Guarded("registration", "actions", topics.REQUESTS.name),
    Guarded("registration", "timelines", topics.REQUESTS.name),
    Guarded("registration", "timelines", topics.ACTIONS.name),
    Guarded("registration", "timelines", topics.TERMS_OF_REFERENCE.name),
    Guarded("registration", "timelines", topics.POSITIONS.name),
    Guarded("registration", "timelines", topics.TEAMS.name),
    Guarded("matching", "institutions", topics.INSTITUTIONS.name),
    Guarded("matching", "roster", topics.EXPERTS.name),
    Guarded("matching", "searches", topics.REQUESTS.name),
    Guarded("matching", "teams", topics.TERMS_OF_REFERENCE.name),
    Guarded("matching", "positions", topics.POSITIONS.name),
    Guarded("matching", "teams", topics.POSITIONS.name),
    Guarded("notifications", "contacts", topics.CONTACTS.name),
)

TOLD = (
    "institution.submitted",
    "institution.verified",
    "institution.rejected",
    "expert.activated",
    "request.submitted",
    "request.approved",
    "request.rejected",
    "match.completed",
    "match.empty",
    "shortlist.exhausted",
    "assignment.offered",
    "deadline.approaching",
    "assignment.accepted",
    "assignment.declined",
    "assignment.expired",
    "team.complete",
)
"""Events somebody must be told of, by mail and in the inbox (rows 1, 7, 12-15, 20, 46 of the field's catalogue, the
ranked lists, and the institution's verification)."""

CHANNELS = ("mail", "inbox")

FOLLOWED_BY = {
    "request.submitted": ("match.completed", "match.empty"),
    "request.approved": ("action.created",),
    "shortlist.approved": ("assignment.offered", "shortlist.exhausted"),
    "assignment.declined": ("assignment.offered", "shortlist.exhausted"),
    "assignment.expired": ("assignment.offered", "shortlist.exhausted"),
}
"""Event type -> exactly one event of one of these types must name it as its cause."""
