"""The database goes away at every single write of a step, before it or right after it; the step comes again, in the
same process or a new one; and the end is the same as if nothing had happened: each effect and each event once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest

from shared.contracts import topics
from shared.store import StoreAway
from tests.support import matching_events as say
from tests.support.intercepted_documents import AwayOnce
from tests.support.matching_stage import Stage, differences
from tests.support.matching_world import World

Step = Callable[[Any], Awaitable[None]]
TRACE = {"X-Correlation-Id": "cor_sample", "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}


class AwayAt:
    """A hook that lets the database be away once, at the n-th write."""

    def __init__(self, number: int) -> None:
        self.left = number
        self.happened = False

    async def __call__(self, operation: str, id_: str) -> None:
        self.left -= 1
        if self.left == 0:
            self.happened = True
            raise StoreAway(f"away at {operation} of {id_}")


async def deliver(world: Stage) -> None:
    """What waits on the topics is handled; what follows from it is left for later."""
    await world.bus.deliver()


def over_http(method: str, path: str, role: str, who: str, body: object = None, if_match: str | None = None) -> Step:
    """A call that is repeated with the same key, on the same version."""

    async def step(world: World) -> None:
        answer = await world.call(method, path, role, who, body=body, key="mine", if_match=if_match, headers=TRACE)
        if answer.status_code == 503:
            assert answer.headers["Retry-After"]
            raise StoreAway("503")
        assert answer.status_code == 200, answer.text

    return step


async def terms_are_final(world: World) -> None:
    await world.hear(say.drafted())
    world.tell(say.finalised())


async def list_is_approved(world: World) -> None:
    await world.open()
    await world.approve(settle=False)
    await world.bus.collect()


async def first_is_asked(world: World) -> None:
    await world.open()
    await world.approve()


async def offer_is_declined(world: World) -> None:
    await first_is_asked(world)
    await world.answer(await world.asked(), "decline", settle=False)
    await world.bus.collect()


async def last_offer_is_declined(world: World) -> None:
    await first_is_asked(world)
    for _ in range(3):
        await world.decline()
    await world.answer(await world.asked(), "decline", settle=False)
    await world.bus.collect()


async def somebody_is_new(world: World) -> None:
    await world.hear(say.expert("exp_5"))
    await world.declare("exp_5", say.WHOLE_YEAR)
    await world.settle()


async def list_is_exhausted(world: World) -> None:
    await last_offer_is_declined(world)
    await somebody_is_new(world)


async def list_waits_for_approval(world: World) -> None:
    await world.open()
    await somebody_is_new(world)


async def nobody_is_found(world: World) -> None:
    await world.open(say.position(say.LEAD, 1, is_principal=True, min_years=40))


async def next_is_unsuitable(world: World) -> None:
    await offer_is_declined(world)
    world.tell(say.expert("exp_2", status="dormant"))
    await world.bus.deliver("matching.roster")


async def offer_is_expired(world: World) -> None:
    await first_is_asked(world)
    world.clock.advance(timedelta(days=7))
    await world.fire()
    await world.bus.collect()


async def last_offer_is_accepted(world: World) -> None:
    await first_is_asked(world)
    await world.accept()
    await world.approve(say.SECOND)
    await world.answer(await world.asked(say.SECOND), "acceptance", settle=False)
    await world.bus.collect()


async def request_is_submitted(world: World) -> None:
    world.tell(say.request())


OFFER = "off_26d91ad92489575c84b6c0c17d7b64d4"
"""The first offer of the principal's position: derived from position, expert and approval, so always the same."""
AGAIN = f"/positions/{say.LEAD}/search"
DECLARED = {"entries": [say.WHOLE_YEAR, {**say.WHOLE_YEAR, "kind": "tentative"}]}
STEPS: dict[str, tuple[Step, Step, int]] = {
    "request.submitted": (request_is_submitted, deliver, 1),
    "tor.finalised": (terms_are_final, deliver, 6),
    "shortlist.approved": (list_is_approved, deliver, 3),
    "assignment.declined": (offer_is_declined, deliver, 4),
    "assignment.declined, next unsuitable": (next_is_unsuitable, deliver, 4),
    "assignment.declined, list exhausted": (last_offer_is_declined, deliver, 3),
    "assignment.expired": (offer_is_expired, deliver, 6),
    "assignment.accepted": (last_offer_is_accepted, deliver, 2),
    "approval over HTTP": (
        World.open, over_http("POST", f"/positions/{say.LEAD}/shortlist-approval", "officer", "per_officer"), 1
    ),
    "search again over HTTP": (
        list_is_exhausted, over_http("POST", AGAIN, "officer", "per_officer"), 2
    ),
    "search again over HTTP, in place of a list": (
        list_waits_for_approval, over_http("POST", AGAIN, "officer", "per_officer"), 3
    ),
    "search again over HTTP, in place of a list, on its version": (
        list_waits_for_approval, over_http("POST", AGAIN, "officer", "per_officer", if_match='"1"'), 3
    ),
    "search again over HTTP, where nobody was found, on its version": (
        nobody_is_found, over_http("POST", AGAIN, "officer", "per_officer", if_match='"1"'), 2
    ),
    "acceptance over HTTP": (first_is_asked, over_http("POST", f"/offers/{OFFER}/acceptance", "expert", "exp_1"), 2),
    "decline over HTTP": (
        first_is_asked, over_http("POST", f"/offers/{OFFER}/decline", "expert", "exp_1", {"reason": "terms"}), 1
    ),
    "availability over HTTP": (
        World.settle, over_http("PUT", "/experts/exp_1/availability", "expert", "exp_1", DECLARED, '"1"'), 1
    ),
}  # fmt: skip
"""How it begins, the step that is cut short, and how many writes it takes."""


