"""Offers: one at a time down the approved list, answered by their expert, or left to lapse."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.contracts import topics
from shared.store import StoreAway
from tests.support import matching_events as say
from tests.support.matching_world import World

RESPOND_BY = datetime(2030, 3, 8, 12, tzinfo=UTC)
"""Five working days after a Friday noon."""
RELEASED = "availability.released"


def offers(world: World, position_id: str = say.LEAD) -> list[tuple[str, int]]:
    """(expert, rank) of every offer that was announced, in order."""
    said = world.data(topics.POSITIONS, "assignment.offered", position_id)
    return [(data["expert_id"], data["rank"]) for data in said]


async def test_an_approved_list_asks_the_first_rank_alone_and_holds_the_days(offered: World) -> None:
    assert offers(offered) == [("exp_1", 1)]
    (said,) = offered.data(topics.POSITIONS, "assignment.offered")
    assert datetime.fromisoformat(said["respond_by"]) == RESPOND_BY
    assert said["onsite"] == {"first_day": "2030-06-03", "last_day": "2030-06-14"}
    assert (said["days_total"], said["employer_institution_id"]) == (15, say.HOME)
    (held,) = offered.data(topics.CALENDARS, "availability.held")
    assert (held["expert_id"], held["offer_id"], held["position_id"]) == ("exp_1", said["offer_id"], say.LEAD)
    assert datetime.fromisoformat(held["expires_at"]) == RESPOND_BY + timedelta(hours=48)
    assert await offered.holds("exp_2") == []
    assert (await offered.position())["state"] == "offered"


async def test_the_employer_is_told_only_with_general_consent(staffed: World) -> None:
    await staffed.hear(say.expert("exp_1", employer_consent="by_assignment"))
    await staffed.open()
    await staffed.approve()
    (said,) = staffed.data(topics.POSITIONS, "assignment.offered")
    assert said["employer_institution_id"] is None
    await staffed.accept()
    (accepted,) = staffed.data(topics.POSITIONS, "assignment.accepted")
    assert accepted["employer_institution_id"] is None


async def test_a_decline_frees_the_days_and_asks_the_next_rank_exactly_once(offered: World) -> None:
    offer = await offered.asked()
    assert (await offered.answer(offer, "decline")).json()["state"] == "declined"
    await offered.bus.again()
    await offered.settle()
    assert offers(offered) == [("exp_1", 1), ("exp_2", 2)]
    (said,) = offered.data(topics.POSITIONS, "assignment.declined")
    assert (said["offer_id"], said["reason"], said["failed_offers"]) == (offer["offer_id"], "personal", 1)
    assert (await offered.position())["offers"][0]["reason"] == "personal", "why is the expert's own business"
    (released,) = offered.data(topics.CALENDARS, RELEASED)
    assert (released["expert_id"], released["reason"]) == ("exp_1", "declined")
    assert await offered.holds("exp_1") == []
    assert await offered.holds("exp_2") == [("2030-06-03", "offered")]


@pytest.mark.parametrize("answer", ["acceptance", "decline"])
async def test_an_answer_searches_through_no_positions(
    offered: World, answer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many there are: the expert's own calendar leads to the one that asked."""
    offer = await offered.asked()
    monkeypatch.setattr(offered.kept["positions"], "find", None)
    assert (await offered.answer(offer, answer, settle=False)).status_code == 200


async def test_an_offer_is_found_also_when_its_days_are_long_past_and_forgotten(offered: World) -> None:
    offer = await offered.asked()
    assert (await offered.answer(offer, "decline")).status_code == 200
    offered.clock.advance(timedelta(days=400))
    await offered.declare("exp_1", say.WHOLE_YEAR)
    path = f"/offers/{offer['offer_id']}"
    assert json.loads(offered.kept["calendars"]._rows["exp_1"])["state"]["holds"] == []
    assert (await offered.get(path, "expert", "exp_1"))["state"] == "declined"
    assert (await offered.call("GET", path, "expert", "exp_2")).status_code == 404


async def test_a_decline_can_be_repeated_and_never_taken_back(offered: World) -> None:
    offer = await offered.asked()
    first = await offered.answer(offer, "decline", key="no", settle=False)
    assert (await offered.answer(offer, "decline", key="no")).json() == first.json()
    assert (await offered.answer(offer, "decline")).status_code == 200
    assert (await offered.answer(offer, "acceptance")).status_code == 409
    assert offered.types(topics.POSITIONS, say.LEAD).count("assignment.declined") == 1
    assert offers(offered) == [("exp_1", 1), ("exp_2", 2)]


