"""Whatever lies on a topic, an audit ends: what consumers park is named by its place, and believed in nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deploy.audit import Evidence, audit
from deploy.audit.evidence import _record
from deploy.audit.progress import Progress
from deploy.audit.reading import heard, published_at
from shared.contracts import topics
from tests.support.raw_records import Raw, example, raw, records
from tests.unit.audit.evidence_of_a_case import document, sound
from tests.unit.audit.evidence_of_a_team import whole


def without(type_: str, field: str) -> Raw:
    topic, envelope = example(type_)
    del envelope["data"][field]
    return raw(topic, envelope, partition=2, offset=7)


def changed(type_: str, **said: Any) -> Raw:
    topic, envelope = example(type_)
    return raw(topic, envelope | said, partition=2, offset=7)


FAULTY = {
    "offer without its id": (without("assignment.offered", "offer_id"), "data breaks its schema"),
    "team without its activity": (without("team.complete", "activity_id"), "data breaks its schema"),
    "cause that is a number": (changed("match.completed", causation_id=7), "envelope breaks its schema"),
    "actor that is a word": (changed("match.completed", actor="me"), "envelope breaks its schema"),
    "instant without a zone": (changed("match.completed", occurred_at="2030-01-07T09:00:00"), "envelope breaks"),
    "sequence no database holds": (changed("expert.revised", sequence=10**19), "sequence of more than 15 digits"),
    "brackets": (Raw(topics.REQUESTS.name, b"req_1", b"[" * 3000, (), 2, 7), "bad JSON"),
    "digits": (Raw(topics.REQUESTS.name, b"req_1", b"9" * 5000, (), 2, 7), "bad JSON"),
}


@pytest.mark.parametrize("name", FAULTY)
def test_a_faulty_record_is_named_by_its_place_and_does_nothing_else(name: str) -> None:
    planted, why = FAULTY[name]
    world = sound()
    before = audit(world).as_json()
    world.records.append(_record(planted))
    findings = audit(world)
    (told,) = findings.unreadable
    assert told.startswith(f"{planted.topic} 2/7: {why}")
    assert findings.clean, "its consumers park it, and tell"
    assert {**findings.as_json(), "unreadable": 0, "findings": {}} == {**before, "findings": {}}


def test_a_header_without_a_value_is_no_fault() -> None:
    topic, envelope = example("request.submitted")
    planted = raw(topic, envelope, headers=(("trace", None), ("event_id", None)))
    assert heard(planted).event == heard(raw(topic, envelope)).event is not None
    assert _record(planted).event_id == envelope["event_id"]


def test_what_a_stranger_says_of_a_sequence_is_no_event() -> None:
    world = sound()
    for offset, sequence in enumerate((b"999999", b"2", b"9" * 5000)):
        headers = (("sequence", sequence), ("event_id", b"evt_other"))
        world.records.append(_record(Raw("registration.requests", b"req_1", b"{", headers, 1, offset)))
    findings = audit(world)
    assert findings.clean, findings.as_json()
    assert len(findings.unreadable) == 3


def test_an_event_that_its_producer_spoilt_is_unreadable_and_not_lost_besides() -> None:
    world = sound()
    spoilt = next(record for record in world.records if record.event_id == "evt_request_req_1_2")
    world.records[world.records.index(spoilt)] = replace(spoilt, event=None, unreadable="bad JSON")
    findings = audit(world)
    assert [said for said in findings.lost if "is not on its topic" in said or "which is on no topic" in said] == []
    assert len(findings.unreadable) == 1


def test_a_contact_is_known_by_what_can_be_read_of_them() -> None:
    world = whole()
    there = world.on(topics.CONTACTS.name)
    world.records.append(replace(there[0], event=None, offset=99, sequence=2, unreadable="bad JSON"))
    assert world.on(topics.CONTACTS.name) == there


@pytest.mark.parametrize("sequence", [10**14, 999_999])
def test_a_number_nobody_decided_costs_no_time(sequence: int) -> None:
    topic, envelope = example("contact.recorded")
    world = sound()
    world.records.append(_record(raw(topic, envelope | {"sequence": sequence})))
    world.documents["notifications"]["contacts"] = [document(envelope["aggregate"]["id"])]
    assert [said for said in audit(world).lost if "no document has decided it" in said]


def test_an_instant_that_is_none_is_the_beginning_of_time() -> None:
    topic, envelope = example("match.empty")
    assert published_at(raw(topic, envelope, timestamp=2**62)).year == 1970


@settings(max_examples=50, deadline=None)
@given(st.lists(records(), max_size=6), st.booleans())
def test_an_audit_ends_whatever_lies_on_the_topics(given_: list[Raw], at_work: bool) -> None:
    world: Evidence = whole()
    world.records += [_record(planted) for planted in given_]
    world.progress = Progress() if at_work else None
    findings = audit(world)
    parked = [planted for planted in given_ if heard(planted).unreadable]
    assert len(findings.unreadable) == len(parked)
