"""What is written after a decision, and what is forgotten: by rule, from the values alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import bson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.ids import derived_id
from shared.store import Answer, Decision, Happened
from shared.store.causes import Cause
from shared.store.document import Document, from_ms, to_ms
from shared.store.writing import (
    ANSWERS_KEPT_BYTES,
    ANSWERS_KEPT_MOST,
    KEYS_KEPT_MOST,
    SEEN_ALWAYS_KEPT,
    SEEN_KEPT_DAYS,
    answer_of,
    answer_slot,
    blank,
    room_for_a_key,
    stored_of,
    with_answer,
    written,
)
from tests.support.sample_case import CASES, START, Case, command, happened, noting, origin, rendered, step

KEPT = timedelta(hours=24)
CHANGED = Decision(Case(notes=("a",)))


def write(before: Document, cause: Cause, now: datetime = START, decision: Decision[Case] = CHANGED) -> Document:
    return written(before, CASES, cause, decision, now, KEPT)


def heard(source: str) -> Happened:
    return Happened(origin=origin(), source=source, sequence=1, contiguous=False)


def new() -> Document:
    return blank("case_1", step(), START)


@given(st.integers(0, 4_102_444_800_000))
def test_instants_are_exact_to_the_millisecond(ms: int) -> None:
    assert to_ms(from_ms(ms)) == ms


@given(st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - the strategy's bounds
def test_an_instant_is_rounded_down_and_keeps_its_order(instant: datetime) -> None:
    kept = from_ms(to_ms(instant))
    assert kept.tzinfo is UTC
    assert timedelta(0) <= instant - kept < timedelta(milliseconds=1)


def test_an_instant_in_another_zone_is_the_same_instant() -> None:
    elsewhere = START.astimezone(timezone(timedelta(hours=5, minutes=45)))
    assert to_ms(elsewhere) == to_ms(START)


def test_the_document_before_a_decision_is_left_as_it_was() -> None:
    """A decision that loses the race is thrown away."""
    before = write(new(), happened(1), decision=noting("a")(None))
    kept = {name: repr(value) for name, value in before.items()}
    after = written(before, CASES, command(), noting("b")(Case(notes=("a",))), START, KEPT)
    stored = stored_of(CASES, after)
    assert stored is not None
    with_answer(after, command(), rendered(stored), START)
    assert {name: repr(value) for name, value in before.items()} == kept


def test_up_to_64_sources_are_remembered_for_ever() -> None:
    document = new()
    for n in range(SEEN_ALWAYS_KEPT - 1):
        document = write(document, heard(f"source {n}"))
    document = write(document, heard("latest"), START + timedelta(days=10_000))
    assert len(document["seen"]) == SEEN_ALWAYS_KEPT


def test_of_more_than_64_sources_those_silent_for_400_days_are_forgotten() -> None:
    document = new()
    for n in range(SEEN_ALWAYS_KEPT):
        document = write(document, heard(f"source {n}"), START + timedelta(days=n))
    at_the_edge = START + timedelta(days=SEEN_KEPT_DAYS + 3)
    document = write(document, heard("latest"), at_the_edge)
    assert [f"source {n}" in document["seen"] for n in range(5)] == [False, False, False, True, True]
    assert document["seen"]["latest"] == [1, to_ms(at_the_edge)]


def test_a_command_does_not_prune_the_guard() -> None:
    document = new()
    for n in range(SEEN_ALWAYS_KEPT + 5):
        document = write(document, heard(f"source {n}"))
    assert write(document, command(), START + timedelta(days=10_000))["seen"] == document["seen"]


def answered(document: Document, key: str, now: datetime) -> Document:
    cause = command(key)
    after = write(document, cause, now)
    stored = stored_of(CASES, after)
    assert stored is not None
    return with_answer(after, cause, rendered(stored), now)


def recorded(document: Document, key: str, now: datetime) -> dict[str, Any] | None:
    return answer_of(document, command(key), now, KEPT)


def test_at_most_100_answers_are_kept_whole_the_newest_and_the_creations_and_every_key() -> None:
    document = new()
    now = START
    for n in range(ANSWERS_KEPT_MOST + 20):
        now = START + timedelta(seconds=n)
        document = answered(document, f"key {n}", now)
    found = [recorded(document, f"key {n}", now) for n in range(ANSWERS_KEPT_MOST + 20)]
    assert None not in found
    assert [n for n, answer in enumerate(found) if answer is not None and "body" not in answer] == list(range(1, 21))


def answered_at_length(document: Document, key: str, now: datetime, length: int) -> Document:
    cause = command(key)
    return with_answer(write(document, cause, now), cause, Answer(200, {"text": "字" * (length // 3)}), now)


def whole_answers(document: Document) -> int:
    return sum("body" in answer for answer in document["answers"].values())


def test_of_large_answers_as_many_are_kept_whole_as_take_a_megabyte_the_creations_among_them() -> None:
    document, now = new(), START
    for n in range(ANSWERS_KEPT_MOST + 20):
        now = START + timedelta(seconds=n)
        document = answered_at_length(document, f"key {n}", now, 300_000)
        assert len(bson.encode(document)) < ANSWERS_KEPT_BYTES + 30_000
    found = [recorded(document, f"key {n}", now) for n in range(ANSWERS_KEPT_MOST + 20)]
    assert None not in found
    assert [n for n, answer in enumerate(found) if answer is not None and "body" in answer] == [0, 118, 119]


def test_the_newest_and_the_creations_answer_are_kept_whatever_their_size() -> None:
    document = answered_at_length(new(), "creation", START, 1_500_000)
    for n in range(3):
        document = answered_at_length(document, f"key {n}", START + timedelta(seconds=n + 1), 1_200_000)
        document = write(document, step(), START + timedelta(seconds=n + 1))
        assert whole_answers(document) == 2
        for key in ("creation", f"key {n}"):
            answer = recorded(document, key, START)
            assert answer is not None
            assert "body" in answer


def test_answers_from_before_their_size_was_noted_are_measured() -> None:
    document = new()
    for n in range(10):
        document = answered_at_length(document, f"key {n}", START + timedelta(seconds=n), 90_000)
    unmeasured = {
        slot: {name: value for name, value in answer.items() if name != "bytes"}
        for slot, answer in document["answers"].items()
    }
    after = answered_at_length({**document, "answers": unmeasured}, "more", START + timedelta(minutes=1), 300_000)
    assert whole_answers(document) == 10
    assert whole_answers(after) == 8


def test_a_document_that_remembers_all_the_keys_it_may_stays_small_and_takes_one_when_the_oldest_is_over() -> None:
    document = new()
    for n in range(KEYS_KEPT_MOST):
        assert room_for_a_key(write(document, command(f"key {n}"), START), START, KEPT) == timedelta()
        document = answered(document, f"key {n}", START + timedelta(seconds=n))
    keys_alone = {slot: answer for slot, answer in document["answers"].items() if "body" not in answer}
    assert len(bson.encode(keys_alone)) < 160_000
    last = START + timedelta(seconds=KEYS_KEPT_MOST)
    assert room_for_a_key(write(document, command("more"), last), last, KEPT) == KEPT - (last - START)
    later = START + KEPT
    assert room_for_a_key(write(document, command("more"), later), later, KEPT) == timedelta()


def test_answers_are_forgotten_after_their_time() -> None:
    document = answered(answered(new(), "first", START), "second", START + timedelta(hours=1))
    last = START + KEPT
    assert recorded(document, "first", last - timedelta(milliseconds=1)) is not None
    assert recorded(document, "first", last) is None
    assert list(write(document, step(), last)["answers"]) == [answer_slot(command("second"))]


def test_the_slot_of_an_answer_is_a_safe_field_name_and_the_callers_own() -> None:
    slots = {
        answer_slot(command(key, caller=caller))
        for key, caller in [("a.b", "$x"), ("a", "b$x"), ("b", "a"), ("", "ab"), ("ab", "")]
    }
    assert len(slots) == 5
    assert all(slot.isalnum() for slot in slots)


def test_an_announcements_id_is_derived_from_its_place() -> None:
    """A decision that is taken again after a lost race, or on another replica, announces under the same id."""
    documents = [write(new(), step(), START + timedelta(seconds=n), noting("a")(None)) for n in range(2)]
    assert [d["outbox"][0]["event_id"] for d in documents] == [
        derived_id("evt", "registration.requests", "case_1", "1")
    ] * 2


@pytest.mark.parametrize("wakes", [{}, {"b": START + KEPT, "a": START + 2 * KEPT}])
def test_the_next_deadline_is_the_earliest(wakes: dict[str, datetime]) -> None:
    document = write(new(), step(), decision=Decision(Case(wakes=wakes)))
    assert document["deadlines"] == {name: to_ms(at) for name, at in wakes.items()}
    assert document["next_deadline"] == (to_ms(START + KEPT) if wakes else None)
    assert write(document, step(), decision=Decision(None))["next_deadline"] is None


def test_spent_values_are_pruned_from_the_state_by_the_kinds_rule() -> None:
    pruning = replace(CASES, prune=lambda case, now: case.model_copy(update={"notes": case.notes[-2:]}))
    after = written(new(), pruning, step(), Decision(Case(notes=("a", "b", "c"))), START, KEPT)
    assert after["state"]["notes"] == ["b", "c"]
    assert after["keys"]["size"] == 2


def test_the_time_of_change_moves_with_the_version_only() -> None:
    before = write(new(), step())
    later = START + timedelta(minutes=1)
    heard_only = write(before, heard("other"), later, Decision(Case(notes=("a",))))
    assert heard_only["seen"] != before["seen"]
    assert (heard_only["version"], heard_only["updated_at"]) == (before["version"], before["updated_at"])
    changed = write(before, heard("other"), later, Decision(Case(notes=("a", "b"))))
    assert (changed["version"], from_ms(changed["updated_at"])) == (before["version"] + 1, later)