async def test_silence_is_reminded_of_twice_and_then_passes_the_offer_on(offered: World) -> None:
    offer = await offered.asked()
    after = offered.types(topics.POSITIONS, say.LEAD)

    async def new() -> list[str]:
        return offered.types(topics.POSITIONS, say.LEAD)[len(after) :]

    whole = RESPOND_BY - say.START
    await offered.until(say.START + whole * 0.5 - timedelta(seconds=1))
    assert await new() == []
    await offered.until(say.START + whole * 0.5)
    assert await new() == ["deadline.approaching"]
    await offered.until(say.START + whole * 0.9)
    assert await new() == ["deadline.approaching"] * 2
    await offered.until(RESPOND_BY - timedelta(milliseconds=1))
    assert await offered.pass_time(timedelta(0)) == 0
    await offered.until(RESPOND_BY)
    expected = ["deadline.approaching"] * 2 + ["deadline.passed", "assignment.expired", "assignment.offered"]
    assert await new() == expected
    percents = [data["percent"] for data in offered.data(topics.POSITIONS, "deadline.approaching")]
    assert percents == [50, 90]
    (expired,) = offered.data(topics.POSITIONS, "assignment.expired")
    assert (expired["offer_id"], expired["failed_offers"]) == (offer["offer_id"], 1)
    assert [d["reason"] for d in offered.data(topics.CALENDARS, RELEASED)] == ["expired"]
    assert offers(offered) == [("exp_1", 1), ("exp_2", 2)]
    await offered.bus.again()
    assert await offered.pass_time(timedelta(seconds=30)) == 0
    assert await new() == expected


async def test_after_a_stop_only_the_reminder_that_is_true_goes_out(offered: World) -> None:
    await offered.until(RESPOND_BY - timedelta(minutes=1))
    assert [data["percent"] for data in offered.data(topics.POSITIONS, "deadline.approaching")] == [90]
    assert (await offered.asked())["expert_id"] == "exp_1"


async def test_after_a_long_stop_an_offer_expires_without_late_reminders(offered: World) -> None:
    await offered.until(RESPOND_BY + timedelta(hours=1))
    assert "deadline.approaching" not in offered.types(topics.POSITIONS)
    assert offers(offered) == [("exp_1", 1), ("exp_2", 2)]
    nobody_expired = offered.data(topics.POSITIONS, "assignment.expired")[1:]
    assert nobody_expired == []


async def test_a_deadline_within_a_millisecond_is_not_lost() -> None:
    """Instants are kept in whole milliseconds, clocks tell microseconds: firing a part of one early must not happen."""
    world = World(start=say.START + timedelta(microseconds=900), offer_response="20 seconds")
    await world.staff("exp_1", "exp_2")
    await world.open()
    await world.approve()
    for _ in range(4):
        await world.pass_time(timedelta(seconds=5) - timedelta(microseconds=100))
        await world.pass_time(timedelta(microseconds=100))
    await world.pass_time(timedelta(milliseconds=1))
    types = world.types(topics.POSITIONS, say.LEAD)
    assert types.count("deadline.approaching") == 2
    assert types[-3:] == ["deadline.passed", "assignment.expired", "assignment.offered"]
    await world.http.aclose()


async def test_an_answer_counts_strictly_before_the_time_is_over(offered: World) -> None:
    offer = await offered.asked()
    offered.clock.advance(RESPOND_BY - offered.clock.now())
    late = await offered.answer(offer, "acceptance", settle=False)
    assert late.status_code == 409
    assert "time to answer is over" in late.json()["detail"]
    assert await offered.holds("exp_1") == [("2030-06-03", "offered")]
    assert "availability.confirmed" not in offered.types(topics.CALENDARS)


async def test_an_answer_just_in_time_is_final(offered: World) -> None:
    offer = await offered.asked()
    offered.clock.advance(RESPOND_BY - offered.clock.now() - timedelta(milliseconds=1))
    assert (await offered.answer(offer, "acceptance", settle=False)).status_code == 200
    await offered.pass_time(timedelta(days=1))
    assert (await offered.position())["state"] == "accepted"
    assert "assignment.expired" not in offered.types(topics.POSITIONS)
    assert offers(offered) == [("exp_1", 1)]


