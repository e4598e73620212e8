"""What matching knows of experts: from events, and what they declare themselves."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from services.matching.application import roster as roster_module
from shared.contracts import topics
from shared.contracts.events.experts import Employment, ExpertRevised, ExpertRevisionRefused, ExpertSubmitted
from shared.contracts.events.institutions import InstitutionRejected, InstitutionState, InstitutionSubmitted
from shared.contracts.events.requests import Period
from shared.store.document import to_ms
from tests.support import matching_events as say
from tests.support.matching_world import World

PATH = "/experts/exp_1/availability"
NO_MAXIMUM = {"days_12m": None, "assignments": None}
SPRING = {"kind": "available", "first_day": "2030-04-01", "last_day": "2030-07-31"}


def body(*entries: Mapping[str, Any]) -> dict[str, object]:
    return {"entries": list(entries)}


async def considered(world: World, request_id: str) -> dict[str, set[str]]:
    """A new indicative search: expert -> codes of the rules they failed."""
    await world.hear(say.request(request_id=request_id))
    search = await world.get(f"/searches/{request_id}")
    listed: dict[str, set[str]] = {c["expert_id"]: set() for c in search["candidates"]}
    return listed | {id_: {e["code"] for e in reasons} for id_, reasons in search["exclusions"].items()}


async def test_an_announced_expert_is_considered_in_the_next_search(world: World) -> None:
    assert await considered(world, "req_before") == {}
    await world.hear(say.expert("exp_1"))
    assert await considered(world, "req_after") == {"exp_1": set()}


async def test_every_event_of_an_expert_replaces_what_was_known(world: World) -> None:
    await world.hear(say.expert("exp_1", ExpertSubmitted, status="submitted"))
    assert await considered(world, "req_1") == {"exp_1": {"inactive"}}
    await world.hear(say.expert("exp_1"))
    assert await considered(world, "req_2") == {"exp_1": set()}
    await world.hear(say.expert("exp_1", ExpertRevised, consent_to_contact=False))
    assert await considered(world, "req_3") == {"exp_1": {"no_contact_consent"}}
    await world.hear(say.expert("exp_1", ExpertRevisionRefused))
    assert await considered(world, "req_4") == {"exp_1": set()}


async def test_newer_wins_and_a_gap_is_normal_on_a_compacted_topic(world: World) -> None:
    world.tell(say.expert("exp_1", barred=True), sequence=7)
    world.tell(say.expert("exp_1"), sequence=3)
    await world.settle()
    assert await considered(world, "req_1") == {"exp_1": {"barred"}}


async def test_a_tombstone_forgets_the_expert_at_once(world: World) -> None:
    await world.hear(say.expert("exp_1"), say.expert("exp_2"))
    await world.declare("exp_1", SPRING)
    assert set(await considered(world, "req_1")) == {"exp_1", "exp_2"}
    world.bus.erase(topics.EXPERTS.name, "exp_1")
    await world.settle()
    assert set(await considered(world, "req_2")) == {"exp_2"}
    assert (await world.call("GET", PATH)).status_code == 404
    assert (await world.call("PUT", PATH, body=body())).status_code == 404
    stored = await world.kept["roster"].get("exp_1")
    assert stored is not None
    assert stored["state"] is None


async def test_a_tombstone_takes_the_declared_availability_with_it(world: World) -> None:
    await world.hear(say.expert("exp_1"))
    await world.declare("exp_1", SPRING)
    world.bus.erase(topics.EXPERTS.name, "exp_1")
    await world.settle()
    await world.bus.again("matching.roster")
    stored = await world.kept["calendars"].get("exp_1")
    assert stored is not None
    assert stored["state"]["entries"] == []
    assert [d["entries"] for d in world.data(topics.CALENDARS, "availability.declared")] == [1, 0]


async def test_what_was_said_before_the_tombstone_does_not_come_back(world: World) -> None:
    world.tell(say.expert("exp_1"))
    world.bus.erase(topics.EXPERTS.name, "exp_1")
    await world.settle()
    await world.bus.again("matching.roster")
    assert await considered(world, "req_1") == {}


async def test_many_changes_in_one_instant_are_all_read(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where a page of changes is full, or holds the traces of people who were erased."""
    monkeypatch.setattr(roster_module, "PAGE", 2)
    for number in range(7):
        world.tell(say.expert(f"exp_{number}"))
    for number in (0, 1, 4):
        world.bus.erase(topics.EXPERTS.name, f"exp_{number}")
    await world.settle()
    assert set(await considered(world, "req_1")) == {"exp_2", "exp_3", "exp_5", "exp_6"}


