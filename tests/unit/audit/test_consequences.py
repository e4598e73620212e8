"""What was announced and had no consequence is lost: terms without positions, a filled team that nobody announces."""

from __future__ import annotations

import json

import pytest

from deploy.audit import Evidence, audit
from tests.support.kills import wrong_by_the_auditor
from tests.unit.audit.evidence_of_a_case import event, sound
from tests.unit.audit.evidence_of_a_team import World, at_work, parked, whole

NO_TEAM = "every position of tor_1 is accepted, and no team.complete says so"
FOLLOW_UP = ("matching.follow-up", "matching.positions")


def unannounced() -> Evidence:
    return whole(complete=False)


def test_a_case_up_to_a_complete_team_has_no_findings_at_rest_or_at_work() -> None:
    assert audit(whole()).clean, audit(whole()).as_json()
    assert audit(at_work(whole()), with_mail=False).clean


def test_a_filled_team_that_is_not_announced_is_lost() -> None:
    assert audit(unannounced()).lost == [NO_TEAM]
    assert audit(at_work(unannounced()), with_mail=False).lost == [NO_TEAM]


@pytest.mark.parametrize(
    ("offers", "until", "doubled"),
    [
        (("off_1", "off_1"), (1, 2), False),
        (("off_1", "off_1"), (1, 1), True),
        (("off_1", "off_1"), (2, 1), True),
        (("off_1", "off_2"), (1, 2), True),
    ],
)
def test_days_that_one_cause_holds_again_are_doubled_unless_they_are_held_longer(
    offers: tuple[str, str], until: tuple[int, int], doubled: bool
) -> None:
    world = World()
    for offer_id, second in zip(offers, until, strict=True):
        about = {"offer_id": offer_id, "expires_at": f"2030-05-01T10:00:0{second}.500000Z"}
        world.say("matching.calendars", "availability.held", "exp_1", "evt_cause", **about)
    assert bool(audit(world.evidence).duplicates) is doubled


def test_kills_are_judged_by_it_too() -> None:
    assert wrong_by_the_auditor(audit(unannounced()), []) == [f"lost: {NO_TEAM}"]


def test_a_team_that_is_not_filled_is_not_asked_for() -> None:
    assert audit(whole(accepted=(1,), complete=False)).clean


@pytest.mark.parametrize("leads", [(), (1, 2)])
def test_a_team_without_exactly_one_principal_is_not_asked_for(leads: tuple[int, ...]) -> None:
    assert audit(whole(complete=False, leads=leads)).clean


def test_a_team_on_its_way_is_pending() -> None:
    young = audit(at_work(unannounced(), matching__follow_up=1), with_mail=False)
    assert (young.lost, young.pending) == ([], [NO_TEAM])
    waits = parked(at_work(unannounced()), *FOLLOW_UP, "pos_2")
    assert NO_TEAM in audit(waits, with_mail=False).pending
    announced = unannounced()
    said = event("team.complete", "team", "team_1", 1, "evt_position_pos_2_4")
    announced.documents["matching"]["teams"][0] |= {
        "sequences": {"matching.teams": 1},
        "outbox": [{"topic": "matching.teams", "sequence": 1, "value": json.dumps(said)}],
    }
    findings = audit(announced)
    assert findings.lost == []
    assert NO_TEAM in findings.pending


def test_a_team_of_an_acceptance_that_an_operator_discarded_is_not_asked_for() -> None:
    world = parked(unannounced(), *FOLLOW_UP, "pos_2", discarded=(4,))
    world.documents["matching"]["teams"][0]["state"]["members"].pop()
    assert audit(world).lost == []


def announced(*members: tuple[str, str]) -> Evidence:
    """The whole case, in which the complete team is announced with these (position, expert)."""
    world = whole()
    (team,) = (record.event for record in world.on("matching.teams") if record.event)
    team["data"]["members"] = [{"position_id": position, "expert_id": expert} for position, expert in members]
    return world


def test_a_complete_team_has_a_member_for_each_position() -> None:
    lacking = announced(("pos_1", "exp_1"))
    said = ["team.complete team_1 has members for ['pos_1'], not as its terms"]
    assert [found for found in audit(lacking).lost if "terms" in found] == said
    lacking.records = [record for record in lacking.records if not record.event or record.key != "tor_1"]
    assert [found for found in audit(lacking).lost if "not as its terms" in found] == [], "terms that nobody has said"


def test_terms_that_changed_after_a_restore_reach_no_team() -> None:
    world = whole(finalised_again=True)
    *_, last = (record.event for record in world.on("registration.terms_of_reference") if record.event)
    last["data"]["positions"] = [*last["data"]["positions"], {"position_id": "pos_3", "is_principal": False}]
    assert [found for found in audit(world).lost if "not as its terms" in found] == []


def test_a_complete_team_names_each_position_and_each_expert_once() -> None:
    twice = announced(("pos_1", "exp_1"), ("pos_2", "exp_2"), ("pos_2", "exp_3"))
    assert audit(twice).duplicates == ["team.complete team_1 names position pos_2 2 times"]
    both = announced(("pos_1", "exp_1"), ("pos_2", "exp_1"))
    assert audit(both).duplicates == ["team.complete team_1 names expert exp_1 2 times"]


@pytest.mark.parametrize("opened", [(), (1,)])
def test_final_terms_must_open_each_of_their_positions(opened: tuple[int, ...]) -> None:
    missing = [f"pos_{n}" for n in (1, 2) if n not in opened]
    world = whole(opened=opened, accepted=opened, complete=False)
    assert audit(world).lost == [
        f"tor.finalised tor_1 #2 was not followed by {what} about {position}"
        for what in ("match.completed or match.empty", "position.opened")
        for position in missing
    ]
    young = audit(at_work(world, matching__terms_of_reference=1), with_mail=False)
    assert (young.lost, len(young.pending)) == ([], 2 * len(missing))


def test_final_terms_that_are_said_again_open_nothing_that_is_open() -> None:
    assert audit(whole(finalised_again=True)).lost == []
    missing = audit(whole(opened=(1,), accepted=(1,), complete=False, finalised_again=True)).lost
    assert {said.rpartition(" ")[2] for said in missing} == {"pos_2"}


def test_a_position_in_an_outbox_says_nothing_of_another_one() -> None:
    world = whole(opened=(), accepted=(), complete=False)
    said = event("position.opened", "position", "pos_1", 1, "evt_terms_of_reference_tor_1_2", position_id="pos_1")
    world.documents["matching"]["teams"][0]["outbox"] = [
        {"topic": "matching.positions", "sequence": 1, "value": json.dumps(said)}
    ]
    findings = audit(world)
    assert [said for said in findings.pending if "position.opened about pos_1" in said]
    assert [said for said in findings.lost if "position.opened about pos_2" in said]


def test_an_approval_without_draft_terms_is_lost() -> None:
    world = sound()
    world.records = [record for record in world.records if "terms" not in record.topic]
    del world.documents["registration"]["terms_of_reference"]
    timeline = world.documents["registration"]["timelines"][0]
    timeline["state"]["entries"] = [e for e in timeline["state"]["entries"] if "tor_1" not in e["event_id"]]
    assert audit(world).lost == ["request.approved req_1 #2 was not followed by tor.drafted"]