async def test_an_acceptance_makes_the_days_firm_and_announces_the_clearance_deadline(offered: World) -> None:
    offer = await offered.asked()
    answer = await offered.answer(offer, "acceptance")
    assert (answer.status_code, answer.json()["state"]) == (200, "accepted")
    (said,) = offered.data(topics.POSITIONS, "assignment.accepted")
    due = datetime(2030, 3, 22, 12, tzinfo=UTC)
    assert datetime.fromisoformat(said["clearance_due"]) == due
    assert (said["rank"], said["employer_institution_id"]) == (1, say.HOME)
    (confirmed,) = offered.data(topics.CALENDARS, "availability.confirmed")
    assert datetime.fromisoformat(confirmed["expires_at"]) == due
    assert await offered.holds("exp_1") == [("2030-06-03", "accepted")]


async def test_accepting_twice_is_answered_alike_and_counts_once(offered: World) -> None:
    offer = await offered.asked()
    first = await offered.answer(offer, "acceptance", key="yes", settle=False)
    again = await offered.answer(offer, "acceptance", key="yes")
    assert (again.json(), again.headers["ETag"]) == (first.json(), first.headers["ETag"])
    await offered.pass_time(timedelta(hours=1))
    late = await offered.answer(offer, "acceptance", key="yes")
    assert (late.status_code, late.json()) == (200, first.json())
    without_key = await offered.answer(offer, "acceptance")
    assert (without_key.status_code, without_key.json()["state"]) == (200, "accepted")
    assert offered.types(topics.POSITIONS, say.LEAD).count("assignment.accepted") == 1
    assert offered.types(topics.CALENDARS, "exp_1").count("availability.confirmed") == 1


@pytest.mark.parametrize(("first", "then"), [("acceptance", "decline"), ("decline", "acceptance")])
async def test_a_key_of_one_answer_is_refused_for_the_other(offered: World, first: str, then: str) -> None:
    offer = await offered.asked()
    assert (await offered.answer(offer, first, key="yes")).status_code == 200
    before = await offered.everything()
    assert (await offered.answer(offer, then, key="yes")).status_code == 422
    assert await offered.everything() == before


async def test_an_offer_that_ends_after_a_half_recorded_acceptance_frees_the_days(offered: World) -> None:
    """The days were made firm, the answer could not be recorded, and the expert did not come back."""
    offer = await offered.asked()

    async def away(_: str, id_: str) -> None:
        if id_ == say.LEAD:
            raise StoreAway("planted")

    offered.before = away
    assert (await offered.answer(offer, "acceptance", settle=False)).status_code == 503
    offered.before = None
    assert await offered.holds("exp_1") == [("2030-06-03", "accepted")]
    await offered.until(RESPOND_BY)
    assert await offered.holds("exp_1") == []
    assert offers(offered) == [("exp_1", 1), ("exp_2", 2)]


async def test_an_answer_to_an_outdated_version_changes_nothing(offered: World) -> None:
    offer = await offered.asked()
    await offered.pass_time(timedelta(days=4))
    before, read = await offered.everything(), f'"{offer["version"]}"'
    for how in ("acceptance", "decline"):
        assert (await offered.answer(offer, how, if_match=read)).status_code == 412, "reminded meanwhile"
    assert await offered.everything() == before
    path = f"/offers/{offer['offer_id']}"
    current = (await offered.call("GET", path, "expert", "exp_1")).headers["ETag"]
    first = await offered.answer(offer, "acceptance", if_match=current, key="yes")
    again = await offered.answer(offer, "acceptance", if_match=current, key="yes")
    assert (first.status_code, again.status_code, again.headers["ETag"]) == (200, 200, first.headers["ETag"])
    for how in ("acceptance", "decline"):
        assert (await offered.answer(offer, how, if_match=current)).status_code == 412, "accepted meanwhile"


async def test_the_version_of_an_offer_does_not_tell_who_was_asked_before(offered: World) -> None:
    """Asked first, second after a decline or third after silence: the same version, and the same once answered."""
    read = []
    for how in ("decline", "silence", "acceptance"):
        offer = await offered.asked()
        shown = await offered.call("GET", f"/offers/{offer['offer_id']}", "expert", offer["expert_id"])
        listed = (await offered.call("GET", "/offers", "expert", offer["expert_id"])).json()["items"]
        read.append((shown.headers["ETag"], shown.json()["version"], [line["version"] for line in listed]))
        if how == "silence":
            await offered.until(datetime.fromisoformat(offer["respond_by"]))
            continue
        answered = await offered.answer(offer, how)
        assert (answered.headers["ETag"], answered.json()["version"]) == ('"2"', 2)
    assert offers(offered) == [("exp_1", 1), ("exp_2", 2), ("exp_3", 3)]
    assert read == [('"1"', 1, [1])] * 3