async def test_a_write_whose_instant_lies_far_back_is_seen_when_versions_are_compared(world: World) -> None:
    """A clock that is wrong, or a process that slept before it wrote: no look at the newest finds it."""
    await world.hear(say.expert("exp_1"), say.expert("exp_2"))
    assert await considered(world, "req_1") == {"exp_1": set(), "exp_2": set()}
    kept = world.kept["roster"]
    stored, gone = await kept.get("exp_1"), await kept.get("exp_2")
    assert stored is not None
    assert gone is not None
    back = to_ms(world.clock.now() - timedelta(days=1))
    barred = {**stored, "version": stored["version"] + 1, "updated_at": back}
    assert await kept.replace({**barred, "state": {**stored["state"], "barred": True}}, stored["revision"])
    assert await kept.delete("exp_2", gone["revision"])
    await world.pass_time(roster_module.COMPARED_EVERY - timedelta(seconds=1))
    assert set((await considered(world, "req_2"))["exp_1"]) == set(), "not found by its instant"
    await world.pass_time(timedelta(seconds=1))
    assert await considered(world, "req_3") == {"exp_1": {"barred"}}


async def test_an_employer_counts_as_known_once_it_is_verified(world: World) -> None:
    await world.hear(say.expert("exp_1"))
    await world.declare("exp_1", say.WHOLE_YEAR)
    await world.open(say.position("pos_1", 1, is_principal=True))
    assert await why_not(world, "pos_1") == {"employer_unknown"}
    await world.hear(say.institution(model=InstitutionSubmitted))
    await world.open(say.position("pos_2", 1, is_principal=True), tor_id="tor_2")
    assert await why_not(world, "pos_2") == {"employer_unknown"}
    await world.hear(say.institution())
    await world.open(say.position("pos_3", 1, is_principal=True), tor_id="tor_3")
    assert await why_not(world, "pos_3") == set()
    await world.hear(say.institution(status="suspended"))
    await world.open(say.position("pos_4", 1, is_principal=True), tor_id="tor_4")
    assert await why_not(world, "pos_4") == {"employer_unknown"}
    await world.hear(say.institution())
    world.bus.erase(topics.INSTITUTIONS.name, say.HOME)
    await world.settle()
    await world.open(say.position("pos_5", 1, is_principal=True), tor_id="tor_5")
    assert await why_not(world, "pos_5") == {"employer_unknown"}


async def test_an_employer_that_may_not_ask_for_assistance_is_known_all_the_same(world: World) -> None:
    """Found ineligible to ask, as a consultancy is: its experts are found as before."""
    await world.hear(_ineligible(say.HOME, identity_known=True))
    await world.hear(say.expert("exp_1"))
    await world.declare("exp_1", say.WHOLE_YEAR)
    await world.open(say.position("pos_1", 1, is_principal=True))
    assert await why_not(world, "pos_1") == set()


async def test_an_ineligible_employer_whose_identity_nobody_established_is_not_known(world: World) -> None:
    """It may be the asking institution, registered a second time."""
    await world.hear(_ineligible("ins_copy"))
    job = Employment(institution_id="ins_copy", country="NG", employer_type="ministry", since=date(2015, 1, 1))
    await world.hear(say.expert("exp_1", employment=job))
    await world.declare("exp_1", say.WHOLE_YEAR)
    await world.open(say.position("pos_1", 1, is_principal=True))
    assert await why_not(world, "pos_1") == {"employer_unknown"}


def _ineligible(institution_id: str, **changes: Any) -> InstitutionState:
    return say.institution(
        institution_id, model=InstitutionRejected, status="ineligible", reason="Sample reason.", **changes
    )


