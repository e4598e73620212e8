"""Who sees what: officers everything, an institution its own, an expert their own profile.

A caller whose token is not bound to an institution or expert yet owns what their own subject entered.
"""

from __future__ import annotations

from typing import Protocol, TypeVar

from pydantic import BaseModel

from services.registration.domain.expert import Expert
from services.registration.domain.institution import Institution
from services.registration.domain.request import Request

S = TypeVar("S", bound=BaseModel)

TERMS = "terms of reference"
"""The one thing that is asked for by a name in the plural."""


class Party(Protocol):
    """Who calls. An institution's caller may be bound to one institution, an expert's to one profile."""

    @property
    def subject(self) -> str: ...

    @property
    def role(self) -> str: ...

    @property
    def institution_id(self) -> str | None: ...

    @property
    def expert_id(self) -> str | None: ...


def sees_institution(caller: Party, institution: Institution) -> bool:
    """Whether the caller may know of this institution's own data."""
    return _sees(caller, "institution", caller.institution_id, institution.id, institution.registered_by)


def sees_expert(caller: Party, expert: Expert) -> bool:
    """Whether the caller may know of this profile."""
    return _sees(caller, "expert", caller.expert_id, expert.id, expert.registered_by)


def sees_request(caller: Party, request: Request) -> bool:
    """Whether the caller may know of this request."""
    return _sees(caller, "institution", caller.institution_id, request.institution_id, request.created_by)


def sees_case_of(caller: Party, institution_id: str) -> bool:
    """Whether the caller may know of this institution's actions and terms."""
    return caller.role == "officer" or (caller.role == "institution" and caller.institution_id == institution_id)


def _sees(caller: Party, role: str, bound: str | None, owner: str, by: str) -> bool:
    if caller.role == "officer":
        return True
    return caller.role == role and (bound == owner if bound is not None else by == caller.subject)
