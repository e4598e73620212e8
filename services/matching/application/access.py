"""Who sees what: officers everything, an institution what concerns its own requests, an expert what is theirs."""

from __future__ import annotations

from typing import Protocol, TypeVar

from pydantic import BaseModel

from shared.errors import unbound

S = TypeVar("S", bound=BaseModel)


class Party(Protocol):
    """Who calls. An institution's caller may be bound to one institution, an expert's to one profile."""

    @property
    def role(self) -> str: ...

    @property
    def institution_id(self) -> str | None: ...

    @property
    def expert_id(self) -> str | None: ...


def sees_everything(caller: Party) -> bool:
    """Whether the caller may know of lists, ranks, scores and everybody's offers."""
    return caller.role == "officer"


def sees_case_of(caller: Party, institution_id: str) -> bool:
    """Whether the caller may know of this institution's positions and teams."""
    return sees_everything(caller) or (caller.role == "institution" and caller.institution_id == institution_id)


def sees_time_of(caller: Party, expert_id: str) -> bool:
    """Whether the caller may read and declare this expert's availability."""
    return sees_everything(caller) or (caller.role == "expert" and caller.expert_id == expert_id)


def own_case(caller: Party) -> str | None:
    """The institution whose cases alone the caller may list; None: everybody's. Forbidden for a caller of none."""
    if sees_everything(caller):
        return None
    if caller.institution_id is None:
        raise unbound("institution")
    return caller.institution_id


def own_offers(caller: Party) -> str | None:
    """The expert whose offers alone the caller may list; None: everybody's. Forbidden for a caller of none."""
    if sees_everything(caller):
        return None
    if caller.expert_id is None:
        raise unbound("expert")
    return caller.expert_id
