"""Facility staff: who does what for the facility, and from when until when."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from services.registration.domain.person import Person, Term
from services.registration.domain.values import Id, Kept
from shared.given import Different
from shared.vocabulary.codes import term_code

StaffFunction = Literal[
    "desk",
    "manager",
    "pool_manager",
    "adviser",
    "approval_authority",
    "logistics",
    "communication",
    "finance",
    "knowledge",
    "data_protection",
]
Component = Annotated[str, Field(max_length=40), term_code("component")]


class StaffDetails(Person, Term):
    """What is entered about a member of staff."""

    functions: Annotated[tuple[StaffFunction, ...], Field(min_length=1, max_length=10), Different]
    components: Annotated[tuple[Component, ...], Field(max_length=3), Different] = Field(
        (),
        description="components of the programme they work for; none means all. On record: notices go to everybody "
        "who holds the function, whatever the component of the case",
    )
    substitute_for: Id | None = Field(
        None,
        description="id of the member of staff they stand in for. On record: notices go to them for the functions "
        "they hold themselves",
    )


class Staff(Kept):
    """A member of staff as stored. `next_switch` is the instant at which `active` changes by itself."""

    id: Id
    details: StaffDetails
    active: bool
    next_switch: datetime | None = None


def enter(id_: str, details: StaffDetails, now: datetime) -> Staff:
    """A member of staff as entered now."""
    return Staff(id=id_, details=details, active=details.holds(now), next_switch=details.next_switch(now))


def switch(staff: Staff, now: datetime) -> Staff:
    """The member of staff after the start or the end of their term."""
    return enter(staff.id, staff.details, now)