@pytest.mark.parametrize("name", STEPS)
async def test_cut_short_at_any_write_a_step_ends_the_same(name: str, staffed: World) -> None:
    begin, step, writes = STEPS[name]
    start = staffed
    await begin(start)
    made = World if "HTTP" in name else Stage
    smooth = start.restarted(made)
    await step(smooth)
    await smooth.settle()
    expected = await smooth.everything()
    for moment in ("before", "after"):
        for number in count(1):
            world = start.restarted(made)
            away = AwayAt(number)
            setattr(world, moment, away)
            survived = await came_through(world, step)
            setattr(world, moment, None)
            assert survived is not away.happened
            if not survived:
                # before the write the same process goes on, after it another one: both must find what was done
                world = world if moment == "before" else world.restarted(made)
                await step(world)
            await world.settle()
            assert differences(await world.everything(), expected) == {}, f"away {moment} write {number}"
            if survived:
                assert number == writes + 1
                break


@pytest.mark.parametrize("name", [name for name, (_, step, _) in STEPS.items() if step is deliver])
async def test_two_processes_at_once_have_the_effect_of_one(name: str, staffed: World) -> None:
    """While partitions change hands, two consumers may have the same event at the same time."""
    begin, step, _ = STEPS[name]
    await begin(staffed)
    alone, one = staffed.restarted(Stage), staffed.restarted(Stage)
    await step(alone)
    await alone.settle()
    other = one.beside()
    await asyncio.gather(step(one), step(other))
    await one.settle()
    assert differences(await one.everything(), await alone.everything()) == {}


async def came_through(world: Stage, step: Step) -> bool:
    """Whether the step came to its end."""
    try:
        await step(world)
    except StoreAway:
        return False
    return True


async def test_however_often_it_is_cut_short_there_is_one_search_one_position_one_team(staffed: World) -> None:
    world = staffed
    await terms_are_final(world)
    for _ in range(20):
        world.after = AwayOnce("insert", "replace", error=StoreAway)
        await came_through(world, deliver)
    world.after = None
    await world.settle()
    assert world.types(topics.SEARCHES) == ["match.completed"] * 2
    assert world.types(topics.POSITIONS) == ["position.opened", "position.shortlisted"] * 2
    assert [len(await world.kept[kind].changed_since(0, 99)) for kind in ("searches", "positions", "teams")] == [
        2,
        2,
        1,
    ]


@pytest.mark.parametrize("late", [timedelta(hours=60), timedelta(days=10)], ids=["still-held", "lapsed"])
async def test_an_offer_made_late_goes_to_the_same_person_and_its_days_are_held_past_its_answer(
    staffed: World, late: timedelta
) -> None:
    """The days were kept, then the database was away before the offer was written, for long."""
    await list_is_approved(staffed)
    staffed.after = AwayAt(1)
    assert not await came_through(staffed, deliver)
    staffed.after = None
    await staffed.pass_time(late)
    await staffed.settle()
    (offer,) = staffed.data(topics.POSITIONS, "assignment.offered")
    assert (offer["expert_id"], offer["rank"]) == ("exp_1", 1)
    assert datetime.fromisoformat(offer["respond_by"]) > staffed.clock.now()
    held = staffed.data(topics.CALENDARS, "availability.held")[-1]
    assert (held["offer_id"], held["expires_at"] > offer["respond_by"]) == (offer["offer_id"], True)
    await staffed.until(datetime.fromisoformat(offer["respond_by"]))
    assert await staffed.holds("exp_2") == [("2030-06-03", "offered")], "the next is asked when that answer is due"


@pytest.mark.parametrize("moment", ["before", "after"])
async def test_a_deadline_cut_short_fires_again_once_its_claim_is_over(offered: World, moment: str) -> None:
    offered.clock.advance(timedelta(days=7))
    setattr(offered, moment, AwayOnce("insert", "replace", error=StoreAway))
    with pytest.raises(StoreAway):
        await offered.fire()
    setattr(offered, moment, None)
    await offered.pass_time(timedelta(seconds=11))
    said = offered.types(topics.POSITIONS, say.LEAD)
    assert said[4:] == ["deadline.passed", "assignment.expired", "assignment.offered"]
    assert await offered.holds("exp_1") == []


async def test_the_store_away_is_answered_503_and_nothing_changes(offered: World) -> None:
    offer = await offered.asked()
    before = await offered.everything()
    for documents in offered.kept.values():
        documents.away = True
    calls = [
        await offered.answer(offer, "acceptance", settle=False),
        await offered.answer(offer, "decline", settle=False),
        await offered.call("POST", f"/positions/{say.SECOND}/shortlist-approval"),
        await offered.call("PUT", "/experts/exp_1/availability", body={"entries": []}),
        *[await offered.call("GET", path) for path in ("/searches", "/positions/pos_lead", "/offers", "/teams")],
    ]
    for documents in offered.kept.values():
        documents.away = False
    for answer in calls:
        assert answer.status_code == 503
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert int(answer.headers["Retry-After"]) >= 1
    assert await offered.everything() == before
