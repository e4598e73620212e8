"""Whom a case waits for: told from the states in which the services themselves leave their documents."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import BaseModel

from deploy.terminal.commands.trace import short_names
from deploy.terminal.looks.way import Case, Said, Step, numbered, way
from services.matching.domain.offering import accept, decline
from services.matching.domain.shortlisting import begin_search, exhausted, shortlisted
from shared.store.document import to_ms
from tests.unit.matching.sample_positions import DUE, blank, lines, offered
from tests.unit.matching.sample_positions import approved as list_approved
from tests.unit.matching.samples import NOON
from tests.unit.registration import samples as registration

WRITTEN = datetime(2029, 12, 1, 9, tzinfo=UTC)
NOW = WRITTEN + timedelta(days=90)
REQUESTS, TERMS, POSITIONS = "registration.requests", "registration.terms_of_reference", "matching.positions"
SEARCHING = begin_search(blank())[0]
LISTED = shortlisted(SEARCHING, "sea_1", lines("exp_1"), NOON)[0]
EMPTY = shortlisted(SEARCHING, "sea_1", (), NOON)[0]
ASKED = offered("exp_1", "exp_2")
DECLINED = decline(ASKED, "off_1", "exp_1", "dates", NOON)[0]
LAST_DECLINED = exhausted(decline(offered("exp_1"), "off_1", "exp_1", "dates", NOON)[0], 3)[0]
ACCEPTED = accept(ASKED, "off_1", "exp_1", NOON, DUE)[0]


def document(state: BaseModel | None, id_: str = "one") -> dict[str, Any]:
    kept = None if state is None else state.model_dump(mode="json")
    return {"_id": id_, "correlation_id": "cor", "state": kept, "updated_at": to_ms(WRITTEN)}


def waits(place: str, state: BaseModel | None) -> list[tuple[str, str, datetime]]:
    steps = way(Case("cor", documents={place: [document(state)]}), NOW)
    assert all(step.open and step.waited == NOW - step.at for step in steps)
    return [(step.what, step.after, step.at) for step in steps]


@pytest.mark.parametrize(
    ("place", "state", "what", "whom", "since"),
    [
        (REQUESTS, registration.draft(), "waits for the institution: submission", "the institution", WRITTEN),
        (
            REQUESTS,
            registration.submitted(),
            "waits for the officer: approval or rejection",
            "the officer",
            registration.submitted().submitted_at,
        ),
        (TERMS, registration.terms(), "waits for the officer: final terms", "the officer", WRITTEN),
        (POSITIONS, LISTED, "position 1 waits for the officer: approve the list", "the officer", NOON),
        (
            POSITIONS,
            ASKED,
            f"position 1 waits for the expert's answer until {DUE:%Y-%m-%d %H:%M:%S}",
            "the expert",
            NOON,
        ),
        (POSITIONS, EMPTY, "position 1: nobody found, waits for a new search", "the officer", WRITTEN),
        (POSITIONS, LAST_DECLINED, "position 1: nobody left on a list, waits for a new search", "the officer", WRITTEN),
    ],
)
def test_what_only_a_person_can_do_next_is_waited_for(
    place: str, state: BaseModel, what: str, whom: str, since: datetime
) -> None:
    assert waits(place, state) == [(what, whom, since)]


@pytest.mark.parametrize(
    ("too_late", "why"), [(True, "too late to ask anybody else"), (False, "nobody left on a list")]
)
def test_a_list_that_ended_because_it_was_too_late_is_told_so(too_late: bool, why: str) -> None:
    data = {"too_late": too_late}
    event = {"type": "shortlist.exhausted", "occurred_at": WRITTEN.isoformat(), "data": data}
    said = [Said(POSITIONS, 0, 7, "one", "evt_1", 8, WRITTEN, event)]
    steps = way(Case("cor", said, {POSITIONS: [document(LAST_DECLINED)]}), NOW)
    assert [step.what for step in steps if step.open] == [f"position 1: {why}, waits for a new search"]


@pytest.mark.parametrize(
    ("place", "state"),
    [
        (REQUESTS, registration.approved()),
        (TERMS, registration.terms().model_copy(update={"status": "final"})),
        (POSITIONS, list_approved("exp_1")),
        (POSITIONS, DECLINED),
        (POSITIONS, ACCEPTED),
        (POSITIONS, None),
        (REQUESTS, None),
    ],
)
def test_what_goes_on_by_itself_or_is_done_waits_for_nobody(place: str, state: BaseModel | None) -> None:
    assert waits(place, state) == []


def test_a_position_bears_the_number_that_its_terms_give_it() -> None:
    second = EMPTY.model_copy(update={"number": 2})
    case = Case("cor", documents={POSITIONS: [document(second, "pos_b"), document(EMPTY, "pos_a")]})
    called = numbered(case)
    assert called == {"position pos_b": "position 2", "position pos_a": "position 1"}
    told: list[Step] = way(case, NOW)
    assert short_names(told, called) == called
    assert short_names(told, {}) == {"position pos_b": "position 1", "position pos_a": "position 2"}
    same = dict.fromkeys(called, "position 2")
    assert short_names(told, same) == {"position pos_b": "position 2", "position pos_a": "position 1"}
