"""What must follow from what: the auditor's own table, written from the field's rules and not from the services' code.

If a service forgets a subscription, its own tables would agree with it; this one does not.
"""

from __future__ import annotations

from dataclasses import dataclass

from shared.contracts import topics


@dataclass(frozen=True, slots=True)
class Guarded:
    """Every event of `topic` must have been taken in by a document of `collection`, by its duplicate guard. It is
    taken in by the consumer group `<service>.<concern>`."""

    service: str
    collection: str
    topic: str
    concern: str

    @property
    def group(self) -> str:
        """The consumer group that takes it in."""
        return f"{self.service}.{self.concern}"


GUARDED = (
    Guarded("registration", "actions", topics.REQUESTS.name, "actions"),
    Guarded("registration", "actions", topics.TERMS_OF_REFERENCE.name, "mobilisation"),
    Guarded("registration", "timelines", topics.REQUESTS.name, f"timeline-{topics.REQUESTS.aggregate}"),
    Guarded("registration", "timelines", topics.ACTIONS.name, f"timeline-{topics.ACTIONS.aggregate}"),
    Guarded(
        "registration", "timelines", topics.TERMS_OF_REFERENCE.name, f"timeline-{topics.TERMS_OF_REFERENCE.aggregate}"
    ),
    Guarded("registration", "timelines", topics.POSITIONS.name, f"timeline-{topics.POSITIONS.aggregate}"),
    Guarded("registration", "timelines", topics.TEAMS.name, f"timeline-{topics.TEAMS.aggregate}"),
    Guarded("matching", "institutions", topics.INSTITUTIONS.name, "institutions"),
    Guarded("matching", "roster", topics.EXPERTS.name, "roster"),
    Guarded("matching", "searches", topics.REQUESTS.name, "requests"),
    Guarded("matching", "teams", topics.TERMS_OF_REFERENCE.name, "terms-of-reference"),
    Guarded("matching", "positions", topics.POSITIONS.name, "follow-up"),
    Guarded("matching", "teams", topics.POSITIONS.name, "follow-up"),
    Guarded("notifications", "contacts", topics.CONTACTS.name, "contacts"),
    Guarded("notifications", "told", topics.INSTITUTIONS.name, "institutions"),
    Guarded("notifications", "told", topics.EXPERTS.name, "experts"),
    Guarded("notifications", "told", topics.REQUESTS.name, "requests"),
    Guarded("notifications", "told", topics.SEARCHES.name, "searches"),
    Guarded("notifications", "told", topics.POSITIONS.name, "positions"),
    Guarded("notifications", "told", topics.TEAMS.name, "teams"),
)

TOLD: dict[str, tuple[str, ...]] = {
    "institution.submitted": ("desk",),
    "institution.verified": ("institution", "eu_delegation"),
    "institution.rejected": ("institution", "eu_delegation"),
    "expert.activated": ("expert",),
    "expert.revision_refused": ("expert",),
    "request.submitted": ("focal_point", "signatory", "desk", "eu_delegation"),
    "request.approved": ("focal_point", "signatory", "eu_delegation", "adviser", "manager"),
    "request.rejected": ("focal_point", "signatory", "eu_delegation", "adviser", "manager"),
    "match.completed": ("manager", "pool_manager"),
    "match.empty": ("manager", "pool_manager"),
    "shortlist.exhausted": ("manager", "pool_manager"),
    "assignment.offered": ("expert", "employer"),
    "deadline.approaching": ("expert",),
    "assignment.accepted": ("manager", "focal_point", "employer", "logistics"),
    "clearance.overdue": ("manager", "pool_manager"),
    "assignment.declined": ("manager", "pool_manager"),
    "assignment.expired": ("manager", "pool_manager", "expert"),
    "team.complete": ("focal_point", "experts", "eu_delegation", "communication"),
}
"""Events that must be told, by mail and in the inbox, and whom (rows 1, 7, 12-15, 20, 46 of the field's catalogue, the
ranked lists, and the institution's verification). `focal_point` and `signatory` are the two that the request named,
`institution` are the focal points of the institution the event is about; the rest hold a function of the facility."""

CHANNELS = ("mail", "inbox")

TOLD_BY = {
    topics.INSTITUTIONS.name: "notifications.institutions",
    topics.EXPERTS.name: "notifications.experts",
    topics.REQUESTS.name: "notifications.requests",
    topics.ACTIONS.name: "notifications.actions",
    topics.TERMS_OF_REFERENCE.name: "notifications.terms",
    topics.SEARCHES.name: "notifications.searches",
    topics.POSITIONS.name: "notifications.positions",
    topics.TEAMS.name: "notifications.teams",
}
"""Topic -> the consumer group that tells people of what happens there."""


@dataclass(frozen=True, slots=True)
class Followed:
    """Exactly one event of one of `types` must name an event of type `cause` as its cause, by way of the consumer group
    `group`. With `each_position` so many as it has positions: one about each."""

    cause: str
    types: tuple[str, ...]
    group: str
    each_position: bool = False


LISTED = ("match.completed", "match.empty")
WENT_ON = ("assignment.offered", "shortlist.exhausted")
FOLLOW_UP, TERMS = "matching.follow-up", "matching.terms-of-reference"

FOLLOWED = (
    Followed("request.submitted", LISTED, "matching.requests"),
    Followed("request.approved", ("action.created",), "registration.actions"),
    Followed("request.approved", ("tor.drafted",), "registration.actions"),
    Followed("tor.finalised", LISTED, TERMS, each_position=True),
    Followed("tor.finalised", ("position.opened",), TERMS, each_position=True),
    Followed("shortlist.approved", WENT_ON, FOLLOW_UP),
    Followed("assignment.declined", WENT_ON, FOLLOW_UP),
    Followed("assignment.expired", WENT_ON, FOLLOW_UP),
)

GROUPS: dict[str, str] = {
    **{guarded.group: guarded.topic for guarded in GUARDED},
    **{group: topic for topic, group in TOLD_BY.items()},
}
"""Every consumer group an effect is expected of, and its topic."""
