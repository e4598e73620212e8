"""The one topic that carries what is needed to reach a person. Erasure is a tombstone."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from shared.contracts.envelope import EventData, Id

ContactKind = Literal["institution_contact", "staff", "delegation", "expert"]


class ContactRecorded(EventData):
    """A person or mailbox as it can be reached now; replaces what was known before."""

    contact_id: Id
    kind: ContactKind
    name: str = Field(description="how to address the person or office")
    email: str
    languages: tuple[str, ...] = Field((), description="preferred first; ISO 639-1")
    functions: tuple[str, ...] = Field(
        (), description="focal_point, signatory, supervisor; desk, manager, pool_manager, …; eu_delegation; expert"
    )
    institution_id: Id | None = Field(None, description="for institution contacts: whose")
    countries: tuple[str, ...] = Field((), description="for EU Delegations: the countries covered")
    active: bool = True
