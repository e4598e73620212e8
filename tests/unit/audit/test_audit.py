"""The auditor finds what is planted: a loss, a double, a swap; and finds nothing in a sound world."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from deploy.audit import Mail, audit
from tests.unit.audit.evidence_of_a_case import document, event, record, sound


def test_a_sound_world_has_no_findings() -> None:
    findings = audit(sound())
    assert findings.clean, findings.as_json()
    assert findings.events == 5
    assert not findings.republished
    assert not findings.mail_repeats


def test_an_event_that_was_decided_and_never_published_is_lost() -> None:
    world = sound()
    world.records = [r for r in world.records if r.event_id != "evt_request_req_1_2"]
    findings = audit(world)
    assert any("registration.requests/req_1 #2 was decided" in said for said in findings.lost)


def test_an_announcement_still_in_the_outbox_is_pending_and_not_lost() -> None:
    world = sound()
    request = world.documents["registration"]["requests"][0]
    request["sequences"]["registration.requests"] = 3
    request["outbox"] = [{"topic": "registration.requests", "sequence": 3}]
    findings = audit(world)
    assert findings.lost == []
    assert len(findings.pending) == 1


def test_a_record_nobody_decided_is_reported() -> None:
    world = sound()
    world.records.append(record("registration.requests", 2, event("request.rejected", "request", "req_1", 3)))
    assert any("no document has decided it" in said for said in audit(world).lost)


def test_an_event_that_a_consumer_never_took_in_is_lost() -> None:
    world = sound()
    world.documents["matching"]["searches"][0]["seen"]["registration-requests/req_1"] = [1, 0]
    assert any("matching.searches has taken in" in said for said in audit(world).lost)


def test_an_event_that_was_never_noted_as_told_is_lost() -> None:
    evidence = sound()
    evidence.documents["notifications"]["told"].pop()
    assert audit(evidence).lost == ["notifications.told has taken in matching.searches/req_1 up to #0 of 1"]


def test_an_event_without_its_consequence_is_lost() -> None:
    world = sound()
    world.records = [r for r in world.records if r.topic != "registration.actions"]
    world.documents["registration"]["actions"][0]["sequences"] = {}
    assert any("was not followed by action.created" in said for said in audit(world).lost)


def test_an_effect_applied_twice_is_a_duplicate() -> None:
    world = sound()
    twice = event("match.completed", "search", "req_1", 2, "evt_request_req_1_1")
    world.records.append(record("matching.searches", 1, twice))
    world.documents["matching"]["searches"][0]["sequences"] = {"matching.searches": 2}
    assert audit(world).duplicates


def test_a_delivery_made_twice_is_a_duplicate() -> None:
    world = sound()
    first = world.documents["notifications"]["deliveries"][0]
    world.documents["notifications"]["deliveries"].append({**first, "_id": "dlv_again"})
    world.mails.append(Mail("<dlv_again@sample>", first["state"]["event_id"], "officer@example.org"))
    findings = audit(world)
    assert any("exists 2 times" in said for said in findings.duplicates)
    assert any("2 different mails" in said for said in findings.duplicates)


def test_two_offers_at_once_are_a_duplicate() -> None:
    world = sound()
    for n in (1, 2):
        offered = event("assignment.offered", "position", "pos_1", n, offer_id=f"off_{n}", expert_id=f"exp_{n}")
        world.records.append(record("matching.positions", n - 1, offered))
    assert any("a second offer while off_1 was open" in said for said in audit(world).duplicates)


def test_records_swapped_on_a_topic_are_out_of_order() -> None:
    world = sound()
    world.records[2:4] = [replace(world.records[2], offset=1), replace(world.records[3], offset=0)]
    assert any("#1 first came after #2" in said for said in audit(world).out_of_order)


def test_effects_in_another_order_than_their_causes_are_out_of_order() -> None:
    world = sound()
    world.records += [
        record("matching.searches", 1, event("match.empty", "search", "s2", 1, "evt_request_req_1_2")),
        record("matching.searches", 2, event("match.empty", "search", "s2", 2, "evt_request_req_1_1")),
    ]
    assert any("matching.searches/s2 #2 acted on" in said for said in audit(world).out_of_order)


def test_a_copy_after_a_crash_is_counted_apart() -> None:
    world = sound()
    world.records.append(replace(world.records[2], offset=9))
    world.mails.append(world.mails[0])
    findings = audit(world)
    assert findings.clean
    assert len(findings.republished) == 1
    assert len(findings.mail_repeats) == 1


def test_a_sent_delivery_without_its_mail_is_lost() -> None:
    world = sound()
    world.mails.pop()
    assert any("no mail of it arrived" in said for said in audit(world).lost)


def test_nobody_told_is_lost() -> None:
    world = sound()
    world.documents["notifications"]["deliveries"] = []
    world.mails = []
    assert len(audit(world).lost) == 6


def test_a_hold_without_an_offer_is_left_over_once_its_time_is_over() -> None:
    world = sound()
    hold = {"state": "offered", "expires_at": "2020-01-01T00:00:00+00:00"}
    world.documents["matching"]["calendars"] = [document("exp_1", holds=[{"offer_id": "off_9", **hold}])]
    assert len(audit(world).holds_left) == 1


def test_a_line_told_twice_and_a_line_of_nothing_are_seen() -> None:
    world = sound()
    timeline = world.documents["registration"]["timelines"][0]
    known = world.records[0].event_id
    timeline["state"] = {"entries": [{"event_id": known}, {"event_id": known}, {"event_id": "evt_of_nothing"}]}
    findings = audit(world)
    assert any("tells" in said and "2 times" in said for said in findings.duplicates)
    assert any("evt_of_nothing" in said for said in findings.lost)


def test_two_actions_of_one_request_are_a_duplicate() -> None:
    world = sound()
    actions = world.documents["registration"]["actions"]
    actions += [document("act_2", request_id="req_2"), {**document("act_3"), "state": None}]
    assert audit(world).duplicates == []
    actions.append(document("act_4", request_id="req_1"))
    assert audit(world).duplicates == ["request req_1 has 2 actions"]


def test_a_parked_event_is_pending() -> None:
    world = sound()
    waiting = document("par_1", events=[{"error": "ValueError: sample"}])
    world.documents["matching"]["parked"] = [waiting, document("par_2", events=[])]
    assert [said for said in audit(world).pending if "parked 1 events" in said]


def test_one_sequence_with_two_contents_is_a_double() -> None:
    world = sound()
    again = world.records[-1]
    other = replace(again, offset=again.offset + 1, event={**(again.event or {}), "data": {"another": "content"}})
    world.records.append(other)
    findings = audit(world)
    assert len(findings.republished) == 1
    assert any("two records that differ" in said for said in findings.duplicates)


@pytest.mark.parametrize(
    ("service", "collection", "put_in"),
    [
        ("matching", "searches", {"_id": "of_somebody", "name": "no guard"}),
        ("matching", "parked", {"_id": "of_somebody", "seen": {}, "sequences": {}, "outbox": [], "state": "text"}),
        ("notifications", "deliveries", {"_id": "of_somebody", "seen": [], "sequences": {}, "outbox": []}),
        ("registration", "timelines", {"_id": "of_somebody", "seen": {}, "sequences": {"a.topic": 1}}),
    ],
)
def test_a_document_that_no_service_wrote_is_named_and_judged_no_further(
    service: str, collection: str, put_in: dict[str, Any]
) -> None:
    world = sound()
    world.documents[service].setdefault(collection, []).append(put_in)
    findings = audit(world)
    assert findings.foreign == [f"{service}.{collection} holds of_somebody"]
    assert (findings.sound, findings.clean) == (False, False)
    others = replace(findings, foreign=[])
    assert others.clean, others.as_json()
