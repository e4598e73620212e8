"""What a finished case leaves is found, copied under other ids, and what grows with it is named."""

from __future__ import annotations

import json
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from benchmarks.fielding import in_its_weeks
from benchmarks.finished_case import (
    BETWEEN_MS,
    CASES_A_YEAR,
    Template,
    calendars_after,
    copies,
    of_case,
    renamed,
    waits,
)
from benchmarks.growth import growing, ratios
from deploy.demo import bodies
from deploy.demo.office import Case
from services.matching.domain.calendar import Calendar, Hold, prune

TODAY = date(2031, 6, 1)
OWN, OTHER = f"req_{1:032x}", f"req_{2:032x}"
EXPERT, ACTION, EVENT = f"exp_{3:032x}", f"act_{4:032x}", f"evt_{5:032x}"


def row(id_: str, **state: Any) -> dict[str, Any]:
    return {
        "_id": id_,
        "created_at": 2_000_000_000_000,
        "updated_at": 2_000_000_000_500,
        "state": state,
        "pending": 0,
        "next_deadline": None,
    }


ROWS = {
    "registration.requests": [row(OWN, reference="REQ-2031-0007"), row(OTHER, reference="REQ-2031-0008")],
    "registration.actions": [row(ACTION, request_id=OWN, expert=EXPERT)],
    "registration.allocations": [row("allocations-1", action=ACTION)],
    "registration.experts": [row(EXPERT, seen=OWN)],
    "matching.calendars": [row(EXPERT, holds=[OWN])],
    "notifications.deliveries": [row(f"dlv_{6:032x}", case=OWN, said=f"REQ-2031-0007 of {EXPERT}", event=EVENT)],
    "notifications.parked": [],
}


def test_a_case_is_every_document_that_names_it_or_one_of_its_documents() -> None:
    found = of_case(OWN, ROWS)
    assert {place: [r["_id"] for r in rows] for place, rows in found.items()} == {
        "registration.requests": [OWN],
        "registration.actions": [ACTION],
        "registration.allocations": ["allocations-1"],
        "notifications.deliveries": [f"dlv_{6:032x}"],
    }


def test_a_copy_has_other_ids_that_agree_with_each_other_and_names_the_same_people() -> None:
    found = of_case(OWN, ROWS)
    made = {place: list(copies([Template.of(r) for r in rows], [7])) for place, rows in found.items()}
    text = json.dumps(made)
    for old in (OWN, ACTION, EVENT, "REQ-2031-0007"):
        assert old not in text
    (request,), (action,) = made["registration.requests"], made["registration.actions"]
    assert action["state"] == {"request_id": request["_id"], "expert": EXPERT}
    assert request["state"]["reference"] in made["notifications.deliveries"][0]["state"]["said"]
    assert made["registration.allocations"][0]["state"]["action"] == action["_id"]


def test_copies_differ_and_lie_the_further_back_the_higher_their_number() -> None:
    templates = [Template.of(ROWS["registration.requests"][0])]
    made = list(copies(templates, range(50)))
    assert len({r["_id"] for r in made}) == 50
    assert {len(r["_id"]) for r in made} == {len(OWN)}
    assert {one["created_at"] - other["created_at"] for one, other in pairwise(made)} == {BETWEEN_MS}
    assert all(r["updated_at"] - r["created_at"] == 500 for r in made)
    assert renamed(OWN, 1) != renamed(OTHER, 1)


def test_a_case_is_at_rest_when_nothing_is_to_be_said_or_due() -> None:
    assert not waits([row(OWN)])
    assert waits([row(OWN), {**row(OTHER), "pending": 1}])
    assert waits([{**row(OWN), "next_deadline": 1}])


def test_calendars_are_left_as_pruning_leaves_them_and_do_not_grow_with_the_years() -> None:
    experts = {f"exp_{n}": Calendar(expert_id=f"exp_{n}") for n in range(10)}
    few, many = (calendars_after(experts, [18, 16], count, TODAY) for count in (CASES_A_YEAR, 20 * CASES_A_YEAR))
    for id_, calendar in many.items():
        assert prune(calendar, TODAY) == calendar
        assert calendar.holds == ()
        assert 100 < len(calendar.engaged) <= len(few[id_].engaged) <= 2 * CASES_A_YEAR / len(experts)
        assert len(calendar.asked_on) <= len(few[id_].asked_on)


def test_what_is_kept_in_a_calendar_now_stays() -> None:
    held = Hold.model_validate(
        {
            "offer_id": "off_1",
            "activity_id": "acy_1",
            "position_id": "pos_1",
            "window": {"start": TODAY, "end": TODAY + timedelta(days=9)},
            "days": 8,
            "expires_at": "2031-06-09T00:00:00Z",
        }
    )
    after = calendars_after({"exp_1": Calendar(expert_id="exp_1", holds=(held,))}, [18], 1, TODAY)["exp_1"]
    assert after.holds == (held,)
    assert [e.days for e in after.engaged] == [18]


def test_the_days_of_a_case_move_together() -> None:
    example = bodies.cases(TODAY)[0]
    moved = in_its_weeks(Case(example), 7).example
    was, now = (date.fromisoformat(e["action"]["activity"]["onsite"]["from"]) for e in (example, moved))
    assert now - was == timedelta(days=120)
    assert moved["request"]["title"] == example["request"]["title"]


STEPS = ("receipt_ms", "indicative_ms", "terms_ms", "list_ms", "offer_ms", "answered_ms", "team_ms")


def part(ms: float, cpu: float, largest: int) -> dict[str, Any]:
    return {
        **{step: {"p50": ms} for step in STEPS},
        "cpu_ms_per_request": {"store": cpu, "matching": 10.0},
        "cpu_ms_per_case": 10 * cpu,
        "largest_document_bytes": {"a": largest, "b": 10},
    }


def test_what_grows_is_named_step_work_and_size_alike() -> None:
    same = ratios(part(100, 30, 1000), part(110, 33, 1000))
    assert growing(same) == []
    assert set(same.values()) == {1.1, 1.07, 1.0}
    grown = ratios(part(100, 30, 1000), {**part(100, 30, 1500), "offer_ms": {"p50": 149.0}, "list_ms": {"p50": 150.0}})
    assert growing(grown) == ["list", "document of a"]


def test_a_small_document_that_grows_is_named_beside_a_large_one_that_does_not() -> None:
    few, many = (part(100, 30, 14_000) for _ in range(2))
    few["largest_document_bytes"] |= {"kept": 100, "none_yet": 0}
    many["largest_document_bytes"] |= {"kept": 2_000, "none_yet": 50}
    assert growing(ratios(few, many)) == ["document of kept"]
