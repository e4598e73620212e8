"""A record is an event, an erasure, or has a reason why it is neither."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts import topics
from shared.contracts.events.evaluations import EvaluationCompleted
from shared.messaging.event import ErasedKey, Event, Malformed, decode, source_of
from shared.messaging.record import Kept, Record, shown
from shared.store import Happened, Step
from tests.support.messages import contact, evaluation, record, value


def good(**changed: Any) -> Record:
    return Record(0, 7, b"eva_1", value(evaluation("eva_1"), "eva_1", 3, **changed))


def read(given: Record, topic: topics.Topic = topics.EVALUATIONS) -> Event[Any] | ErasedKey | Malformed:
    return decode(given, topic, "matching")


def test_a_good_record_becomes_a_typed_event_with_its_cause() -> None:
    event = read(good(traceparent="00-" + "a" * 32 + "-" + "b" * 16 + "-01"))
    assert isinstance(event, Event)
    assert isinstance(event.data, EvaluationCompleted)
    cause = event.cause()
    assert (cause.source, cause.sequence, cause.contiguous) == ("delivery-evaluations/eva_1", 3, True)
    assert cause.origin.actor.id == "matching"
    assert cause.origin.actor.kind == "system"
    assert cause.origin.correlation_id == "case-1"
    assert cause.origin.causation_id == "evt_eva_1_3"
    assert cause.origin.traceparent == event.envelope.traceparent


def test_an_unknown_field_is_tolerated() -> None:
    told = json.loads(good().value or b"")
    told["data"]["added_later"] = 1
    told["also_later"] = {}
    assert isinstance(read(Record(0, 0, b"eva_1", json.dumps(told).encode())), Event)


def _data(**changed: Any) -> bytes:
    told = json.loads(good().value or b"")
    told["data"].update(changed)
    return json.dumps(told).encode()


@pytest.mark.parametrize(
    ("planted", "reason"),
    [
        (Record(0, 0, b"eva_1", b"{not json"), "bad JSON"),
        (Record(0, 0, b"eva_1", b""), "bad JSON"),
        (Record(0, 0, b"eva_1", b'{"a": "\xff"}'), "bad JSON"),
        (Record(0, 0, b"eva_1", b"[1, 2]"), "envelope breaks its schema"),
        (Record(0, 0, b"eva_1", b"{}"), "envelope breaks its schema"),
        (Record(0, 0, b"eva_1", good().value, (("type", b"\xff\xfe"),)), "bad UTF-8 header"),
        (Record(0, 0, b"eva_1", good().value, (("\udcff", b"x"),)), "bad UTF-8 header"),
        (Record(0, 0, b"", good().value), "empty key"),
        (Record(0, 0, b"\xff", good().value), "key is not UTF-8"),
        (Record(0, 0, b"eva_2", good().value), "key differs from the aggregate's id"),
        (Record(0, 0, b"eva_1", None), "tombstone on a topic that is kept for ever"),
        (good(version=99), "type or version is not in the catalogue"),
        (good(type="evaluation.invented"), "type or version is not in the catalogue"),
        (good(type="request.submitted"), "type or version is not in the catalogue"),
        (Record(0, 0, b"eva_1", _data(rating=9)), "data breaks its schema"),
    ],
)
def test_each_malformed_record_has_its_reason(planted: Record, reason: str) -> None:
    found = read(planted)
    assert isinstance(found, Malformed)
    assert found.reason == reason


def test_the_reason_does_not_repeat_values() -> None:
    record_ = Record(0, 0, b"c_1", value(contact("c_1"), "c_1", 1).replace(b'"staff"', b'"a secret name"'))
    found = read(record_, topics.CONTACTS)
    assert isinstance(found, Malformed)
    assert "secret" not in found.detail
    assert "kind" in found.detail


def test_a_tombstone_on_a_compacted_topic_is_an_erasure_with_a_guard() -> None:
    found = read(Record(0, 0, b"c_1", None, (("sequence", b"4"), ("event_id", b"evt_4"))), topics.CONTACTS)
    assert isinstance(found, ErasedKey)
    assert found == "c_1"
    cause = found.cause()
    assert isinstance(cause, Happened)
    assert (cause.source, cause.sequence, cause.contiguous) == ("registration-contacts/c_1", 4, False)


def test_a_tombstone_from_elsewhere_erases_without_a_guard() -> None:
    found = read(Record(0, 0, b"c_1", None), topics.CONTACTS)
    assert isinstance(found, ErasedKey)
    assert isinstance(found.cause(), Step)


def test_a_source_has_no_dot_and_is_unambiguous() -> None:
    assert "." not in source_of(topics.EVALUATIONS, "a.b")
    assert len({source_of(topics.EVALUATIONS, key) for key in ("a.b", "a-b", "a%2Eb", "a%b")}) == 4


@given(st.binary(max_size=60), st.binary(max_size=200) | st.none(), st.lists(st.tuples(st.text(), st.binary())))
def test_decoding_never_raises(key: bytes, raw: bytes | None, headers: list[tuple[str, bytes]]) -> None:
    for topic in (topics.EVALUATIONS, topics.CONTACTS):
        read(Record(0, 0, key, raw, tuple(headers)), topic)


@given(st.binary(max_size=60), st.binary(max_size=60))
def test_bytes_are_kept_as_they_are_and_keys_shown_apart(one: bytes, other: bytes) -> None:
    assert Kept.model_validate_json(Kept.of(one).model_dump_json()).raw() == one
    assert (shown(one) == shown(other)) is (one == other)


def test_a_record_builder_of_these_tests_is_good() -> None:
    assert isinstance(read(record("eva_9", 1)), Event)
