"""Whoever was certainly due to be told and was not is a loss; whoever came, changed or left about then is not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from deploy.audit import Evidence, audit
from deploy.audit.people import SURELY_BEFORE_MS
from tests.unit.audit.evidence_of_a_team import PUBLISHED, TOLD, at_work, leave_out, parked, whole

SUBMITTED, APPROVED, LISTED = "evt_request_req_1_1", "evt_request_req_1_2", "evt_search_req_1_1"
OFFERED, COMPLETE = "evt_position_pos_1_3", "evt_team_team_1_1"
JUST_BEFORE = PUBLISHED - SURELY_BEFORE_MS


def untold(event_id: str, *people: str) -> Evidence:
    """The whole case, and these people were not told of the event."""
    return leave_out(whole(), lambda state: state["event_id"] == event_id and state["recipient"] in people)


def not_told(world: Evidence, of: str = "") -> set[str]:
    """Who was not told, of this event or of any, as far as it is a loss; by mail and in the inbox alike."""
    lost = [said for said in audit(world).lost if of in said]
    by_mail, by_inbox = (
        {said.rpartition(": ")[2].split()[0] for said in lost if said.endswith(f" not told by {channel}")}
        for channel in ("mail", "inbox")
    )
    assert by_mail == by_inbox
    assert all(" not told by " in said for said in lost), lost
    return by_mail


def contact(world: Evidence, id_: str, at: int | None = None, **now: Any) -> Evidence:
    """The world in which this contact is known as such `at` an instant, and was as before until then."""
    document = next(d for d in world.documents["notifications"]["contacts"] if d["_id"] == id_)
    said = next(r for r in world.records if r.topic == "registration.contacts" and r.key == id_)
    assert said.event
    data = {**said.event["data"], **now}
    offset = max(r.offset for r in world.on("registration.contacts")) + 1
    again = {**said.event, "event_id": f"{said.event_id}_again", "sequence": 2, "data": data}
    world.records.append(replace(said, offset=offset, sequence=2, event=again, event_id=again["event_id"]))
    document["state"] |= now
    document["seen"] = {"registration-contacts/" + id_: [2, 0]}
    document["updated_at"] = at or document["updated_at"]
    for owner in world.documents["registration"]["contacts"]:
        if owner["_id"] == id_:
            owner["sequences"] = {"registration.contacts": 2}
    return world


@pytest.mark.parametrize(
    ("event_id", "who"),
    [
        *((SUBMITTED, who) for who in TOLD["request.submitted"]),
        *((APPROVED, who) for who in TOLD["request.approved"]),
        *((LISTED, who) for who in TOLD["match.completed"]),
        *((OFFERED, who) for who in ("boss", "exp_1")),
        *(("evt_position_pos_1_4", who) for who in TOLD["assignment.accepted"]),
        *((COMPLETE, who) for who in TOLD["team.complete"]),
        *(("evt_institution_ins_1_1", who) for who in TOLD["institution.verified"]),
    ],
)
def test_each_person_due_must_be_told(event_id: str, who: str) -> None:
    assert not_told(untold(event_id, who)) == {who}


def test_one_receipt_of_four_is_not_enough() -> None:
    world = untold(SUBMITTED, "focal", "signs", "eud")
    assert not_told(world) == {"focal", "signs", "eud"}
    assert len(audit(at_work(world), with_mail=False).lost) == 6


def test_an_event_nobody_has_come_to_yet_is_pending_for_each_person() -> None:
    world = at_work(untold(COMPLETE, "focal"), notifications__teams=1)
    findings = audit(world, with_mail=False)
    assert findings.lost == []
    assert len([said for said in findings.pending if "focal not told by" in said]) == 2
    held_up = parked(at_work(untold(COMPLETE, "focal")), "notifications.teams", "matching.teams", "team_1")
    assert audit(held_up, with_mail=False).lost == []
    gone = parked(untold(COMPLETE, "focal"), "notifications.teams", "matching.teams", "team_1", discarded=(1,))
    assert not_told(gone) == set()


def test_who_came_about_the_time_of_the_event_is_not_asked_for() -> None:
    for made, missed in ((JUST_BEFORE - 1, {"eud"}), (JUST_BEFORE, set())):
        world = untold(APPROVED, "eud")
        known = next(d for d in world.documents["notifications"]["contacts"] if d["_id"] == "eud")
        known |= {"created_at": made, "updated_at": made}
        assert not_told(world) == missed


def test_who_was_never_taken_in_is_not_asked_for() -> None:
    world = untold(APPROVED, "eud")
    contacts = world.documents["notifications"]["contacts"]
    world.documents["notifications"]["contacts"] = [d for d in contacts if d["_id"] != "eud"]
    young = audit(at_work(world, notifications__contacts=len(contacts)), with_mail=False)
    assert young.lost == []


def test_who_was_edited_since_and_held_the_function_all_the_time_is_due() -> None:
    world = contact(untold(APPROVED, "adviser"), "adviser", at=PUBLISHED, email="new@example.org")
    assert not_told(world) == {"adviser"}


def test_of_an_edited_contact_whose_past_was_compacted_away_nothing_is_known() -> None:
    world = contact(untold(LISTED, "manager"), "manager", at=PUBLISHED, email="new@example.org")
    world.records = [r for r in world.records if (r.key, r.sequence) != ("manager", 1)]
    young = next(d for d in world.documents["registration"]["contacts"] if d["_id"] == "manager")
    young["created_at"] = 0
    assert not_told(world) == set()


@pytest.mark.parametrize("change", [{"active": False}, {"functions": ["finance"]}])
def test_who_left_about_the_time_of_the_event_is_not_asked_for(change: dict[str, Any]) -> None:
    assert not_told(contact(untold(APPROVED, "adviser"), "adviser", at=PUBLISHED, **change)) == set()
    assert not_told(contact(untold(APPROVED, "adviser"), "adviser", **change)) == {"desk"}, (
        "long before: nobody is left"
    )


def test_an_offer_without_a_named_employer_is_told_to_the_expert_alone() -> None:
    world = untold(OFFERED, "boss")
    offered = next(r for r in world.records if r.event_id == OFFERED)
    assert offered.event
    offered.event["data"]["employer_institution_id"] = None
    assert not_told(world) == set()


def test_inside_the_union_no_delegation_is_told() -> None:
    world = contact(untold(APPROVED, "eud"), "eud", countries=["NG", "FR"])
    approved = next(r for r in world.records if r.event_id == APPROVED)
    assert approved.event
    approved.event["data"]["country"] = "FR"
    assert not_told(world) == set()


def test_the_desk_is_told_of_what_nobody_ever_held() -> None:
    world = untold(LISTED, "pool_manager")
    for name in ("registration", "notifications"):
        kept = world.documents[name]["contacts"]
        world.documents[name]["contacts"] = [d for d in kept if d["_id"] != "pool_manager"]
    world.records = [r for r in world.records if r.key != "pool_manager"]
    assert not_told(world) == {"desk"}
    late = contact(world, "adviser", at=PUBLISHED, functions=["adviser", "pool_manager"])
    assert not_told(late) == set()


def test_what_waits_for_a_function_and_the_desk_is_pending_under_the_name_of_the_function() -> None:
    world = whole()
    for name in ("registration", "notifications"):
        kept = world.documents[name]["contacts"]
        world.documents[name]["contacts"] = [d for d in kept if d["_id"] != "pool_manager"]
    world.records = [r for r in world.records if r.key != "pool_manager"]
    for delivery in world.documents["notifications"]["deliveries"]:
        if delivery["state"]["recipient"] == "pool_manager":
            delivery["state"] |= {"recipient": "pool_manager@facility", "state": "waiting"}
    assert not_told(world) == set()
    assert [said for said in audit(world).pending if LISTED in said and said.endswith(" is waiting")]


def test_of_a_case_whose_named_person_has_left_those_in_their_place_are_told() -> None:
    left = contact(untold(APPROVED, "focal"), "focal", active=False)
    assert not_told(left) == set(), "nobody is in their place: the notice waits for whoever comes"
    stands_in = contact(left, "signs", functions=["signatory", "focal_point"])
    assert not_told(stands_in, APPROVED) == set(), "told as the signatory"
    assert not_told(stands_in, COMPLETE) == {"signs"}
    about_then = contact(untold(APPROVED, "focal"), "focal", at=PUBLISHED, active=False)
    assert not_told(about_then) == set()


def test_a_named_person_of_whom_nothing_is_known_yet_is_due() -> None:
    world = untold(APPROVED, "focal")
    for name in ("registration", "notifications"):
        kept = world.documents[name]["contacts"]
        world.documents[name]["contacts"] = [d for d in kept if d["_id"] != "focal"]
    world.records = [r for r in world.records if r.key != "focal"]
    assert not_told(world) == {"focal"}


@pytest.mark.parametrize(("state", "lost"), [("waiting", set()), ("released", {"focal"})])
def test_a_notice_that_waits_for_its_case_is_pending_and_a_released_one_tells_nobody(
    state: str, lost: set[str]
) -> None:
    world = whole()
    for delivery in world.documents["notifications"]["deliveries"]:
        if (delivery["state"]["event_id"], delivery["state"]["recipient"]) == (APPROVED, "focal"):
            delivery["state"] |= {"recipient": "focal_point@case:req_1", "state": state}
    assert not_told(world) == lost
    assert len(audit(world).pending) == (2 if state == "waiting" else 0)


def test_where_only_a_released_notice_is_left_nobody_was_told() -> None:
    world = untold(LISTED, "pool_manager")
    for delivery in world.documents["notifications"]["deliveries"]:
        if delivery["state"]["event_id"] == LISTED:
            delivery["state"] |= {"recipient": "manager@facility", "state": "released"}
    assert audit(world).lost == [f"match.completed {LISTED}: nobody told by {channel}" for channel in ("mail", "inbox")]
