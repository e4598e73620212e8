"""Each of the nine parts moves in the right direction, cites its evidence, and all together stay within 100 points."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from services.matching.domain.affinity import TextModel
from services.matching.domain.calendar import Entry
from services.matching.domain.cautions import cautions_of
from services.matching.domain.expert import Employer, Language, PastAssignment, ThemeLevel
from services.matching.domain.policy import Policy, Weights
from services.matching.domain.question import months_before, question_of
from services.matching.domain.requirement import Requirement
from services.matching.domain.roster import line_of
from services.matching.domain.scoring import PartScore, score
from tests.unit.matching.samples import (
    ONSITE,
    POLICY,
    TODAY,
    WIDE,
    binding,
    calendar,
    expert,
    indicative,
    roster,
)


def parts(
    requirement: Requirement | None = None, policy: Policy = POLICY, time: Any = None, **person: Any
) -> dict[str, PartScore]:
    line = line_of(expert(**person), time or calendar())
    model = TextModel.fit([line.expert], min_people=1)
    question = question_of(requirement or binding(), policy, TODAY)
    return {p.part: p for p in score(line, question, model.query(question.requirement.text), model)}


def theme(*claims: tuple[str, int]) -> dict[str, Any]:
    return {"themes": tuple(ThemeLevel(code=code, level=level, years=5) for code, level in claims)}


def mission(country: str, *themes: str) -> PastAssignment:
    return PastAssignment(year=2027, country=country, themes=themes)


NO_REGION: dict[str, Any] = {"countries_experience": (), "assignments": ()}
BETTER: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("theme", theme(("A01", 4)), theme(("A01", 3))),
    ("theme", theme(("A01", 3)), theme(("A02", 4))),
    ("theme", theme(("A02", 1)), theme(("B01", 4))),
    ("assignments", {"assignments": (mission("GH", "A01"),)}, {"assignments": (mission("GH", "A02"),)}),
    ("assignments", {"assignments": (mission("GH", "A01"),) * 2}, {"assignments": (mission("GH", "A01"),)}),
    (
        "assignments",
        {"themes": (ThemeLevel(code="A01", level=3, years=9),)},
        {"themes": (ThemeLevel(code="A01", level=3, years=2),)},
    ),
    ("text", {"summary": "Pension scheme review."}, {"summary": "Labour inspection of building sites."}),
    (
        "languages",
        {"languages": (Language(language="en", level="native"),)},
        {"languages": (Language(language="en", level="C2"),)},
    ),
    (
        "languages",
        {"languages": (Language(language="en", level="C2"),)},
        {"languages": (Language(language="en", level="C1"),)},
    ),
    ("peer", {"category": "eu_mandated"}, {"category": "academic"}),
    ("peer", {"category": "academic"}, {"category": "private"}),
    ("region", {**NO_REGION, "countries_experience": ("NG",)}, {**NO_REGION, "countries_experience": ("GH",)}),
    ("region", {**NO_REGION, "assignments": (mission("GH"),)}, {**NO_REGION, "assignments": (mission("PA"),)}),
    (
        "slack",
        {},
        {"time": calendar(entries=(Entry(kind="available", window=WIDE, max_days=22),))},
    ),
    ("evaluation", {"evaluation": 900}, {"evaluation": None}),
    ("evaluation", {"evaluation": None}, {"evaluation": 100}),
    ("rotation", {"days_last_12m": 0}, {"days_last_12m": 30}),
]


@pytest.mark.parametrize(("part", "better", "worse"), BETTER)
def test_a_better_fact_earns_more_in_its_part(part: str, better: dict[str, Any], worse: dict[str, Any]) -> None:
    assert parts(**better)[part].points > parts(**worse)[part].points


def test_every_part_has_a_direction_tested() -> None:
    assert {part for part, *_ in BETTER} == set(Weights().model_dump()) == set(parts())


def test_every_part_cites_the_passage_asked_and_the_line_found() -> None:
    found = parts()
    assert all(p.evidence and all(e.asked and e.found for e in p.evidence) for p in found.values())
    assert found["theme"].evidence[0].found == "A01 level 3, 8 years"
    assert "pension" in found["text"].evidence[0].found
    assert found["text"].evidence[0].asked in binding().text


def test_free_text_of_a_profile_is_never_quoted() -> None:
    evidence = parts(summary="Pension reform led by Zyxwvut personally.")["text"].evidence
    assert all("zyxwvut" not in e.found.casefold() for e in evidence)


def test_a_perfect_expert_gets_all_points_and_weights_must_sum_to_100() -> None:
    found = parts(
        requirement=binding(text="Pension reform.", days_total=10),
        **theme(("A01", 4)) | {"themes": (ThemeLevel(code="A01", level=4, years=20),)},
        assignments=(mission("NG", "A01"),) * 3,
        languages=(Language(language="en", level="native"),),
        summary="Pension reform.",
        method_skills=(),
        evaluation=1000,
        days_last_12m=0,
    )
    assert sum(p.points for p in found.values()) == sum(p.of for p in found.values()) == 100_000
    with pytest.raises(ValidationError):
        Weights(theme=26)


def test_facts_that_do_not_exist_yet_are_neutral_and_a_rota_takes_the_rotation_part() -> None:
    early = parts(requirement=indicative())
    assert early["slack"].points == early["slack"].of // 2
    assert early["evaluation"].points == early["evaluation"].of // 2
    assert parts(policy=POLICY.model_copy(update={"rota": True}), days_last_12m=0)["rotation"].points == 0


@given(nationalities=st.lists(st.sampled_from(["NG", "BE", "PA", "GH"]), max_size=3).map(tuple))
def test_nationality_enters_no_part(nationalities: tuple[str, ...]) -> None:
    assert parts(nationalities=nationalities) == parts()


@given(seed=st.integers(0, 10_000))
def test_points_are_whole_thousandths_within_each_part(seed: int) -> None:
    (line,) = roster(1, seed)
    model = TextModel.fit([line.expert], min_people=1)
    question = question_of(binding(), POLICY, TODAY)
    found = score(line, question, model.query(question.requirement.text), model)
    assert all(isinstance(p.points, int) and 0 <= p.points <= p.of for p in found)
    assert sum(p.points for p in found) <= 100_000


def test_warnings_tell_the_officer_and_change_no_rank() -> None:
    person = expert(
        status="stale",
        employer_consent="by_assignment",
        nationalities=("NG",),
        days_last_12m=55,
        assignments=(PastAssignment(year=2028, country="NG", themes=("A01",), institution_id="ins_asks"),) * 3,
    )
    time = calendar(entries=(Entry(kind="tentative", window=WIDE),))
    question = question_of(binding(team_institution_ids=("ins_home",)), POLICY, TODAY)
    codes = [c.code for c in cautions_of(line_of(person, time), question)]
    assert codes == [
        "profile_stale", "consent_by_assignment", "same_nationality", "earlier_work_for_partner",
        "often_same_institution", "same_employer_in_team", "many_days", "tentative",
    ]  # fmt: skip
    early = question_of(indicative(preferred=ONSITE), POLICY, TODAY)
    unknown = expert(employer=Employer(country=None), general_declaration_at=None)
    found = cautions_of(line_of(unknown, calendar()), early)
    assert [c.code for c in found] == ["employer_unknown", "declaration_out_of_date"]
    assert all(c.sentence for c in found)


def test_months_before_keeps_to_the_end_of_short_months() -> None:
    assert months_before(date(2030, 3, 31), 1) == date(2030, 2, 28)
    assert months_before(date(2028, 2, 29), 24) == date(2026, 2, 28)
    assert months_before(date(2030, 12, 15), 12) == date(2029, 12, 15)
    assert months_before(date(2030, 1, 31), 2) == date(2029, 11, 30)
