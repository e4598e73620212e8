"""Every hard rule leaves out exactly those it names, with its reason and the values that failed."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from services.matching.domain.calendar import Entry, Hold, OwnMaximum
from services.matching.domain.expert import Employer, Language, PastEmployer, VettedArea
from services.matching.domain.question import question_of
from services.matching.domain.requirement import LanguageNeed, Window
from services.matching.domain.roster import line_of
from services.matching.domain.rules import RULES, SENTENCES, Exclusion, screened
from tests.unit.matching.samples import (
    NOON,
    ONSITE,
    POLICY,
    TODAY,
    WIDE,
    binding,
    calendar,
    expert,
    indicative,
    screen,
)


def reasons(
    person: dict[str, Any] | None = None,
    asked: dict[str, Any] | None = None,
    time: dict[str, Any] | None = None,
) -> tuple[Exclusion, ...]:
    return screen(expert(**(person or {})), calendar(**(time or {})), binding(**(asked or {})))


def held(state: str = "accepted", **changes: Any) -> Hold:
    fields: dict[str, Any] = {
        "offer_id": "off_9",
        "activity_id": "act_9",
        "position_id": "pos_9",
        "window": ONSITE,
        "days": 10,
        "state": state,
        "expires_at": NOON,
    }
    return Hold(**(fields | changes))


def test_the_sample_expert_passes_every_rule() -> None:
    assert reasons() == ()
    assert screen(expert(), calendar(), indicative()) == ()


AVAILABLE = Entry(kind="available", window=WIDE)
MOST_29 = OwnMaximum(days_12m=29)
LATER = Window(start=date(2030, 10, 1), end=date(2030, 10, 5))
EARLIER = Window(start=date(2030, 2, 4), end=date(2030, 2, 15))
LONG_AGO = Window(start=date(2029, 2, 5), end=date(2029, 3, 1))
CASES: list[tuple[str, dict[str, Any], dict[str, Any], dict[str, Any], dict[str, str]]] = [
    ("inactive", {"status": "suspended"}, {}, {}, {"status": "suspended"}),
    ("barred", {"barred": True}, {}, {}, {"barred": "yes"}),
    ("no_contact_consent", {"consent_to_contact": False}, {}, {}, {"consent_to_contact": "no"}),
    ("employer_consent_refused", {"employer_consent": "no"}, {}, {}, {"employer_consent": "no"}),
    ("private_not_accepted", {"category": "private"}, {"origin_rule": "any"}, {}, {"category": "private"}),
    (
        "origin",
        {"category": "academic"},
        {},
        {},
        {"asked": "eu_public", "category": "academic", "country_of_work": "BE"},
    ),
    ("years_below_minimum", {"years_total": 9.5}, {}, {}, {"asked": "10", "found": "9.5"}),
    (
        "theme_not_vetted",
        {"vetted_areas": (VettedArea(theme="A02"),)},
        {},
        {},
        {"asked": "A01", "vetted": "A02"},
    ),
    (
        "theme_not_vetted",
        {"vetted_areas": (VettedArea(theme="A01", valid_until=date(2030, 2, 28)),)},
        {},
        {},
        {"asked": "A01", "vetted": "A01", "validity": "ended"},
    ),
    (
        "theme_not_vetted",
        {"vetted_areas": (VettedArea(theme="B"), VettedArea(theme="A02"))},
        {},
        {},
        {"asked": "A01", "vetted": "A02 B"},
    ),
    (
        "theme_not_vetted",
        {"vetted_areas": (VettedArea(theme="A", valid_until=date(2030, 2, 28)), VettedArea(theme="A02"))},
        {},
        {},
        {"asked": "A01", "vetted": "A A02", "validity": "ended"},
    ),
    (
        "language_below_minimum",
        {"languages": (Language(language="en", level="B2"),)},
        {},
        {},
        {"asked": "en C1", "found": "en B2"},
    ),
    (
        "language_below_minimum",
        {},
        {"languages": (LanguageNeed(language="es", level="B1"),)},
        {},
        {"asked": "es B1", "found": "es none"},
    ),
    ("destination_excluded", {"excluded_countries": ("NG", "PA")}, {}, {}, {"excluded": "NG"}),
    ("destination_excluded", {"excluded_countries": ("SSA",)}, {}, {}, {"excluded": "SSA"}),
    (
        "conflict_of_interest",
        {"employer": Employer(institution_id="ins_parent", country="NG", since=date(2015, 1, 1))},
        {},
        {},
        {"works_for": "ins_parent"},
    ),
    (
        "conflict_of_interest",
        {
            "previous_employers": (
                PastEmployer(institution_id="ins_asks", start=date(2020, 1, 1), end=date(2028, 3, 2)),
            )
        },
        {},
        {},
        {"worked_for": "ins_asks", "until": "2028-03-02"},
    ),
    ("employer_unknown", {"employer": None}, {}, {}, {"employer": "missing"}),
    (
        "employer_unknown",
        {"employer": Employer(country="NG")},
        {},
        {},
        {"employer": "not linked to an institution", "country": "NG"},
    ),
    (
        "employer_unknown",
        {"employer": Employer(institution_id="ins_home", country="BE", verified=False)},
        {},
        {},
        {"employer": "unverified", "institution": "ins_home"},
    ),
    (
        "employer_unknown",
        {
            "employer": Employer(institution_id="ins_home", country="BE", since=date(2029, 2, 1)),
            "previous_employers": (
                PastEmployer(institution_id="ins_b", start=date(2020, 1, 1), end=date(2029, 1, 30)),
            ),
        },
        {},
        {},
        {"employer": "missing", "from": "2029-01-31"},
    ),
    ("declaration_out_of_date", {"general_declaration_at": None}, {}, {}, {"declared": "never"}),
    (
        "declaration_out_of_date",
        {"general_declaration_at": date(2029, 2, 28)},
        {},
        {},
        {"declared": "2029-02-28"},
    ),
    ("own_maximum", {}, {}, {"own_maximum": OwnMaximum(days_12m=29)}, {"maximum": "29 days", "would_be": "30 days"}),
    (
        "own_maximum",
        {"days_last_12m": 0},
        {},
        {"own_maximum": MOST_29, "holds": (held(window=EARLIER),)},
        {"maximum": "29 days", "would_be": "30 days"},
    ),
    (
        "own_maximum",
        {},
        {},
        {
            "own_maximum": OwnMaximum(assignments=1),
            "holds": (held(window=LATER),),
        },
        {"maximum": "1 assignments", "would_be": "2 assignments"},
    ),
    ("asked_before", {}, {"asked_before": ("exp_0", "exp_1")}, {}, {"position": "pos_1"}),
    (
        "in_team",
        {},
        {},
        {"holds": (held("offered", activity_id="act_1", position_id="pos_2"),)},
        {"position": "pos_2", "state": "offered"},
    ),
    (
        "too_late",
        {},
        {"answer_due_on": ONSITE.start},
        {},
        {"answer_due_on": "2030-06-03", "first_day": "2030-06-03"},
    ),
    ("unavailable", {}, {}, {"entries": ()}, {"undeclared_on": "2030-06-03"}),
    (
        "unavailable",
        {},
        {},
        {
            "entries": (
                AVAILABLE,
                Entry(kind="unavailable", window=Window(start=date(2030, 6, 10), end=date(2030, 6, 11))),
            )
        },
        {"taken_on": "2030-06-10"},
    ),
    ("unavailable", {}, {}, {"holds": (held(),)}, {"taken_on": "2030-06-03"}),
    (
        "unavailable",
        {},
        {"days_total": 31},
        {},
        {"free_days": "30", "days_needed": "31"},
    ),
    (
        "unavailable",
        {},
        {},
        {"entries": (Entry(kind="available", window=WIDE, max_days=19),)},
        {"free_days": "19", "days_needed": "20"},
    ),
    (
        "unavailable",
        {},
        {},
        {"entries": (Entry(kind="available", window=WIDE, modes=("remote",)),)},
        {"undeclared_on": "2030-06-03"},
    ),
    (
        "unavailable",
        {},
        {},
        {"entries": (Entry(kind="available", window=WIDE, excluded=("SSA",)),)},
        {"undeclared_on": "2030-06-03"},
    ),
]


@pytest.mark.parametrize(("code", "person", "asked", "time", "values"), CASES)
def test_each_rule_leaves_out_exactly_with_its_reason(
    code: str, person: dict[str, Any], asked: dict[str, Any], time: dict[str, Any], values: dict[str, str]
) -> None:
    found = reasons(person, asked, time)
    assert [(e.code, e.values) for e in found] == [(code, values)]
    assert found[0].sentence == SENTENCES[code]


def test_no_rule_is_without_a_case() -> None:
    assert {code for code, *_ in CASES} == {rule.code for rule in RULES}


@pytest.mark.parametrize(
    ("person", "asked", "time"),
    [
        ({"status": "stale"}, {}, {}),
        ({"general_declaration_at": date(2029, 3, 1)}, {}, {}),
        ({"vetted_areas": (VettedArea(theme="A01", valid_until=TODAY),)}, {}, {}),
        ({"vetted_areas": (VettedArea(theme="A", valid_until=TODAY),)}, {}, {}),
        ({"vetted_areas": (VettedArea(theme="A", valid_until=TODAY),)}, {"themes": ("E02", "A")}, {}),
        (
            {"vetted_areas": (VettedArea(theme="A", valid_until=date(2030, 2, 28)), VettedArea(theme="A01"))},
            {},
            {},
        ),
        ({"employer": Employer(country="BE", type="private_body", since=date(2028, 3, 1))}, {}, {}),
        ({}, {}, {"own_maximum": OwnMaximum(days_12m=30)}),
        (
            {"days_last_12m": 0},
            {},
            {"own_maximum": MOST_29, "holds": (held("offered", window=EARLIER),)},
        ),
        ({"days_last_12m": 0}, {}, {"own_maximum": MOST_29, "holds": (held(window=LONG_AGO),)}),
        ({}, {}, {"own_maximum": OwnMaximum(assignments=1), "holds": (held(window=EARLIER),)}),
        ({}, {}, {"own_maximum": OwnMaximum(assignments=1), "holds": (held(position_id="pos_1"),)}),
        ({"excluded_countries": ("NG",)}, {"mode": "remote"}, {}),
        ({}, {"mode": "remote"}, {"entries": ()}),
        ({}, {"answer_due_on": date(2030, 6, 2)}, {}),
        ({}, {"themes": ("A",)}, {}),
        ({}, {}, {"holds": (held("offered"),)}),
        ({}, {}, {"holds": (held("released"),)}),
        ({}, {}, {"holds": (held("offered", position_id="pos_1", activity_id="act_1"),)}),
        ({"category": "non_eu_public", "country_of_work": "GH"}, {"origin_rule": "non_eu_practitioner"}, {}),
        ({"category": "retired_official", "country_of_work": "GH"}, {"origin_rule": "non_eu_practitioner"}, {}),
        (
            {
                "previous_employers": (
                    PastEmployer(institution_id="ins_asks", start=date(2020, 1, 1), end=date(2028, 3, 1)),
                )
            },
            {},
            {},
        ),
        (
            {
                "employer": Employer(institution_id="ins_home", country="BE", since=date(2029, 2, 1)),
                "previous_employers": (
                    PastEmployer(institution_id="ins_b", start=date(2020, 1, 1), end=date(2029, 1, 31)),
                ),
            },
            {},
            {},
        ),
    ],
)
def test_the_edge_of_each_rule_still_passes(
    person: dict[str, Any], asked: dict[str, Any], time: dict[str, Any]
) -> None:
    assert reasons(person, asked, time) == ()


def test_all_failures_are_recorded_in_the_fixed_order() -> None:
    found = reasons({"employer": None, "barred": True, "status": "dormant", "years_total": 1})
    assert [e.code for e in found] == ["inactive", "barred", "years_below_minimum", "employer_unknown"]


@pytest.mark.parametrize(("today", "left"), [(21, 12), (22, 11), (23, 10)])
def test_only_days_to_come_are_enough_days(today: int, left: int) -> None:
    """Preparation has begun: its days before today are over for everybody, today itself can still be worked."""
    away = [Window(start=date(2030, 5, 23), end=date(2030, 6, 2)), Window(start=date(2030, 6, 15), end=WIDE.end)]
    entries = tuple(Entry(kind="unavailable", window=window) for window in away)
    line = line_of(expert(), calendar(entries=(Entry(kind="available", window=WIDE), *entries)))
    asked = question_of(binding(days_total=12), POLICY, date(2030, 5, today))
    short = {"free_days": str(left), "days_needed": "12"}
    assert [e.values for e in screened(line, asked)] == ([] if left >= 12 else [short])


def test_before_terms_of_reference_only_rules_with_known_facts_apply() -> None:
    person = expert(employer=None, general_declaration_at=None, category="private", years_total=0)
    nothing = calendar(entries=(), own_maximum=OwnMaximum(days_12m=0, assignments=0))
    assert screen(person, nothing, indicative()) == ()
    wish = indicative(preferred=ONSITE)
    assert screen(person, calendar(entries=()), wish) == ()
    away = calendar(entries=(Entry(kind="unavailable", window=WIDE),))
    assert [e.code for e in screen(person, away, wish)] == ["unavailable"]