async def test_an_earlier_employer_of_the_look_back_counts_as_known_once_it_is_verified(world: World) -> None:
    before = Employment(institution_id="ins_before", country="BE", employer_type="ministry", until=date(2029, 6, 1))
    await world.hear(say.institution(), say.expert("exp_1", previous_employments=(before,)))
    await world.declare("exp_1", say.WHOLE_YEAR)
    await world.open(say.position("pos_1", 1, is_principal=True))
    assert await why_not(world, "pos_1") == {"employer_unknown"}
    await world.hear(say.institution("ins_before"))
    await world.open(say.position("pos_2", 1, is_principal=True), tor_id="tor_2")
    assert await why_not(world, "pos_2") == set()


async def test_parent_and_child_of_the_asking_institution_are_conflicts(world: World) -> None:
    await world.hear(
        say.institution(say.ASKING, parent_institution_id="ins_parent"),
        say.institution("ins_child", parent_institution_id=say.ASKING),
    )
    for id_, employer in (("exp_1", "ins_parent"), ("exp_2", "ins_child"), ("exp_3", say.ASKING), ("exp_4", say.HOME)):
        employment = Employment(institution_id=employer, country="NG", employer_type="ministry")
        await world.hear(say.expert(id_, employment=employment))
    found = await considered(world, "req_1")
    assert {id_: "conflict_of_interest" in codes for id_, codes in found.items()} == {
        "exp_1": True, "exp_2": True, "exp_3": True, "exp_4": False,
    }  # fmt: skip


async def why_not(world: World, position_id: str, expert_id: str = "exp_1") -> set[str]:
    """The codes for which an expert is not on the list of a position."""
    found = await world.get(f"/searches/{position_id}/candidates/{expert_id}")
    return {reason["code"] for reason in found["exclusions"]}


# --- availability over HTTP -------------------------------------------------------------------------------------------


async def test_the_calendar_of_somebody_unknown_is_not_found_and_that_of_somebody_known_is_empty(world: World) -> None:
    assert (await world.call("GET", PATH)).status_code == 404
    assert (await world.call("PUT", PATH, body=body(SPRING))).status_code == 404
    await world.hear(say.expert("exp_1"))
    answer = await world.call("GET", PATH)
    assert answer.status_code == 200
    assert answer.headers["ETag"] == '"0"'
    assert answer.json() == {"expert_id": "exp_1", "version": 0, "entries": [], "own_maximum": NO_MAXIMUM, "holds": []}


async def test_what_was_declared_is_read_back_and_announced_once(world: World) -> None:
    await world.hear(say.expert("exp_1"))
    given = {**SPRING, "kind": "tentative", "modes": ["remote"], "excluded": ["SSA"], "max_days": 20}
    answer = await world.call("PUT", PATH, "expert", "exp_1", body=body(given, SPRING))
    assert answer.status_code == 200
    assert answer.headers["ETag"] == '"1"'
    plain: dict[str, Any] = {"modes": [], "excluded": [], "max_days": None}
    assert answer.json()["entries"] == [{**SPRING, **plain}, given]
    assert await world.get(PATH) == answer.json()
    await world.settle()
    assert world.data(topics.CALENDARS, "availability.declared") == [{"expert_id": "exp_1", "entries": 2}]


async def test_an_edit_says_which_version_it_replaces(world: World) -> None:
    await world.hear(say.expert("exp_1"))
    assert (await world.call("PUT", PATH, body=body(SPRING), if_match='"3"')).status_code == 412
    assert (await world.call("PUT", PATH, body=body(SPRING), if_match='"0"')).status_code == 200
    assert (await world.call("PUT", PATH, body=body())).status_code == 428
    assert (await world.call("PUT", PATH, body=body(), key="another edit")).status_code == 428
    assert (await world.call("PUT", PATH, body=body(), if_match='"0"')).status_code == 412
    assert (await world.call("PUT", PATH, body=body(), if_match='"7"')).status_code == 412
    assert (await world.get(PATH))["version"] == 1
    assert (await world.call("PUT", PATH, body=body(), if_match='"1"')).headers["ETag"] == '"2"'
    assert (await world.call("PUT", PATH, body=body(SPRING), if_match="*")).headers["ETag"] == '"3"'


