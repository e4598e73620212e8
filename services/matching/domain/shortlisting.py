"""Commands on a position up to its approved list: open, search, list, approve, pass over, start again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from services.matching.domain import facts
from services.matching.domain.position import (
    Change,
    Position,
    PositionState,
    ShortlistLine,
    Skipped,
    moved,
    must_be_next,
)
from services.matching.domain.ranking import Ranking
from shared.errors import Refused


def open_position(position: Position) -> Change:
    """A position as the terms of reference ask for it; its search can begin."""
    if position.state is not PositionState.OPEN or position.offers:
        raise Refused(
            f"Position {position.position_id} is {position.state} already.", mend="Nothing is left to do to open it."
        )
    return position, (facts.PositionOpened(position.position_id),)


def begin_search(position: Position) -> Change:
    """Look for experts, for the first time or again. The former list and its approval end."""
    if position.state is PositionState.SEARCHING:
        return position, ()
    changed = moved(
        position,
        PositionState.SEARCHING,
        search_id=None,
        shortlist=(),
        shortlisted_at=None,
        shortlist_approved_by=None,
        shortlist_approved_at=None,
        skipped=(),
    )
    return changed, ()


def lines_of(ranking: Ranking) -> tuple[ShortlistLine, ...]:
    """The candidates of a ranking as places on a list."""
    return tuple(ShortlistLine(expert_id=c.expert_id, rank=c.rank, score=c.score) for c in ranking.candidates)


def search_again(position: Position, version: int) -> Change:
    """An officer wants a new list: where nobody is left or was found, or in place of one that nobody has approved.

    `version` is the one the position was read in; it is kept with a list that ends here until the next list is there.
    Raises Refused otherwise: an approved list goes on by itself, and a filled position needs nobody.
    """
    if position.state not in (PositionState.SEARCHING, PositionState.SHORTLISTED):
        raise Refused(
            f"The position is {position.state}: nobody is searched for now.",
            mend="Search again once its list is exhausted.",
        )
    if position.shortlist_approved_at is not None:
        raise Refused(
            "The approved list goes on by itself: the next offer is about to be made.",
            mend="Search again once the list is exhausted.",
        )
    searching, told = begin_search(position)
    if searching is not position:
        searching = searching.model_copy(update={"replaces": version})
    return searching, told


def shortlisted(
    position: Position, search_id: str, ranked: Sequence[ShortlistLine], now: datetime, suitable: int | None = None
) -> Change:
    """The search's answer. People asked before are left out; with nobody left the position keeps searching.

    `suitable`: how many pass in all, where there are more than a list keeps; None: those on the list.
    """
    if position.search_id == search_id:
        return position, ()
    _must_be(position, PositionState.SEARCHING)
    lines = tuple(line for line in ranked if line.expert_id not in position.asked)
    if not lines:
        kept = position.model_copy(update={"search_id": search_id, "replaces": None})
        return kept, (facts.ShortlistEmpty(position.position_id, search_id),)
    listed = {"search_id": search_id, "replaces": None, "shortlist": lines, "shortlisted_at": now}
    changed = moved(position, PositionState.SHORTLISTED, **listed)
    return changed, (facts.Shortlisted(position.position_id, search_id, len(lines) if suitable is None else suitable),)


def approve_shortlist(
    position: Position,
    approved_by: str,
    now: datetime,
    search_id: str | None = None,
    answer_due_on: date | None = None,
) -> Change:
    """An officer agrees to the list; from here offers go out rank by rank without asking again.

    `search_id`: the search whose list they looked at. Raises Refused where the list is another one's by now.
    `answer_due_on`: the last day in the facility's time zone on which an offer made now could be answered. Raises
    Refused where the days of the position have begun by then.
    """
    _must_be(position, PositionState.SHORTLISTED)
    if search_id not in (None, position.search_id):
        raise Refused(
            f"The list is of search {position.search_id}, not of {search_id}.",
            mend="Look at the list as it is now, and approve that one.",
        )
    if position.shortlist_approved_at is not None:
        if position.shortlist_approved_by == approved_by:
            return position, ()
        raise Refused("The list has been approved by somebody else already.", mend="Nothing is left to do.")
    if answer_due_on is not None and position.requirement.begun_on(answer_due_on):
        raise Refused(
            f"Too late: an offer made now could be answered until {answer_due_on}, and its days have begun by then.",
            mend="Agree on later days with the institution: they need a request and terms of reference of their own.",
        )
    approved = {"shortlist_approved_by": approved_by, "shortlist_approved_at": now}
    changed = position.model_copy(update=approved)
    return changed, (facts.ShortlistApproved(position.position_id, approved_by),)


def skip_candidate(position: Position, expert_id: str, codes: tuple[str, ...], now: datetime) -> Change:
    """The next candidate fails a hard rule now, or their days cannot be held: go on down the list."""
    must_be_next(position, expert_id)
    skipped = (*position.skipped, Skipped(expert_id=expert_id, codes=codes, at=now))
    changed = position.model_copy(update={"skipped": skipped})
    return changed, (facts.CandidateSkipped(position.position_id, expert_id, codes),)


def look_again(position: Position, expert_id: str) -> Change:
    """Somebody passed over for an offer of the same team is free of it now: they are next after all.

    §7.7 leaves out whoever is in the team, and never penalises a decline: an offer that came to nothing must not cost
    the other place as well. Nobody waits for such an offer while others can be asked, and it is not waited for once
    nobody else is left either: the list ends then, and a new search finds them when they have answered. Raises Refused
    for anybody else, and while somebody else is next.
    """
    if all(line.expert_id != expert_id for line in position.passed_over()):
        raise Refused("They were not passed over for another offer of the team.", mend="Offer to the next rank.")
    return position.model_copy(
        update={"skipped": tuple(line for line in position.skipped if line.expert_id != expert_id)}
    ), ()


def exhausted(position: Position, widen_after: int, *, too_late: bool = False) -> Change:
    """Nobody is left on the approved list who can be asked now, or it is too late to ask whoever is: the list ends, and
    the officer decides.

    Nothing happens otherwise. `widen_after`: failed offers from which the search should be widened.
    """
    waits_for_officer = position.shortlist_approved_at is None
    if position.state is not PositionState.SHORTLISTED or waits_for_officer:
        return position, ()
    if position.next_candidate() is None:
        too_late = False
    elif not too_late:
        return position, ()
    searching, _ = begin_search(position)
    failed = position.failed_offers
    told = facts.ListExhausted(position.position_id, failed, widen=failed >= widen_after, too_late=too_late)
    return searching, (told,)


def _must_be(position: Position, state: PositionState) -> None:
    if position.state is not state:
        raise Refused(f"The position is {position.state}, not {state}.", mend=_towards_a_list(position))


def _towards_a_list(position: Position) -> str:
    if position.state is PositionState.OPEN:
        return "Wait for its first search, which begins by itself."
    if position.state is PositionState.SEARCHING:
        return f"Search again first: POST /positions/{position.position_id}/search."
    return "Nothing can be approved here now: see the position for where it stands."
