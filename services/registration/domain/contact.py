"""A contact: a person at a partner institution and what they do for it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from services.registration.domain.person import Person, Term
from services.registration.domain.values import Id, Kept, Title
from shared.given import Different

ContactFunction = Literal["head", "focal_point", "signatory", "logistics", "communication", "supervisor"]


class ContactDetails(Person, Term):
    """What is entered about a contact."""

    functions: Annotated[tuple[ContactFunction, ...], Field(min_length=1, max_length=6), Different]
    job_title: Title | None = None
    department: Title | None = None


class Contact(Kept):
    """A contact as stored. `next_switch` is the instant at which `active` changes by itself."""

    id: Id
    institution_id: Id
    details: ContactDetails
    active: bool
    next_switch: datetime | None = None


def enter(id_: str, institution_id: str, details: ContactDetails, now: datetime) -> Contact:
    """A contact as entered now."""
    return Contact(
        id=id_,
        institution_id=institution_id,
        details=details,
        active=details.holds(now),
        next_switch=details.next_switch(now),
    )


def switch(contact: Contact, now: datetime) -> Contact:
    """The contact after the start or the end of its term."""
    return enter(contact.id, contact.institution_id, contact.details, now)