async def test_a_repeat_with_the_same_key_has_the_same_answer_and_no_effect(world: World) -> None:
    await world.hear(say.expert("exp_1"))
    first = await world.call("PUT", PATH, body=body(SPRING), key="mine")
    again = await world.call("PUT", PATH, body=body(SPRING), key="mine")
    assert (again.status_code, again.headers["ETag"], again.json()) == (200, '"1"', first.json())
    await world.declare("exp_1")
    later = await world.call("PUT", PATH, body=body(SPRING), key="mine")
    assert (later.status_code, later.headers["ETag"], later.json()) == (200, '"1"', first.json())
    assert (await world.get(PATH))["entries"] == []
    other = await world.call("PUT", PATH, body=body(), key="mine")
    assert other.status_code == 422
    assert other.json()["type"].endswith("idempotency-key-reused")


async def test_accepted_days_cannot_be_declared_unavailable(offered: World) -> None:
    inside = {"kind": "unavailable", "first_day": "2030-06-10", "last_day": "2030-06-10"}
    await offered.declare("exp_1", say.WHOLE_YEAR, inside)  # while only offered: the expert may still say so
    await offered.declare("exp_1", say.WHOLE_YEAR)
    await offered.accept()
    before = await offered.get(PATH)
    answer = await offered.call("PUT", PATH, "expert", "exp_1", body=body(inside), if_match="*")
    assert answer.status_code == 409
    assert await offered.get(PATH) == before
    beside = {"kind": "unavailable", "first_day": "2030-06-15", "last_day": "2030-06-20"}
    assert (await offered.call("PUT", PATH, body=body(beside), if_match="*")).status_code == 200


async def test_experts_see_and_write_their_own_calendar_only(world: World) -> None:
    await world.hear(say.expert("exp_1"), say.expert("exp_2"))
    assert (await world.call("GET", PATH, "expert", "exp_1")).status_code == 200
    assert (await world.call("GET", PATH, "expert", "exp_2")).status_code == 404
    assert (await world.call("PUT", PATH, "expert", "exp_2", body=body(SPRING))).status_code == 404
    assert (await world.get(PATH))["entries"] == []
    assert (await world.call("PUT", PATH, "officer", body=body(SPRING))).status_code == 200


async def test_an_own_maximum_is_kept_and_counts_what_was_accepted_here(opened: World) -> None:
    """Without anybody entering figures: the acceptance alone makes the next assignment one too many."""
    await opened.hear(*(say.expert(id_, days_last_12m=0) for id_ in ("exp_1", "exp_2")))
    for id_, most in (("exp_1", {"days_12m": 29}), ("exp_2", {"assignments": 1})):
        given = {"entries": [say.WHOLE_YEAR], "own_maximum": most}
        answer = await opened.call("PUT", f"/experts/{id_}/availability", "expert", id_, body=given, if_match="*")
        assert answer.json()["own_maximum"] == {**NO_MAXIMUM, **most}
    for position_id in (say.LEAD, say.SECOND):
        await opened.approve(position_id)
        await opened.accept(position_id)
    july = Period(first_day=date(2030, 7, 8), last_day=date(2030, 7, 19))
    await opened.open(say.position("pos_more", 1, is_principal=True), tor_id="tor_more", onsite=july)
    for id_ in ("exp_1", "exp_2"):
        assert await why_not(opened, "pos_more", id_) == {"own_maximum"}
    assert await why_not(opened, "pos_more", "exp_3") == set()


async def test_who_was_asked_less_in_the_last_12_months_comes_first(opened: World) -> None:
    await opened.approve()
    await opened.decline()
    await opened.decline()
    await opened.open(say.position("pos_later", 1, is_principal=True), tor_id="tor_later")
    listed = [row["expert_id"] for row in (await opened.position("pos_later"))["shortlist"]]
    assert listed == ["exp_4", "exp_1", "exp_2", "exp_3"]


async def test_days_held_for_an_offer_are_shown_until_they_are_free_again(offered: World) -> None:
    hold = (await offered.get(PATH))["holds"]
    assert [(h["first_day"], h["last_day"], h["state"]) for h in hold] == [("2030-06-03", "2030-06-14", "offered")]
    assert datetime.fromisoformat(hold[0]["expires_at"]) == datetime(2030, 3, 10, 12, tzinfo=UTC)
    await offered.decline()
    assert (await offered.get(PATH))["holds"] == []
