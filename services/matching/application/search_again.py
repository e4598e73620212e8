"""An officer searches again for a position: a new ranking of the roster as it is now, and a new list to approve."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from services.matching.application.announce import of_position
from services.matching.application.offer_next import OfferTimes
from services.matching.application.open_positions import team_id_of
from services.matching.application.roster import Roster
from services.matching.application.search import search_once
from services.matching.application.stores import Stores
from services.matching.domain.policy import Policy
from services.matching.domain.position import Position
from services.matching.domain.requirement import Requirement
from services.matching.domain.search import Search
from services.matching.domain.shortlisting import lines_of, shortlisted
from services.matching.domain.shortlisting import search_again as begin_again
from shared.clock import Clock
from shared.errors import StaleVersion
from shared.ids import derived_id
from shared.store import Command, Decision, Outcome, Step, Store, Stored, everybody, find_seen


async def search_again(
    stores: Stores, roster: Roster, policy: Policy, times: OfferTimes, clock: Clock, cause: Command, position_id: str
) -> Outcome[Position]:
    """Rank anew and put the list before the officer; whoever was offered the position before is left out, on record.

    NotFound for an unknown position, StaleVersion for an outdated version, Refused while an approved list or an offer
    is under way and once the position is filled or cancelled: all before anything is searched. The former list ends
    first, so that nobody approves it while its successor is made; then the search, under an id derived from the
    version it was asked on and the day: a repeat after a crash, or two calls at once, meet the same one, and a repeat
    on a later day ranks the roster of that day. Earlier searches stay as they were.
    """
    began = await _list_ended(stores.positions, cause, position_id)
    if began.answer is not None or began.stored is None:
        return began
    stored = began.stored
    found = await _searched(stores, roster, policy, times, clock, Step(origin=cause.origin), stored)

    def decide(position: Position | None) -> Decision[Position]:
        if position is None or position.search_id == found.search_id:
            return Decision(position)
        position, _ = begin_again(position, stored.version)
        lines, suitable = lines_of(found.ranking), found.ranking.suitable
        position, happened = shortlisted(position, found.search_id, lines, clock.now(), suitable)
        return Decision(position, of_position(position, happened))

    return await stores.positions.change(position_id, replace(cause, expected_version=None), decide, known=stored)


async def _list_ended(positions: Store[Position], cause: Command, position_id: str) -> Outcome[Position]:
    """The position without a list, or the answer this command has had already.

    Who edits the version whose list has just ended edits the present one: a repeat of a call that was cut short after
    this write must not be refused for what it wrote itself.
    """
    while True:
        stored = await find_seen(positions, position_id, everybody, "position")
        edited = cause.expected_version
        expected = stored.version if edited in (None, stored.state.replaces) else edited
        command = replace(cause, expected_version=expected, render=None)
        try:
            return await positions.change(position_id, command, _ending(stored.version), known=stored)
        except StaleVersion:
            if expected != stored.version:
                raise


def _ending(version: int) -> Callable[[Position | None], Decision[Position]]:
    return lambda position: Decision(begin_again(position, version)[0] if position else None)


async def _searched(
    stores: Stores,
    roster: Roster,
    policy: Policy,
    times: OfferTimes,
    clock: Clock,
    step: Step,
    stored: Stored[Position],
) -> Search:
    position = stored.state
    now = clock.now()
    search_id = derived_id("sea", position.position_id, str(stored.version), now.date().isoformat())
    team = await stores.teams.read(team_id_of(position.tor_id))
    beside = [member.expert_id for member in team.state.members] if team else []

    def ask() -> Requirement:
        return position.requirement.model_copy(
            update={
                "related_institution_ids": roster.related_to(position.institution_id),
                "asked_before": tuple(sorted(position.asked)),
                "team_institution_ids": roster.employers_of(beside, now.date()),
                "answer_due_on": times.answer_due_on(now, urgent=position.urgent),
            }
        )

    return await search_once(
        stores, roster, policy, step, search_id, ask, title=position.title, number=position.number, now=now
    )
