"""An employer counts from its first day to its last, and a day of the look-back without one fails closed."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from services.matching.domain.expert import LASTING, Employer, PastEmployer
from tests.unit.matching.samples import TODAY, binding, calendar, expert, screen

LOOK_BACK_FROM = date(2028, 3, 1)
SINCE_UNKNOWN = Employer(institution_id="ins_home", country="BE")
ENDED = Employer(institution_id="ins_home", country="BE", since=date(2015, 1, 1), until=date(2028, 6, 1))
BESIDE = PastEmployer(institution_id="ins_b", country="BE", start=date(2020, 1, 1), end=LASTING)


def found(employer: Employer, *previous: PastEmployer, country: str = "NG") -> dict[str, dict[str, str]]:
    """The rules this expert fails, with their values."""
    person = expert(employer=employer, previous_employers=previous)
    return {e.code: e.values for e in screen(person, calendar(), binding(country=country))}


def test_an_employment_whose_first_day_is_not_stated_covers_no_day_of_the_look_back() -> None:
    missing = {"employer": "missing", "from": "2028-03-01", "since": "not stated"}
    assert found(SINCE_UNKNOWN) == {"employer_unknown": missing}
    before = PastEmployer(institution_id="ins_b", start=date(2020, 1, 1), end=date(2029, 6, 30))
    assert found(SINCE_UNKNOWN, before) == {"employer_unknown": {**missing, "from": "2029-07-01"}}
    assert found(SINCE_UNKNOWN, BESIDE) == {}


def test_an_employment_that_has_ended_leaves_the_days_since_then_without_an_employer() -> None:
    assert found(ENDED) == {"employer_unknown": {"employer": "missing", "from": "2028-06-02"}}
    assert found(ENDED, BESIDE) == {}
    assert found(ENDED.model_copy(update={"until": TODAY})) == {}


@pytest.mark.parametrize(
    ("changed", "codes"),
    [
        ({"institution_id": "ins_asks"}, {"conflict_of_interest": {"worked_for": "ins_asks", "until": "2028-06-01"}}),
        ({"institution_id": "ins_asks", "until": LOOK_BACK_FROM}, {}),
        (
            {"verified": False},
            {
                "employer_unknown": {
                    "earlier_employer": "unverified", "institution": "ins_home", "until": "2028-06-01"
                }
            },
        ),
        ({"verified": False, "until": LOOK_BACK_FROM}, {}),
        (
            {"institution_id": None, "country": "NG"},
            {"employer_unknown": {"earlier_employer": "not linked to an institution", "until": "2028-06-01"}},
        ),
        ({"institution_id": None, "country": "NG", "until": LOOK_BACK_FROM}, {}),
    ],
)  # fmt: skip
def test_an_employment_that_has_ended_is_judged_as_an_earlier_one(
    changed: dict[str, Any], codes: dict[str, dict[str, str]]
) -> None:
    assert found(ENDED.model_copy(update=changed), BESIDE) == codes
