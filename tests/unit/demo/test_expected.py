"""The demo's own check of who was told."""

from __future__ import annotations

from typing import Any

import pytest

from deploy.demo.bodies import sample_employers, sample_experts
from deploy.demo.expected import STORY, differences, expected, unannounced
from deploy.demo.office import FUNCTIONS, Case, Institution, Office

MAIL = ("evt_1", "con_1", "mail")


def _delivery(recipient: str, state: str, event: str = "evt_1") -> dict[str, str]:
    return {"event_id": event, "recipient": recipient, "channel": "mail", "state": state}


OFFICERS = {"sta_manager", "sta_pool_manager"}


EMPLOYER = sample_employers()[0]["institution"]["name"]["en"]


def _story() -> tuple[list[Case], Office]:
    """A case of ins_1, the office, one employer, and every sample expert under exp_<key>."""
    case = Case({"key": "sample"}, institution_id="ins_1", delegation_id="del_1")
    case.contacts = {"focal_point": "con_focal", "signatory": "con_sign"}
    office = Office(staff={function: f"sta_{function}" for function in FUNCTIONS})
    office.experts = {sample["key"]: f"exp_{sample['key']}" for sample in sample_experts()}
    office.employers = {EMPLOYER: Institution("ins_e", {"focal_point": "con_e_focal", "supervisor": "con_e_super"})}
    return [case], office


def _told(kind: str, **data: Any) -> set[str]:
    """Who should be told of such an event of ins_1, on both channels alike."""
    cases, office = _story()
    event = {"event_id": "evt_1", "type": kind, "data": {"institution_id": "ins_1", **data}}
    told = expected([event], cases, office)
    by_mail, in_inbox = ({who for _, who, channel in told if channel == c} for c in ("mail", "inbox"))
    assert by_mail == in_inbox
    return by_mail


@pytest.mark.parametrize("kind", ["institution.verified", "institution.rejected"])
def test_the_delegation_learns_what_was_found_of_an_institution(kind: str) -> None:
    assert _told(kind) == {"con_focal", "del_1"}


@pytest.mark.parametrize("kind", ["institution.verified", "institution.rejected"])
def test_an_employer_inside_the_union_learns_it_alone(kind: str) -> None:
    assert _told(kind, institution_id="ins_e") == {"con_e_focal"}
    assert _told("institution.submitted", institution_id="ins_e") == {"sta_desk"}


@pytest.mark.parametrize("consent", ["yes", "by_assignment", "no"])
def test_the_supervisor_gets_a_copy_under_general_consent_alone(consent: str) -> None:
    """Whatever the event names: the employer is known from the roster."""
    copy = {"con_e_super"} if consent == "yes" else set()
    found = [s for s in sample_experts() if s["employer_consent"] == consent]
    for there, expert in {s["employer_name"] == EMPLOYER: f"exp_{s['key']}" for s in found}.items():
        named = {"expert_id": expert, "employer_institution_id": "ins_e"}
        told = copy if there else set()
        assert _told("assignment.offered", **named) == {expert} | told
        assert _told("assignment.accepted", **named) == {"sta_manager", "con_focal", "sta_logistics"} | told


def test_an_expert_learns_that_an_offer_lapsed_and_not_again_that_they_declined() -> None:
    assert _told("assignment.expired", expert_id="exp_1") == {*OFFICERS, "exp_1"}
    assert _told("assignment.declined", expert_id="exp_1") == OFFICERS


def test_what_waited_for_a_function_and_was_released_told_nobody() -> None:
    found = [_delivery("focal_point@institution:ins_1", "released"), _delivery("con_1", "sent")]
    assert differences({MAIL}, found) == []


def test_a_released_delivery_does_not_stand_for_the_person_it_was_for() -> None:
    assert differences({MAIL}, [_delivery("con_1", "released")]) == [f"not told: {MAIL}"]


def test_what_still_waits_what_is_missing_what_is_wrong_and_what_is_double_is_named() -> None:
    waits = ("evt_1", "focal_point@institution:ins_1", "mail")
    found = [_delivery(waits[1], "waiting"), _delivery("con_2", "sent", "evt_2"), _delivery("con_2", "sent", "evt_2")]
    double = ("evt_2", "con_2", "mail")
    assert differences({MAIL, double}, found) == [
        f"not told: {MAIL}",
        f"told and should not have been: {waits}",
        f"told 2 times: {double}",
    ]


def test_a_kind_of_event_that_never_came_is_named_though_nobody_was_to_be_told_of_it() -> None:
    events = [{"type": kind} for kind in (*STORY, "expert.revised")]
    assert unannounced(events) == []
    without = [event for event in events if event["type"] != "deadline.approaching"]
    assert unannounced(without) == ["never announced: deadline.approaching"]
