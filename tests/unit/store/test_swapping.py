"""What a rebuilt document changes in the live one: all that its state decides, and no deadline fires twice."""

from __future__ import annotations

from datetime import timedelta

from shared.store import DeadlinePassed, Decision
from shared.store.document import Document, from_ms
from shared.store.swapping import Taken, taken_over
from shared.store.writing import blank, written
from tests.support.sample_case import CASES, START, Case, happened, origin

SOURCE, KEPT = "matching.positions/pos_1", timedelta(hours=24)
WAKES = {"first": START + timedelta(hours=1), "second": START + timedelta(hours=2)}


def made() -> Document:
    return written(blank("case_1", happened(1), START), CASES, happened(1), Decision(Case(wakes=WAKES)), START, KEPT)


def taken(live: Document) -> tuple[Taken, Document | None]:
    return taken_over(live, made(), SOURCE, 7, erased_at=None)


def test_a_document_with_the_same_of_everything_stays() -> None:
    assert taken(made()) == (Taken.SAME, None)


def test_keys_and_deadlines_are_corrected_where_the_state_is_right() -> None:
    faults: tuple[Document, ...] = ({"keys": {"status": "closed"}}, {"deadlines": {}, "next_deadline": None})
    for wrong in faults:
        said, after = taken({**made(), **wrong})
        assert said is Taken.DIFFERED
        assert after is not None
        assert {name: after[name] for name in wrong} == {name: made()[name] for name in wrong}


def test_a_deadline_that_has_fired_does_not_come_back() -> None:
    before = made()
    at = from_ms(before["deadlines"]["first"])
    fired = written(
        before, CASES, DeadlinePassed(origin=origin(), name="first", at=at), Decision(Case(wakes=WAKES)), at, KEPT
    )
    assert taken(fired) == (Taken.SAME, None)
    _, after = taken({**fired, "keys": {}})
    assert after is not None
    assert (after["deadlines"], after["fired"]) == (fired["deadlines"], fired["fired"])
