"""Whatever lies on a topic, a case is told and a backup restored: what consumers park is named, and not believed."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import bson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deploy.terminal.backups import since
from deploy.terminal.backups.own import passed_over
from deploy.terminal.backups.sequences import guards, moved
from deploy.terminal.backups.since import Beyond, read_beyond
from deploy.terminal.commands.trace import _as_json, _unreadable
from deploy.terminal.looks.case import _said
from deploy.terminal.looks.way import Case, Step, way
from shared.contracts.topics import EXPERTS, REQUESTS, TOPICS
from shared.ids import derived_id
from shared.store.said import said_before
from tests.support.raw_records import CORRELATION, Raw, example, raw, records
from tests.unit.terminal.test_backup_sequences import document

SERVICE = "registration"
HOMES = [("experts", EXPERTS.name), ("requests", REQUESTS.name)]
GROUPS = {"registration.timeline-request": [REQUESTS.name]}
NOW = datetime(2030, 1, 7, 12, tzinfo=UTC)


def case_of(*given_: Raw) -> Case:
    return Case(CORRELATION, said=[said for one in given_ if (said := _said(one, CORRELATION)) is not None])


def steps_of(case: Case) -> list[Step]:
    steps = way(case, NOW)
    json.dumps([_as_json(step) for step in steps])
    return steps


@pytest.mark.parametrize("at", ["yesterday", None, "2030-01-07T09:00:00"])
def test_an_instant_that_is_none_makes_a_step_that_cannot_be_read(at: Any) -> None:
    topic, envelope = example("request.submitted")
    good = raw(topic, envelope)
    again = raw(topic, envelope | {"sequence": 2, "occurred_at": at}, offset=4, timestamp=2**62)
    case = case_of(good, again)
    told = [step.what.partition(" #")[0] for step in steps_of(case)]
    assert told == ["a record that cannot be read", "request.submitted"]
    assert _unreadable(case) == [f"{topic} 0/4: envelope breaks its schema"]


def test_a_header_without_a_value_is_no_fault() -> None:
    topic, envelope = example("request.submitted")
    headers = (("correlation_id", CORRELATION.encode()), ("event_id", None), ("sequence", None))
    (step,) = steps_of(case_of(raw(topic, envelope, headers=headers)))[:1]
    assert step.what.startswith("request.submitted #")


def test_a_record_that_cannot_be_read_hides_no_event() -> None:
    topic, envelope = example("request.submitted")
    headers = (
        ("correlation_id", CORRELATION.encode()),
        ("event_id", envelope["event_id"].encode()),
        ("sequence", str(envelope["sequence"]).encode()),
    )
    good = raw(topic, envelope, headers=headers, offset=5)
    spoilt = raw(topic, envelope, headers=headers, offset=1, value=b"{")
    told = [step.what for step in steps_of(case_of(spoilt, good)) if not step.open]
    assert len(told) == 2
    topic, following = example("match.completed")
    caused = following | {"causation_id": envelope["event_id"]}
    after = [step.after for step in steps_of(case_of(spoilt, good, raw(topic, caused)))]
    assert "request.submitted" in after


@settings(max_examples=50, deadline=None)
@given(st.lists(records(), max_size=6))
def test_a_way_is_told_whatever_lies_on_the_topics(given_: list[Raw]) -> None:
    case = case_of(*given_)
    steps = steps_of(case)
    assert sorted(step.at for step in steps if not step.open) == [step.at for step in steps if not step.open]
    assert len(_unreadable(case)) == len([said for said in case.said if said.event is None and said.unreadable])
    assert all(step.waited is None or step.waited >= timedelta() for step in steps if not step.open)


def beyond(given_: list[Raw]) -> Beyond:
    """What a restore of registration finds where its topics hold these."""

    async def scanned(_kafka: Any, names: Any, keep: Any, *, whole: bool) -> list[Any]:
        assert not whole
        return [kept for one in given_ if one.topic in names and (kept := keep(one)) is not None]

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(since, "scan", scanned)
        return asyncio.run(read_beyond(["kafka:9092"], SERVICE, {}))


FAULTS: dict[str, dict[str, Any]] = {
    "actor that is a word": {"actor": "me"},
    "sequence of consumers' nightmares": {"sequence": 999_999, "data": {}},
    "sequence no database holds": {"sequence": 10**19},
    "sequence that is a word": {"sequence": "the third"},
}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_consumers_park_moves_no_sequence_and_is_named(fault: str) -> None:
    topic, envelope = example("expert.revised")
    found = beyond([raw(topic, envelope | {"sequence": 4}), raw(topic, envelope | FAULTS[fault], offset=9)])
    assert found.highest == {(topic, envelope["aggregate"]["id"]): 4}
    assert [said.partition(":")[0] for said in found.unreadable] == [f"{topic} 0/9"]
    assert [said.sequence for said in found.since] == [4]


@pytest.mark.parametrize("value", [b"[" * 3000, b'{"sequence": ' + b"9" * 5000 + b"}", b'{"sequence": 999999}'])
def test_no_value_ends_a_restore(value: bytes) -> None:
    found = beyond([Raw(REQUESTS.name, b"req_1", value, (("sequence", b"999999"),))])
    assert (found.highest, len(found.unreadable)) == ({}, 1)


def written(type_: str, number: int, *, offset: int, **changed: Any) -> Raw:
    """A record of the service's own: id and headers as it writes them, whatever else is `changed`."""
    topic, envelope = example(type_)
    key = envelope["aggregate"]["id"]
    event_id = derived_id("evt", topic, key, str(number))
    headers = (("event_id", event_id.encode()), ("sequence", str(number).encode()))
    said = envelope | {"sequence": number, "event_id": event_id} | changed
    return raw(topic, said, headers=headers, offset=offset)


