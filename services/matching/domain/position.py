"""A position of final terms of reference: from its search to the one expert who accepts.

Its commands are pure functions, in `shortlisting` and `offering`, that return the next state and what happened; one
that has nothing to do returns the same state and no facts. At most one offer is open at a time, and nobody is
offered the same position twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import AwareDatetime, Field

from services.matching.domain.calendar import IN_TEAM
from services.matching.domain.facts import PositionFact
from services.matching.domain.offer import Offer
from services.matching.domain.requirement import Frozen, Requirement
from shared.errors import NotFound, Refused


class PositionState(StrEnum):
    """Where a position stands. Everything after `accepted` except `cancelled` has no command yet."""

    OPEN = "open"
    SEARCHING = "searching"
    SHORTLISTED = "shortlisted"
    OFFERED = "offered"
    ACCEPTED = "accepted"
    CONTRACTED = "contracted"
    MOBILISED = "mobilised"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    REPLACEMENT_NEEDED = "replacement_needed"


_S = PositionState
MOVES: Mapping[PositionState, frozenset[PositionState]] = {
    _S.OPEN: frozenset({_S.SEARCHING, _S.CANCELLED}),
    _S.SEARCHING: frozenset({_S.SHORTLISTED, _S.CANCELLED}),
    _S.SHORTLISTED: frozenset({_S.OFFERED, _S.SEARCHING, _S.CANCELLED}),
    _S.OFFERED: frozenset({_S.ACCEPTED, _S.SHORTLISTED, _S.CANCELLED}),
    _S.ACCEPTED: frozenset({_S.CONTRACTED, _S.CANCELLED}),
    _S.CONTRACTED: frozenset({_S.MOBILISED, _S.REPLACEMENT_NEEDED, _S.CANCELLED}),
    _S.MOBILISED: frozenset({_S.COMPLETED, _S.REPLACEMENT_NEEDED, _S.CANCELLED}),
    _S.REPLACEMENT_NEEDED: frozenset({_S.SEARCHING, _S.CANCELLED}),
    _S.COMPLETED: frozenset(),
    _S.CANCELLED: frozenset(),
}


BEFORE_ACCEPTANCE = (_S.OPEN, _S.SEARCHING, _S.SHORTLISTED, _S.OFFERED)
"""States of a position that is not filled yet; an institution reads them as `searching`."""


class ShortlistLine(Frozen):
    """A place on the list; score in thousandths of a point."""

    expert_id: str
    rank: int = Field(ge=1)
    score: int = Field(ge=0)


class Skipped(Frozen):
    """A candidate who failed the check made again before an offer, with the codes of the rules."""

    expert_id: str
    codes: tuple[str, ...]
    at: AwareDatetime


class Position(Frozen):
    """The state of one position. Instants are UTC."""

    position_id: str
    tor_id: str
    action_id: str
    action_code: str
    activity_id: str
    request_id: str
    institution_id: str
    country: str
    title: str
    number: int = Field(ge=1)
    requirement: Requirement
    urgent: bool = Field(default=False, description="By the terms: an expert has less time to answer.")
    state: PositionState = PositionState.OPEN
    search_id: str | None = None
    replaces: int | None = Field(default=None, description="The version whose list a search under way will replace.")
    shortlist: tuple[ShortlistLine, ...] = ()
    shortlisted_at: AwareDatetime | None = None
    shortlist_approved_by: str | None = None
    shortlist_approved_at: AwareDatetime | None = None
    offers: tuple[Offer, ...] = ()
    skipped: tuple[Skipped, ...] = Field(default=(), description="On the present list only.")
    cancelled_because: str | None = None

    @property
    def open_offer(self) -> Offer | None:
        """The offer awaiting an answer, or None."""
        return next((offer for offer in self.offers if offer.open), None)

    @property
    def accepted_offer(self) -> Offer | None:
        """The offer that was accepted, or None."""
        return next((offer for offer in self.offers if offer.state == "accepted"), None)

    @property
    def failed_offers(self) -> int:
        """Offers declined or left unanswered; those the facility withdrew do not count."""
        return sum(1 for offer in self.offers if offer.state in ("declined", "expired"))

    @property
    def asked(self) -> frozenset[str]:
        """Everybody who was ever offered this position."""
        return frozenset(offer.expert_id for offer in self.offers)

    @property
    def state_told(self) -> PositionState:
        """`state` as the institution may see it: `searching` until somebody has accepted.

        Before, it does not learn how the search goes: an expert who declined and one who did not answer read alike.
        """
        return PositionState.SEARCHING if self.state in BEFORE_ACCEPTANCE else self.state

    def offer(self, offer_id: str) -> Offer:
        """The offer with this id. Raises NotFound."""
        found = next((offer for offer in self.offers if offer.offer_id == offer_id), None)
        if found is None:
            raise NotFound(
                f"Position {self.position_id} has no offer {offer_id}.", mend="See the position for its offers."
            )
        return found

    def next_candidate(self) -> ShortlistLine | None:
        """The best on an approved list who was neither asked nor skipped; None while an offer is open."""
        if self.state is not PositionState.SHORTLISTED or self.shortlist_approved_at is None:
            return None
        gone = self.asked | {line.expert_id for line in self.skipped}
        return next((line for line in self.shortlist if line.expert_id not in gone), None)

    def passed_over(self) -> tuple[ShortlistLine, ...]:
        """Whom to look at again before the list ends: skipped for the code `in_team` alone, best first; nobody while
        somebody else is next. See `shortlisting.look_again`."""
        approved = self.state is PositionState.SHORTLISTED and self.shortlist_approved_at is not None
        if not approved or self.next_candidate() is not None:
            return ()
        skipped = {line.expert_id for line in self.skipped if line.codes == (IN_TEAM,)}
        return tuple(line for line in self.shortlist if line.expert_id in skipped)

    def deadlines(self) -> dict[str, datetime]:
        """Those of the open offer, or of the accepted one while the position waits for clearance (Offer.deadlines)."""
        waiting = self.accepted_offer if self.state is PositionState.ACCEPTED else self.open_offer
        return waiting.deadlines() if waiting else {}


def states_told_as(told: PositionState) -> tuple[PositionState, ...]:
    """The states that an institution reads as this one: none for one that it is never told."""
    if told is PositionState.SEARCHING:
        return BEFORE_ACCEPTANCE
    return () if told in BEFORE_ACCEPTANCE else (told,)


Change = tuple[Position, tuple[PositionFact, ...]]


def moved(position: Position, state: PositionState, **update: Any) -> Position:
    """The position in another state. Raises Refused when the table does not allow the move."""
    if state not in MOVES[position.state]:
        raise Refused(
            f"A position that is {position.state} cannot become {state}.",
            mend=f"It can become: {', '.join(sorted(MOVES[position.state])) or 'nothing any more'}.",
        )
    return position.model_copy(update={"state": state, **update})


def must_be_next(position: Position, expert_id: str) -> ShortlistLine:
    """The expert's place, if they are the next candidate. Raises Refused otherwise."""
    line = position.next_candidate()
    if line is None:
        raise Refused("Nobody can be offered this position now.", mend="Approve a list that has people left.")
    if line.expert_id != expert_id:
        raise Refused("Another candidate is next on the list.", mend="Offer to the next rank.")
    return line