async def test_an_offer_is_answered_by_its_own_expert_alone(offered: World) -> None:
    offer = await offered.asked()
    before = await offered.everything()
    for how, body in (("acceptance", None), ("decline", {"reason": "dates"})):
        path = f"/offers/{offer['offer_id']}/{how}"
        answer = await offered.call("POST", path, "expert", "exp_2", body=body)
        assert answer.status_code == 404
        assert (await offered.call("POST", path, body=body)).status_code == 403
    assert (await offered.call("POST", "/offers/off_none/acceptance", "expert", "exp_1")).status_code == 404
    assert await offered.everything() == before


async def test_experts_read_their_own_offers_without_ranks_and_officers_read_all(offered: World) -> None:
    await offered.decline()
    own = (await offered.get("/offers", "expert", "exp_1"))["items"]
    assert [(o["expert_id"], o["state"]) for o in own] == [("exp_1", "declined")]
    assert "rank" not in own[0]
    path = f"/offers/{own[0]['offer_id']}"
    assert await offered.get(path, "expert", "exp_1") == own[0]
    assert (await offered.call("GET", path, "expert", "exp_2")).status_code == 404
    assert (await offered.get("/offers?expert=exp_1", "expert", "exp_2"))["items"][0]["expert_id"] == "exp_2"
    assert (await offered.get("/offers", "expert", "exp_4"))["items"] == []
    for asked, expected in (("", ["exp_2", "exp_1"]), ("?expert=exp_1", ["exp_1"]), ("?expert=exp_4", [])):
        assert [o["expert_id"] for o in (await offered.get(f"/offers{asked}"))["items"]] == expected
    assert (await offered.call("GET", "/offers/off_none")).status_code == 404


async def test_a_hold_lapses_by_itself_where_nothing_else_frees_it(offered: World) -> None:
    """A crash between hold and offer leaves such a hold; here the service stops hearing its own events instead."""
    offered.clock.advance(RESPOND_BY + timedelta(hours=48) - timedelta(milliseconds=1) - offered.clock.now())
    await offered.fire()
    assert await offered.holds("exp_1") == [("2030-06-03", "offered")]
    offered.clock.advance(timedelta(milliseconds=1))
    await offered.fire()
    assert await offered.holds("exp_1") == []
    await offered.bus.collect()
    assert [d["reason"] for d in offered.data(topics.CALENDARS, RELEASED)] == ["lapsed"]
    await offered.settle()
    assert [d["reason"] for d in offered.data(topics.CALENDARS, RELEASED)] == ["lapsed"]
    assert offers(offered) == [("exp_1", 1), ("exp_2", 2)]


@pytest.mark.parametrize("reason", ["", "tired", None, 7])
async def test_a_decline_needs_a_reason_from_the_list(offered: World, reason: Any) -> None:
    offer = await offered.asked()
    path = f"/offers/{offer['offer_id']}/decline"
    answer = await offered.call("POST", path, "expert", "exp_1", body={"reason": reason})
    assert answer.status_code == 422
    assert answer.json()["faults"][0]["pointer"] == "/reason"
    assert (await offered.asked())["state"] == "offered"


async def test_racing_answers_leave_one_of_them(offered: World) -> None:
    offer = await offered.asked()
    hows = ["acceptance", "decline"] * 8
    answers = await asyncio.gather(*(offered.answer(offer, how, settle=False) for how in hows))
    assert {a.status_code for a in answers} <= {200, 409}
    await offered.settle()
    said = [t for t in offered.types(topics.POSITIONS, say.LEAD) if t in ("assignment.accepted", "assignment.declined")]
    assert len(said) == 1
    accepted = said == ["assignment.accepted"]
    assert await offered.holds("exp_1") == ([("2030-06-03", "accepted")] if accepted else [])


async def test_what_happens_to_an_offer_while_it_is_accepted_refuses_nothing(offered: World) -> None:
    """The reminder goes out between the calendar's write and the position's: the days and the position agree."""
    offer = await offered.asked()

    async def meanwhile(operation: str, id_: str) -> None:
        if id_ == "exp_1":
            offered.before = None
            await offered.pass_time(timedelta(days=4))

    offered.before = meanwhile
    answer = await offered.answer(offer, "acceptance", if_match=f'"{offer["version"]}"')
    assert answer.status_code == 200, answer.text
    assert (await offered.position())["state"] == "accepted"
    assert [state for _, state in await offered.holds("exp_1")] == ["accepted"]
