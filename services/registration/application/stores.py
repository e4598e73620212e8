"""What registration stores: one kind of document per aggregate, and by which keys it is found again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.registration.domain.action import Action
from services.registration.domain.contact import Contact
from services.registration.domain.delegation import Delegation
from services.registration.domain.expert import Expert
from services.registration.domain.institution import Institution
from services.registration.domain.numbers import Allocation, Series
from services.registration.domain.request import Request
from services.registration.domain.staff import Staff
from services.registration.domain.terms import Terms
from services.registration.domain.timeline import Timeline
from shared.store import Kind, Store

MakeStore = Callable[[Kind[Any]], Store[Any]]


def _switch(state: Contact | Staff) -> Mapping[str, datetime]:
    return {"switch": state.next_switch} if state.next_switch is not None else {}


INSTITUTIONS = Kind(
    name="institutions",
    aggregate="institution",
    model=Institution,
    keys=lambda s: {
        "status": s.status,
        "country": s.facts.country,
        "theme": s.facts.themes,
        "institution_type": s.facts.institution_type,
        "registered_by": s.registered_by,
    },
    several=frozenset({"theme"}),
)
CONTACTS = Kind(
    name="contacts",
    aggregate="contact",
    model=Contact,
    keys=lambda s: {"institution": s.institution_id, "function": s.details.functions, "active": int(s.active)},
    several=frozenset({"function"}),
    deadlines=_switch,
)
STAFF = Kind(
    name="staff",
    aggregate="contact",
    model=Staff,
    keys=lambda s: {"function": s.details.functions, "active": int(s.active)},
    several=frozenset({"function"}),
    deadlines=_switch,
)
DELEGATIONS = Kind(
    name="delegations",
    aggregate="contact",
    model=Delegation,
    keys=lambda s: {"country": s.details.countries},
    several=frozenset({"country"}),
)
EXPERTS = Kind(
    name="experts",
    aggregate="expert",
    model=Expert,
    keys=lambda s: {
        "status": s.status,
        "country": s.profile.country_of_work,
        "theme": tuple(theme.code for theme in s.profile.themes),
        "category": s.profile.category,
        "registered_by": s.registered_by,
        "pending": int(s.pending is not None),
    },
    several=frozenset({"theme"}),
)
REQUESTS = Kind(
    name="requests",
    aggregate="request",
    model=Request,
    keys=lambda s: {
        "status": s.status,
        "country": s.country,
        "theme": s.content.themes,
        "institution": s.institution_id,
        "created_by": s.created_by,
        "reference": s.reference,
    },
    several=frozenset({"theme"}),
)
ACTIONS = Kind(
    name="actions",
    aggregate="action",
    model=Action,
    keys=lambda s: {
        "status": s.status,
        "country": s.country,
        "theme": s.themes,
        "institution": s.institution_id,
        "request": s.request_id,
        "code": s.code,
        "opened": 1,
    },
    several=frozenset({"theme"}),
)
TERMS = Kind(
    name="terms_of_reference",
    aggregate="terms_of_reference",
    model=Terms,
    keys=lambda s: {
        "status": s.status,
        "country": s.country,
        "theme": tuple(dict.fromkeys(theme for position in s.content.positions for theme in position.themes)),
        "institution": s.institution_id,
        "request": s.request_id,
        "action": s.action_id,
    },
    several=frozenset({"theme"}),
)
TIMELINES = Kind(name="timelines", aggregate="timeline", model=Timeline, announces=False, answers=False)
SERIES = Kind(name="numbers", aggregate="series", model=Series, announces=False, answers=False)
ALLOCATIONS = Kind(name="allocations", aggregate="allocation", model=Allocation, announces=False, answers=False)

INDEXED: Mapping[str, tuple[str, ...]] = {
    "institutions": ("status", "country", "theme", "institution_type", "registered_by"),
    "contacts": ("institution", "function", "active"),
    "staff": ("function", "active"),
    "delegations": ("country",),
    "experts": ("status", "country", "theme", "category", "registered_by", "pending"),
    "requests": ("status", "country", "theme", "institution", "created_by", "reference"),
    "actions": ("status", "country", "theme", "institution", "request", "code", "opened"),
    "terms_of_reference": ("status", "country", "theme", "institution", "request", "action"),
    "timelines": (),
    "numbers": (),
    "allocations": (),
}
"""Keys that lists are searched by, per kind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stores:
    """Every store of this service."""

    institutions: Store[Institution]
    contacts: Store[Contact]
    staff: Store[Staff]
    delegations: Store[Delegation]
    experts: Store[Expert]
    requests: Store[Request]
    actions: Store[Action]
    terms: Store[Terms]
    timelines: Store[Timeline]
    series: Store[Series]
    allocations: Store[Allocation]

    @classmethod
    def made_by(cls, make: MakeStore) -> Stores:
        """One store per kind."""
        return cls(
            institutions=make(INSTITUTIONS),
            contacts=make(CONTACTS),
            staff=make(STAFF),
            delegations=make(DELEGATIONS),
            experts=make(EXPERTS),
            requests=make(REQUESTS),
            actions=make(ACTIONS),
            terms=make(TERMS),
            timelines=make(TIMELINES),
            series=make(SERIES),
            allocations=make(ALLOCATIONS),
        )
