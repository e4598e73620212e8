"""What matching stores: one kind of document per aggregate, and by which keys it is found again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.matching.domain.calendar import Calendar, prune
from services.matching.domain.expert import RosterExpert
from services.matching.domain.institution import Institution
from services.matching.domain.position import Position
from services.matching.domain.search import Search
from services.matching.domain.team import Team
from shared.store import Kind, Store

MakeStore = Callable[[Kind[Any]], Store[Any]]

ROSTER = Kind(
    "roster",
    "expert",
    RosterExpert,
    keys=lambda e: {"status": e.status, "category": e.category},
    announces=False,
    followed=True,
    answers=False,
)
INSTITUTIONS = Kind(
    "institutions",
    "institution",
    Institution,
    keys=lambda i: {"parent": i.parent_institution_id, "status": i.status},
    announces=False,
    followed=True,
    answers=False,
)


def _prune(calendar: Calendar, now: datetime) -> Calendar:
    return prune(calendar, now.date())


CALENDARS = Kind("calendars", "calendar", Calendar, deadlines=lambda c: c.deadlines(), prune=_prune, followed=True)
SEARCHES = Kind(
    "searches",
    "search",
    Search,
    keys=lambda s: {
        "stage": s.stage,
        "request_id": s.requirement.request_id,
        "position_id": s.requirement.position_id,
        "experts": tuple(c.expert_id for c in s.ranking.candidates) if s.stage == "binding" else (),
    },
    several=frozenset({"experts"}),
)
POSITIONS = Kind(
    "positions",
    "position",
    Position,
    keys=lambda p: {
        "state": str(p.state),
        "request_id": p.request_id,
        "institution_id": p.institution_id,
        "activity_id": p.activity_id,
        "offers": tuple(o.offer_id for o in p.offers),
        "experts": tuple(sorted(p.asked)),
    },
    several=frozenset({"offers", "experts"}),
    deadlines=lambda p: p.deadlines(),
)
TEAMS = Kind(
    "teams",
    "team",
    Team,
    keys=lambda t: {
        "request_id": t.request_id,
        "institution_id": t.institution_id,
        "complete": 1 if t.completed_at else 0,
    },
)

INDEXED: dict[str, tuple[str, ...]] = {
    "roster": (),
    "institutions": (),
    "calendars": (),
    "searches": ("request_id", "position_id"),
    "positions": ("request_id", "institution_id", "activity_id", "offers", "experts", "state"),
    "teams": ("request_id", "institution_id"),
}
"""Keys that lists are searched by, per kind."""

KINDS: tuple[Kind[Any], ...] = (ROSTER, INSTITUTIONS, CALENDARS, SEARCHES, POSITIONS, TEAMS)


@dataclass(frozen=True, slots=True)
class Stores:
    """Every store of this service."""

    roster: Store[RosterExpert]
    institutions: Store[Institution]
    calendars: Store[Calendar]
    searches: Store[Search]
    positions: Store[Position]
    teams: Store[Team]

    @classmethod
    def made_by(cls, make: MakeStore) -> Stores:
        """One store per kind."""
        return cls(*(make(kind) for kind in KINDS))
