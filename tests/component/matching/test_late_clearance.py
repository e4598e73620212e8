"""The clearance deadline of an acceptance: what passes it by is told once, and takes nothing from the expert."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from shared.contracts import topics
from tests.support import matching_events as say
from tests.support.matching_world import World

CLEARANCE_DUE = datetime(2030, 3, 22, 12, tzinfo=UTC)
"""Fifteen working days after a Friday noon."""


async def test_late_clearance_is_told_once_and_the_accepted_days_stay_kept(offered: World) -> None:
    offer = await offered.asked()
    await offered.accept()
    (accepted,) = [o for o in (await offered.position())["offers"] if o["state"] == "accepted"]
    assert datetime.fromisoformat(accepted["clearance_due"]) == CLEARANCE_DUE
    await offered.until(CLEARANCE_DUE - timedelta(milliseconds=1))
    assert "clearance.overdue" not in offered.types(topics.POSITIONS)
    await offered.until(CLEARANCE_DUE)
    await offered.bus.again()
    await offered.pass_time(timedelta(days=60))
    (told,) = offered.data(topics.POSITIONS, "clearance.overdue")
    assert (told["position_id"], told["offer_id"], told["expert_id"]) == (say.LEAD, offer["offer_id"], "exp_1")
    assert (await offered.position())["state"] == "accepted"
    assert await offered.holds("exp_1") == [("2030-06-03", "accepted")]
    assert "availability.released" not in offered.types(topics.CALENDARS)


async def test_after_late_clearance_the_days_of_a_complete_team_are_offered_to_nobody_else(offered: World) -> None:
    await offered.accept()
    await offered.approve(say.SECOND)
    await offered.accept(say.SECOND)
    assert offered.types(topics.TEAMS) == ["team.complete"]
    await offered.until(CLEARANCE_DUE + timedelta(days=1))
    assert len(offered.data(topics.POSITIONS, "clearance.overdue")) == 2
    await offered.open(say.position("pos_else", 1, is_principal=True), tor_id="tor_else")
    found = await offered.get("/searches/pos_else")
    assert {id_: [r["code"] for r in reasons] for id_, reasons in found["exclusions"].items()} == {
        "exp_1": ["unavailable"], "exp_2": ["unavailable"],
    }  # fmt: skip
    assert [c["expert_id"] for c in found["candidates"]] == ["exp_3", "exp_4"]


async def test_accepting_again_after_the_clearance_deadline_changes_nothing(offered: World) -> None:
    offer = await offered.asked()
    await offered.accept()
    await offered.pass_time(timedelta(days=22))
    before = await offered.everything()
    assert (await offered.answer(offer, "acceptance")).status_code == 200
    assert await offered.everything() == before
