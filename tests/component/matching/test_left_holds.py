"""Days kept for an offer that was not made after all, since whoever kept them died, become free when the event comes
again: `make chaos` with seed 201 left an expert's days kept for 48 hours under an offer that nobody had been made."""

from __future__ import annotations

import pytest

from shared.contracts import topics
from shared.store import StoreAway
from tests.support import matching_events as say
from tests.support.matching_world import World

FIRST = ("2030-06-03", "offered")


async def dies_at(world: World, id_: str) -> None:
    """What waits is handled until a document is to be written; the process ends there."""

    async def dies(_: str, written: str) -> None:
        if written == id_:
            raise StoreAway("planted")

    world.before = dies
    with pytest.raises(StoreAway):
        await world.bus.deliver()
    world.before = None


async def cut_short(world: World) -> None:
    """The list is approved; the days of the first are kept, and the process ends before the offer is made."""
    await world.approve(settle=False)
    await world.bus.collect()
    await dies_at(world, say.LEAD)
    assert await world.holds("exp_1") == [FIRST]


async def becomes_unsuitable(world: World) -> None:
    """Known to the roster before the event comes again."""
    world.tell(say.expert("exp_1", status="dormant"))
    await world.bus.deliver("matching.roster")


async def test_whoever_is_not_offered_it_when_the_event_comes_again_is_free_at_once(opened: World) -> None:
    await cut_short(opened)
    await becomes_unsuitable(opened)
    await opened.settle()
    assert (await opened.asked())["expert_id"] == "exp_2"
    assert await opened.holds("exp_1") == []
    (freed,) = opened.data(topics.CALENDARS, "availability.released", "exp_1")
    assert freed["reason"] == "superseded"


async def test_days_that_another_attempt_kept_are_freed_by_the_event_that_is_done_with(opened: World) -> None:
    """Another replica decided otherwise, and the first died before it had freed what it kept."""
    await cut_short(opened)
    await becomes_unsuitable(opened)
    await dies_at(opened, "exp_1")
    assert (await opened.asked())["expert_id"] == "exp_2"
    assert await opened.holds("exp_1") == [FIRST], "the offer is made, and the days are not freed yet"
    await opened.settle()
    assert await opened.holds("exp_1") == []
    assert await opened.holds("exp_2") == [FIRST], "those of the offer that was made stay"


async def test_an_event_that_comes_again_frees_nothing_of_the_offer_it_has_made(offered: World) -> None:
    before = await offered.everything()
    await offered.bus.again("matching.follow-up")
    await offered.settle()
    assert await offered.everything() == before
