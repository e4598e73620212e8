"""What happened in a decision of this service. The application turns facts into published events."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

# --- positions


@dataclass(frozen=True, slots=True)
class PositionOpened:
    """A position of final terms of reference exists."""

    position_id: str


@dataclass(frozen=True, slots=True)
class Shortlisted:
    """A ranked list stands and waits for an officer's approval. `suitable` pass in all, on the list or past its end."""

    position_id: str
    search_id: str
    suitable: int


@dataclass(frozen=True, slots=True)
class ShortlistEmpty:
    """The search found nobody who has not been asked already."""

    position_id: str
    search_id: str


@dataclass(frozen=True, slots=True)
class ShortlistApproved:
    """An officer approved the list; offers go out rank by rank."""

    position_id: str
    approved_by: str


@dataclass(frozen=True, slots=True)
class CandidateSkipped:
    """A candidate failed the check made again just before the offer."""

    position_id: str
    expert_id: str
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Offered:
    """The one binding offer of the position went out."""

    position_id: str
    offer_id: str
    expert_id: str
    rank: int
    respond_by: datetime


@dataclass(frozen=True, slots=True)
class OfferNearing:
    """`percent` of the time to answer has passed without an answer."""

    position_id: str
    offer_id: str
    expert_id: str
    percent: int
    respond_by: datetime


@dataclass(frozen=True, slots=True)
class Accepted:
    """The expert accepted in time; the position has its person."""

    position_id: str
    offer_id: str
    expert_id: str
    rank: int


@dataclass(frozen=True, slots=True)
class ClearanceOverdue:
    """The time for clearance is over and the position still waits for it; the expert's days stay kept."""

    position_id: str
    offer_id: str
    expert_id: str
    clearance_due: datetime


@dataclass(frozen=True, slots=True)
class Declined:
    """The expert declined. Never counted against the person."""

    position_id: str
    offer_id: str
    expert_id: str
    rank: int
    reason: str
    failed_offers: int


@dataclass(frozen=True, slots=True)
class Expired:
    """`respond_by` passed without an answer."""

    position_id: str
    offer_id: str
    expert_id: str
    rank: int
    respond_by: datetime
    failed_offers: int


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """The facility took the open offer back; it does not count as failed."""

    position_id: str
    offer_id: str
    expert_id: str
    rank: int
    because: str


@dataclass(frozen=True, slots=True)
class ListExhausted:
    """Nobody is left on the list, or it is `too_late` to ask whoever is; `widen` once the number of failed offers asks
    for a wider search."""

    position_id: str
    failed_offers: int
    widen: bool
    too_late: bool


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The position is not needed any more."""

    position_id: str
    because: str


PositionFact = (
    PositionOpened
    | Shortlisted
    | ShortlistEmpty
    | ShortlistApproved
    | CandidateSkipped
    | Offered
    | OfferNearing
    | Accepted
    | ClearanceOverdue
    | Declined
    | Expired
    | Withdrawn
    | ListExhausted
    | Cancelled
)

# --- calendars


@dataclass(frozen=True, slots=True)
class AvailabilityDeclared:
    """The expert's own statement about their time was replaced."""

    expert_id: str
    entries: int


@dataclass(frozen=True, slots=True)
class Held:
    """Days are kept for an offer until `expires_at`."""

    expert_id: str
    offer_id: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Confirmed:
    """The held days are the expert's commitment now; clearance is due by `expires_at`."""

    expert_id: str
    offer_id: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Released:
    """The days are free again."""

    expert_id: str
    offer_id: str
    because: str


CalendarFact = AvailabilityDeclared | Held | Confirmed | Released

# --- teams


@dataclass(frozen=True, slots=True)
class TeamJoined:
    """A position of the team has its expert."""

    activity_id: str
    position_id: str
    expert_id: str


@dataclass(frozen=True, slots=True)
class TeamCompleted:
    """Every position is accepted and exactly one member is the principal. Happens once."""

    activity_id: str
    members: tuple[tuple[str, str], ...]
    """(position id, expert id), in the order of the positions."""


TeamFact = TeamJoined | TeamCompleted
