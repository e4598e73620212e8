"""Institutions, as every other service may know them. Full state in each event: the topic is compacted."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from shared.contracts.envelope import EventData, Id

InstitutionStatus = Literal["verification_pending", "eligible", "ineligible", "suspended"]


class InstitutionState(EventData):
    """An institution's public facts."""

    institution_id: Id
    name: dict[str, str] = Field(description="per language code")
    acronym: str | None = None
    country: str = Field(description="ISO 3166-1 alpha-2")
    level: str
    institution_type: str
    themes: tuple[str, ...] = ()
    parent_institution_id: Id | None = None
    status: InstitutionStatus
    roles: tuple[str, ...] = Field(
        (), description="partner, expert_employer, collaborating_institution, …; nothing: not said"
    )
    identity_known: bool = Field(
        False,
        description="an officer has established on evidence that it is the body it says it is; missing: not said to be",
    )
    may_ask: bool | None = Field(
        None,
        description="institutions of its country may ask for assistance, once found eligible; as of the event's "
        "instant, and null or missing: not said",
    )


class InstitutionSubmitted(InstitutionState):
    """An institution registered and asks to be verified."""


class InstitutionVerified(InstitutionState):
    """An officer found the institution eligible."""


class InstitutionRejected(InstitutionState):
    """An officer found the institution ineligible, with the reason."""

    reason: str
