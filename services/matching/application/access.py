"""Who sees what: officers everything, an institution what concerns its own requests, an expert what is theirs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

from pydantic import BaseModel

from shared.errors import NotFound
from shared.store import Store, Stored

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
    """The institution whose cases alone the caller may list; None: everybody's."""
    return None if sees_everything(caller) else caller.institution_id or ""


def own_offers(caller: Party) -> str | None:
    """The expert whose offers alone the caller may know of; None: everybody's."""
    return None if sees_everything(caller) else caller.expert_id or ""


async def find_seen(store: Store[S], id_: str, visible: Callable[[S], bool], what: str) -> Stored[S]:
    """The aggregate. NotFound where there is none, or none that the caller may see: the two look alike."""
    stored = await store.read(id_)
    if stored is None or not visible(stored.state):
        raise no_such(what, id_)
    return stored


def existing(state: S | None, what: str, id_: str) -> S:
    """The state of an aggregate that must be there. NotFound where it is not."""
    if state is None:
        raise no_such(what, id_)
    return state


def no_such(what: str, id_: str, *, mend: str = "Check the id; lists show what you may see.") -> NotFound:
    """The refusal of an id that leads to nothing the caller may see."""
    return NotFound(f"there is no {what} {id_}", mend=mend)


def everybody(_: object) -> bool:
    """Visible to every caller whom the route admits."""
    return True
