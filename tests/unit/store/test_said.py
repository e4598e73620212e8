"""What a restored service decides again from the same cause is announced as it was; anything else is news."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from shared.store import Decision
from shared.store.document import Document
from shared.store.said import SAID
from shared.store.writing import blank, written
from tests.support.sample_case import CASES, START, Case, happened, origin, said

KEPT = timedelta(hours=24)


def decided(before: Document, sequence: int, *texts: str, later: int = 0, **fields: Any) -> Document:
    cause = replace(happened(sequence), origin=origin(causation_id=f"evt_{sequence}"))
    told = tuple(said(text).model_copy(update=fields) for text in texts)
    return written(before, CASES, cause, Decision(Case(notes=texts), told), START + timedelta(minutes=later), KEPT)


def restored(lost: Document) -> Document:
    """As a restore leaves a document the backup did not know."""
    empty = blank(lost["_id"], happened(1), START)
    return {**empty, "revision": 1, "sequences": lost["sequences"], SAID: lost["outbox"]}


def new() -> Document:
    return blank("req_1", happened(1), START)


def test_what_is_decided_again_goes_out_under_its_old_sequence_word_for_word() -> None:
    lost = decided(new(), 1, "a")
    again = decided(restored(lost), 1, "another wording", later=5)
    (entry,) = again["outbox"]
    assert {**entry, "since": 0} == {**lost["outbox"][0], "since": 0}
    assert (again["sequences"], again[SAID], again["pending"]) == (lost["sequences"], [], 1)
    assert again["pending_since"] == entry["since"]


def test_each_is_said_again_once() -> None:
    lost = decided(new(), 1, "a", "b")
    again = decided(restored(lost), 1, "a", "b")
    assert [entry["sequence"] for entry in again["outbox"]] == [1, 2]
    assert again[SAID] == []


def test_what_comes_out_differently_or_from_another_cause_is_news() -> None:
    lost = decided(new(), 1, "a")
    other = decided(restored(lost), 1, "a", reference="REQ-2027-0002")
    assert [entry["sequence"] for entry in other["outbox"]] == [2]
    later = decided(restored(lost), 2, "a")
    assert [entry["sequence"] for entry in later["outbox"]] == [2]
    assert later[SAID] == [], "behind it nothing can go out under a lower sequence"


def test_sequences_rise_whatever_came_first_in_the_life_before() -> None:
    lost = decided(decided(decided(new(), 1, "a"), 2, "b"), 3, "c")
    sooner = decided(restored(lost), 2, "b")
    assert [entry["sequence"] for entry in (*sooner["outbox"], *sooner[SAID])] == [2, 3]
    late = decided({**sooner, "outbox": []}, 1, "a")
    assert [entry["sequence"] for entry in late["outbox"]] == [4]
    assert late[SAID] == []
