"""The sample employers: plainly samples, none of them a requester, and each an employer of somebody in the roster."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from deploy.demo.bodies import EXAMPLES, cases, expert, institution, sample_employers, sample_experts
from services.registration.domain.institution import InstitutionFacts
from shared import vocabulary as v

EMPLOYERS = sample_employers()
TODAY = date(2026, 3, 2)


def _name(employer: dict[str, Any]) -> str:
    (name,) = employer["institution"]["name"].values()
    return str(name)


def test_they_are_marked_as_samples() -> None:
    assert json.loads((EXAMPLES / "employers.json").read_text(encoding="utf-8"))["sample"] is True
    for employer in EMPLOYERS:
        assert _name(employer).startswith("Sample ")
        for person in employer["contacts"]:
            assert person["given_name"] == "Sample"
            assert person["email"].endswith("@example.org")


@pytest.mark.parametrize("employer", EMPLOYERS, ids=_name)
def test_each_is_an_employer_of_the_roster_with_a_focal_point_and_a_supervisor(employer: dict[str, Any]) -> None:
    facts = InstitutionFacts.model_validate(institution(employer, "expert_employer"))
    staff = [e for e in sample_experts() if e["employer_name"] == _name(employer)]
    assert {(e["employer_country"], e["employer_type"]) for e in staff} == {(facts.country, facts.institution_type)}
    assert [person["function"] for person in employer["contacts"]] == ["focal_point", "supervisor"]
    assert any(e["employer_consent"] == "yes" for e in staff), "somebody whose employer gets a copy"


def test_each_has_its_own_country_inside_the_union_and_none_asks_for_help() -> None:
    countries = [employer["institution"]["country"] for employer in EMPLOYERS]
    assert len(set(countries)) == len(countries), "the keys and addresses of the story go by country"
    assert all(v.in_group(country, "EU27", TODAY) for country in countries)
    assert not {case["institution"]["country"] for case in cases(TODAY)} & set(countries)


def test_they_employ_some_of_the_roster_and_not_most_of_it() -> None:
    names = {_name(employer) for employer in EMPLOYERS}
    staff = [e for e in sample_experts() if e["employer_name"] in names]
    assert 10 <= len(staff) <= 50
    assert {e["employer_consent"] for e in staff} == {"yes", "by_assignment", "no"}


def test_an_expert_is_linked_to_an_employer_that_was_entered_and_to_no_other() -> None:
    sample = sample_experts()[0]
    assert expert(sample, TODAY, "ins_1")["profile"]["employment"]["institution_id"] == "ins_1"
    assert expert(sample, TODAY)["profile"]["employment"]["institution_id"] is None
