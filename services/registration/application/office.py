"""What every use case works with: the stores, the clock, the limits and the counter of references."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

from services.registration.application import kinds
from services.registration.application.number_requests import References
from services.registration.domain.action import Action
from services.registration.domain.contact import Contact
from services.registration.domain.delegation import Delegation
from services.registration.domain.expert import Expert
from services.registration.domain.institution import Institution
from services.registration.domain.numbers import Allocation, Series
from services.registration.domain.policy import Policy
from services.registration.domain.request import Request
from services.registration.domain.staff import Staff
from services.registration.domain.terms import Terms
from services.registration.domain.timeline import Timeline
from shared.clock import Clock
from shared.store import Kind, Store

MakeStore = Callable[[Kind[Any]], Store[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stores:
    """One store per aggregate."""

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
        """All stores, each made from its kind."""
        return cls(
            institutions=make(kinds.INSTITUTIONS),
            contacts=make(kinds.CONTACTS),
            staff=make(kinds.STAFF),
            delegations=make(kinds.DELEGATIONS),
            experts=make(kinds.EXPERTS),
            requests=make(kinds.REQUESTS),
            actions=make(kinds.ACTIONS),
            terms=make(kinds.TERMS),
            timelines=make(kinds.TIMELINES),
            series=make(kinds.SERIES),
            allocations=make(kinds.ALLOCATIONS),
        )

    def all(self) -> tuple[Store[Any], ...]:
        """Every store."""
        return tuple(getattr(self, field.name) for field in fields(self))


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """What a use case is handed."""

    stores: Stores
    clock: Clock
    policy: Policy
    references: References
