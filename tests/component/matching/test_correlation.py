"""One expert, two cases: what their calendar says belongs to the case that holds the days, whoever began it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from deploy.terminal.looks.case import _said
from deploy.terminal.looks.way import Case, way
from shared.contracts import topics
from shared.contracts.events.requests import Period
from shared.store.document import to_ms
from tests.support import matching_events as say
from tests.support.matching_world import World
from tests.support.raw_records import Raw

OTHER = "pos_other"
LATER = Period(first_day=date(2030, 9, 2), last_day=date(2030, 9, 13))
DECLARED = {"if_match": "*", "headers": {"X-Correlation-Id": "cor_X"}}


async def both_ask(world: World) -> None:
    """exp_1 declares as cor_X, and two cases ask them, one after the other."""
    await world.hear(say.institution(say.HOME), say.institution(say.ASKING), say.expert("exp_1"))
    await declare(world, **DECLARED)
    await world.open(say.position(say.LEAD, 1, is_principal=True))
    await world.open(say.position(OTHER, 1, is_principal=True), tor_id="tor_2", request_id="req_2", onsite=LATER)
    await world.approve(say.LEAD)
    await world.approve(OTHER)


async def declare(world: World, *more: dict[str, str], **given: Any) -> None:
    body = {"entries": [say.WHOLE_YEAR, *more]}
    answer = await world.call("PUT", "/experts/exp_1/availability", "expert", "exp_1", body=body, **given)
    assert answer.status_code == 200, answer.text
    await world.settle()


def case_of(world: World, position_id: str) -> str:
    """The one correlation of everything the position said."""
    (own,) = {e.correlation_id for e in world.bus.said(topics.POSITIONS.name, position_id)}
    return own


def said_for(world: World, position_id: str) -> list[tuple[str, str]]:
    """(type, correlation) of what the calendar said for a position, the same in header and envelope."""
    events = world.bus.said(topics.CALENDARS.name, "exp_1")
    in_headers = [dict(record.headers)["correlation_id"] for record in world.bus.topics[topics.CALENDARS.name]]
    assert [e.correlation_id.encode() for e in events] == in_headers
    return [(e.type, e.correlation_id) for e in events if e.data.get("position_id") == position_id]


def traced(world: World, correlation: str) -> list[tuple[str, str]]:
    """(what, for what it waited) of `entente trace` over the calendars and positions."""
    now = to_ms(world.clock.now())
    raws = [
        Raw(name, record.key, record.value, record.headers, 0, record.offset, now)
        for name in (topics.CALENDARS.name, topics.POSITIONS.name)
        for record in world.bus.topics[name]
    ]
    said = [said for one in raws if (said := _said(one, correlation)) is not None]
    return [(step.what.partition(" #")[0], step.after) for step in way(Case(correlation, said=said), world.clock.now())]


async def test_days_held_confirmed_and_released_belong_to_the_case_that_asked(world: World) -> None:
    await both_ask(world)
    await world.accept(say.LEAD)
    await world.decline(OTHER)
    first, second = case_of(world, say.LEAD), case_of(world, OTHER)
    assert first != second
    assert said_for(world, say.LEAD) == [("availability.held", first), ("availability.confirmed", first)]
    assert said_for(world, OTHER) == [("availability.held", second), ("availability.released", second)]


async def test_days_that_lapse_by_themselves_belong_to_their_own_case_each(world: World) -> None:
    """The service was away past the ends of both: one decision of the calendar, two cases."""
    await both_ask(world)
    await world.pass_time(timedelta(days=30))
    lapsed = world.data(topics.CALENDARS, "availability.released")
    assert [data["reason"] for data in lapsed] == ["lapsed", "lapsed"]
    for position_id in (say.LEAD, OTHER):
        own = case_of(world, position_id)
        assert said_for(world, position_id) == [("availability.held", own), ("availability.released", own)]


async def test_what_is_declared_belongs_to_its_own_request(world: World) -> None:
    await both_ask(world)
    weekend = {"kind": "unavailable", "first_day": "2030-11-02", "last_day": "2030-11-03"}
    await declare(world, weekend, if_match="*", headers={"X-Correlation-Id": "cor_Y"})
    declared = [e for e in world.bus.said(topics.CALENDARS.name) if e.type == "availability.declared"]
    assert [e.correlation_id for e in declared] == ["cor_X", "cor_Y"]


async def test_days_of_a_hold_that_does_not_say_its_case_are_freed_in_that_of_the_answer(world: World) -> None:
    """One kept before holds said it."""
    await both_ask(world)
    calendar = await world.kept["calendars"].get("exp_1")
    assert calendar is not None
    for hold in calendar["state"]["holds"]:
        del hold["correlation_id"]
    assert await world.kept["calendars"].replace(
        {**calendar, "revision": calendar["revision"] + 1}, calendar["revision"]
    )
    await world.accept(say.LEAD)
    await world.decline(OTHER)
    assert said_for(world, say.LEAD)[1] == ("availability.confirmed", case_of(world, say.LEAD))
    assert said_for(world, OTHER)[1] == ("availability.released", case_of(world, OTHER))


async def test_the_trace_of_a_case_shows_its_days_and_no_others(world: World) -> None:
    await both_ask(world)
    await world.accept(say.LEAD)
    await world.decline(OTHER)
    kept = [step for step in traced(world, case_of(world, say.LEAD)) if step[0].startswith("availability.")]
    assert kept == [("availability.held", "shortlist.approved"), ("availability.confirmed", "the expert")]
    freed = [step for step in traced(world, case_of(world, OTHER)) if step[0].startswith("availability.")]
    assert freed == [("availability.held", "shortlist.approved"), ("availability.released", "assignment.declined")]


async def test_what_waits_in_a_calendar_is_open_in_the_case_that_asked(world: World) -> None:
    """Kafka is away from the moment on at which the second case asks."""
    await world.staff("exp_1")
    await world.open(say.position(say.LEAD, 1, is_principal=True))
    await world.open(say.position(OTHER, 1, is_principal=True), tor_id="tor_2", request_id="req_2", onsite=LATER)
    await world.approve(say.LEAD)
    await world.approve(OTHER, settle=False)
    await world.bus.collect()
    await world.bus.deliver()
    calendar = await world.kept["calendars"].get("exp_1")
    assert calendar is not None

    def open_in(position_id: str) -> list[str]:
        case = Case(case_of(world, position_id), documents={topics.CALENDARS.name: [calendar]})
        return sorted(step.what.partition(" comes at")[0] for step in way(case, world.clock.now()) if step.open)

    first, second = (await world.asked(say.LEAD))["offer_id"], (await world.asked(OTHER))["offer_id"]
    assert open_in(say.LEAD) == [f"deadline hold:{first}"]
    assert open_in(OTHER) == ["availability.held #3 not published", f"deadline hold:{second}"]
