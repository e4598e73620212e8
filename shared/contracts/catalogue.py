"""The published language in one table: every event, its topic, who announces it and who listens.

A type or version that is not in this table is unknown to every consumer. Additive optional fields keep the version;
anything else is a new version on a new topic beside the old one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from shared.contracts import topics
from shared.contracts.envelope import EventData
from shared.contracts.events import (
    actions,
    calendars,
    contacts,
    evaluations,
    experts,
    institutions,
    positions,
    requests,
    searches,
    teams,
    terms_of_reference,
)
from shared.contracts.topics import Topic


@dataclass(frozen=True, slots=True)
class Contract:
    """One event type at one version. `announced` is False while its producer's capability is not built yet."""

    name: str
    version: int
    topic: Topic
    model: type[EventData]
    consumers: tuple[str, ...]
    announced: bool = True

    @property
    def key(self) -> str:
        """Identifies the contract among all others, for example `registration.requests/request.submitted/v1`."""
        return f"{self.topic.name}/{self.name}/v{self.version}"


def _rows(topic: Topic, consumers: tuple[str, ...], models: dict[str, type[EventData]]) -> Iterable[Contract]:
    return (Contract(name, 1, topic, model, consumers) for name, model in models.items())


def _frozen(topic: Topic, consumers: tuple[str, ...], models: dict[str, type[EventData]]) -> Iterable[Contract]:
    return (Contract(name, 1, topic, model, consumers, announced=False) for name, model in models.items())


CONTRACTS: tuple[Contract, ...] = (
    *_rows(
        topics.INSTITUTIONS,
        ("matching", "notifications"),
        {
            "institution.submitted": institutions.InstitutionSubmitted,
            "institution.verified": institutions.InstitutionVerified,
            "institution.rejected": institutions.InstitutionRejected,
        },
    ),
    *_rows(topics.CONTACTS, ("notifications",), {"contact.recorded": contacts.ContactRecorded}),
    *_rows(
        topics.EXPERTS,
        ("matching", "notifications"),
        {
            "expert.submitted": experts.ExpertSubmitted,
            "expert.revised": experts.ExpertRevised,
            "expert.activated": experts.ExpertActivated,
            "expert.revision_refused": experts.ExpertRevisionRefused,
        },
    ),
    *_rows(
        topics.REQUESTS,
        ("registration", "matching", "notifications"),
        {
            "request.submitted": requests.RequestSubmitted,
            "request.approved": requests.RequestApproved,
            "request.rejected": requests.RequestRejected,
        },
    ),
    *_rows(topics.ACTIONS, ("registration", "notifications"), {"action.created": actions.ActionCreated}),
    *_rows(
        topics.TERMS_OF_REFERENCE,
        ("registration", "matching", "notifications"),
        {"tor.drafted": terms_of_reference.TermsDrafted, "tor.finalised": terms_of_reference.TermsFinalised},
    ),
    *_rows(
        topics.SEARCHES,
        ("notifications",),
        {"match.completed": searches.MatchCompleted, "match.empty": searches.MatchEmpty},
    ),
    *_rows(
        topics.POSITIONS,
        ("registration", "matching", "notifications"),
        {
            "position.opened": positions.PositionOpened,
            "position.shortlisted": positions.PositionShortlisted,
            "shortlist.approved": positions.ShortlistApproved,
            "shortlist.exhausted": positions.ShortlistExhausted,
            "assignment.offered": positions.AssignmentOffered,
            "assignment.accepted": positions.AssignmentAccepted,
            "clearance.overdue": positions.ClearanceOverdue,
            "assignment.declined": positions.AssignmentDeclined,
            "assignment.expired": positions.AssignmentExpired,
            "deadline.approaching": positions.OfferDeadlineApproaching,
            "deadline.passed": positions.OfferDeadlinePassed,
        },
    ),
    *_frozen(
        topics.POSITIONS,
        ("registration", "matching", "notifications"),
        {
            "assignment.cleared": positions.AssignmentCleared,
            "assignment.conflict_found": positions.AssignmentConflictFound,
            "contract.signed": positions.ContractSigned,
            "position.filled": positions.PositionFilled,
        },
    ),
    *_rows(
        topics.CALENDARS,
        (),
        {
            "availability.declared": calendars.AvailabilityDeclared,
            "availability.held": calendars.AvailabilityHeld,
            "availability.confirmed": calendars.AvailabilityConfirmed,
            "availability.released": calendars.AvailabilityReleased,
        },
    ),
    *_frozen(topics.CALENDARS, (), {"availability.booked": calendars.AvailabilityBooked}),
    *_rows(topics.TEAMS, ("registration", "notifications"), {"team.complete": teams.TeamComplete}),
    *_frozen(topics.EVALUATIONS, (), {"evaluation.completed": evaluations.EvaluationCompleted}),
)

_BY_NAME = {(c.topic.name, c.name, c.version): c for c in CONTRACTS}
_BY_MODEL = {c.model: c for c in CONTRACTS}


def contract_for(topic: str, type_: str, version: int) -> Contract | None:
    """The contract of a record on `topic`, or None where the catalogue has no such type or version."""
    return _BY_NAME.get((topic, type_, version))


def contract_of(model: type[EventData]) -> Contract:
    """The contract whose content `model` is. KeyError for a model that is in no row."""
    return _BY_MODEL[model]


def contracts_on(topic: Topic) -> tuple[Contract, ...]:
    """Every contract of one topic, in the catalogue's order."""
    return tuple(c for c in CONTRACTS if c.topic == topic)