OWN: dict[str, dict[str, Any]] = {
    "a version of a later release": {"version": 99},
    "a type of a later release": {"type": "request.reconsidered"},
    "data that this release refuses": {"data": {}},
    "an envelope that a later release has changed": {"actor": {"kind": "committee", "id": "x"}},
}


@pytest.mark.parametrize("fault", OWN)
def test_what_the_service_itself_announced_counts_though_this_release_cannot_read_it(fault: str) -> None:
    topic, envelope = example("request.submitted")
    place = (topic, envelope["aggregate"]["id"])
    given_ = [
        written("request.submitted", 1, offset=3),
        written("request.submitted", 3, offset=8, **OWN[fault]),  # its partitions were raised: read before #2
        written("request.submitted", 2, offset=7, **OWN[fault]),
    ]
    found = beyond(given_)
    assert (found.highest[place], found.ends[place], found.lost()) == (3, 9, {place: [1, 2, 3]})
    assert [one.sequence for one in found.since if one.entry is None] == [2, 3]
    assert not any(found.again(one) for one in found.since if one.entry is None)
    told = [(said.partition(":")[0], said.rpartition("; ")[2]) for said in found.unreadable]
    assert told == [(f"{topic} 0/{6 + n}", f"counts as #{n + 1} of {place[1]}") for n in (1, 2)]
    (row,) = guards(HOMES, [], found.highest, found.said())["requests"]
    assert row["sequences"] == {topic: 3}


def test_what_followed_from_what_cannot_be_read_is_gone_with_it() -> None:
    later = written("request.submitted", 1, offset=1, version=99)
    cause = json.loads(later.value or b"")["event_id"]
    system = {"kind": "system", "id": "x", "role": "system"}
    found = beyond([later, written("tor.drafted", 1, offset=2, causation_id=cause, actor=system)])
    assert [found.again(one) for one in found.since] == [False, False]


STRANGERS: dict[str, dict[str, Any]] = {
    "a jump": {"sequence": 5},
    "an id of another place": {"event_id": "evt_other"},
    "a number that the header does not bear": {"sequence": 999_999},
    "another aggregate": {"aggregate": {"type": "request", "id": "req_other"}},
}


@pytest.mark.parametrize("fault", STRANGERS)
def test_what_a_stranger_wrote_moves_nothing_whatever_it_looks_like(fault: str) -> None:
    topic, envelope = example("request.submitted")
    place, said = (topic, envelope["aggregate"]["id"]), STRANGERS[fault]
    planted = written("request.submitted", 5 if fault == "a jump" else 2, offset=9, version=99, **said)
    found = beyond([written("request.submitted", 1, offset=3), planted])
    assert (found.highest, found.lost(), found.ends) == ({place: 1}, {place: [1]}, {place: 4})
    assert [said.rpartition("; ")[2] for said in found.unreadable] == ["moves nothing"]


def test_on_a_compacted_topic_what_the_service_wrote_may_jump() -> None:
    topic, envelope = example("expert.revised")
    found = beyond([written("expert.revised", 2, offset=1), written("expert.revised", 8, offset=4, version=99)])
    assert found.highest == {(topic, envelope["aggregate"]["id"]): 8}


def test_headers_without_a_value_go_out_again_as_they_may() -> None:
    topic, envelope = example("tor.drafted")
    system = envelope | {"actor": {"kind": "system", "id": "x", "role": "system"}}
    found = beyond([raw(topic, system, headers=(("trace", None), ("nul\0", b"x"), ("type", b"tor.drafted")))])
    (entries,) = found.said().values()
    assert entries[0]["headers"] == {"trace": "", "type": "tor.drafted"}


@settings(max_examples=50, deadline=None)
@given(st.lists(records(), max_size=6))
def test_a_database_can_be_written_whatever_lies_on_the_topics(given_: list[Raw]) -> None:
    found = beyond(given_)
    own = [one for one in given_ if TOPICS[one.topic].producer == SERVICE]
    assert len(found.unreadable) <= len(own)
    said = found.said()
    rows = [row for made in guards(HOMES, [], found.highest, said).values() for row in made]
    rows += passed_over(SERVICE, GROUPS, found, (), NOW).values()
    rows += [moved(document(key), [topic], found.highest, said) for topic, key in found.highest]
    for row in rows:
        bson.encode(row)
    for entries in said.values():
        assert all(said_before(entries, entry) for entry in entries)
    json.dumps([one.as_json(again=found.again(one)) for one in found.since])
