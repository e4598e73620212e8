"""A notice that is one expert's goes to no other, and a mail to no address but its recipient's."""

from __future__ import annotations

from dataclasses import replace

import pytest

from deploy.audit import Evidence, Mail, audit
from tests.unit.audit.evidence_of_a_case import delivery
from tests.unit.audit.evidence_of_a_team import at_work, whole

OFFERED, COMPLETE, LISTED = "evt_position_pos_1_3", "evt_team_team_1_1", "evt_search_req_1_1"


def told(event_id: str, who: str) -> Evidence:
    """The whole case, in which this recipient has an inbox notice more."""
    world = whole()
    made = delivery(99, event_id, "inbox", "delivered")
    made["state"]["recipient"] = who
    world.documents["notifications"]["deliveries"].append(made)
    return world


def mailed(world: Evidence, who: str, to: str) -> Evidence:
    """The world in which the mails to this recipient went to another address."""
    world.mails = [replace(mail, to=to) if f"_{who}_mail@" in mail.message_id else mail for mail in world.mails]
    return world


def test_an_offer_told_to_an_expert_to_whom_it_was_not_made_is_seen() -> None:
    said = [f"delivery dlv_99 tells exp_2 of {OFFERED}, which is not theirs"]
    assert audit(told(OFFERED, "exp_2")).lost == said
    assert audit(at_work(told(OFFERED, "exp_2")), with_mail=False).lost == said


@pytest.mark.parametrize(("event_id", "who"), [(OFFERED, "manager"), (COMPLETE, "eud"), (LISTED, "exp_2")])
def test_others_may_hold_a_function(event_id: str, who: str) -> None:
    assert audit(told(event_id, who)).lost == []


@pytest.mark.parametrize("state", [None, {"contact_id": "exp_2", "kind": "erased", "erased": True}])
def test_of_whoever_is_erased_or_unknown_nothing_is_said(state: dict[str, object] | None) -> None:
    world = told(OFFERED, "exp_2")
    contact = next(d for d in world.documents["notifications"]["contacts"] if d["_id"] == "exp_2")
    contact["state"] = state
    assert [said for said in audit(world).lost if "not theirs" in said] == []


def test_a_mail_to_an_address_that_is_not_its_recipients_is_seen() -> None:
    world = mailed(whole(), "boss", "boss@elsewhere.example.org")
    lost = audit(world).lost
    assert len(lost) == 4
    assert all(said.endswith("_boss_mail went to an address that was never that of boss") for said in lost)


@pytest.mark.parametrize("to", ['"Boss, the" <boss@example.org>', "=?utf-8?b?w4k=?= <BOSS@example.org>", ""])
def test_an_address_is_read_with_its_name_and_in_any_case(to: str) -> None:
    assert audit(mailed(whole(), "boss", to)).clean


def moved(numbers: tuple[int, ...], *, erased: bool = False) -> Evidence:
    """The case in which a contact had another address before; these of the two records lie on the topic."""
    world = mailed(whole(), "boss", "Boss <boss@before.example.org>")
    (now,) = (record for record in world.on("registration.contacts") if record.key == "boss")
    assert now.event
    was = {**now.event, "data": {**now.event["data"], "email": "boss@before.example.org"}}
    there = {1: replace(now, event=None if erased else was), 2: replace(now, sequence=2, offset=99)}
    world.records = [record for record in world.records if record != now] + [there[n] for n in numbers]
    return world


def test_a_mail_to_a_former_address_or_to_one_that_nobody_knows_any_more_is_no_fault() -> None:
    for world in (moved((1, 2)), moved((2,)), moved((1, 2), erased=True), moved(())):
        assert [said for said in audit(world).lost if "address" in said] == []
    elsewhere = mailed(moved((1, 2)), "boss", "boss@elsewhere.example.org")
    assert [said for said in audit(elsewhere).lost if "address" in said]


def test_a_mail_of_no_delivery_is_said_once() -> None:
    world = whole()
    world.mails.append(Mail("<dlv_none@sample>", OFFERED, "nobody@example.org"))
    assert audit(world).lost == ["mail dlv_none belongs to no delivery"]
