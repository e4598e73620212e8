"""Sample experts, calendars and requirements: invented, and good for every rule unless a test changes them."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from typing import Any

from services.matching.domain.affinity import TextModel
from services.matching.domain.calendar import Calendar, Entry
from services.matching.domain.expert import (
    Employer,
    Language,
    PastAssignment,
    RosterExpert,
    ThemeLevel,
    VettedArea,
)
from services.matching.domain.geography import Geography
from services.matching.domain.policy import Policy
from services.matching.domain.question import question_of
from services.matching.domain.requirement import LanguageNeed, Requirement, Window
from services.matching.domain.roster import RosterLine, line_of
from services.matching.domain.rules import Exclusion, screened
from shared.vocabulary import Membership

TODAY = date(2030, 3, 1)
NOON = datetime(2030, 3, 1, 12, tzinfo=UTC)
ONSITE = Window(start=date(2030, 6, 3), end=date(2030, 6, 14))
WIDE = Window(start=date(2030, 4, 1), end=date(2030, 12, 31))


def _always(countries: str) -> tuple[Membership, ...]:
    return tuple(Membership("sample", code, None, None, "known") for code in countries.split())


POLICY = Policy(
    geography=Geography(
        eu=_always("BE DE ES FR IT PL"),
        regions={"SSA": _always("NG GH SN KE"), "LAC": _always("PA CR CO PE")},
    )
)


def expert(expert_id: str = "exp_1", **changes: Any) -> RosterExpert:
    """A sample expert who passes every rule of `binding()`."""
    fields: dict[str, Any] = {
        "expert_id": expert_id,
        "status": "active",
        "category": "eu_public",
        "country_of_work": "BE",
        "nationalities": ("BE",),
        "employer": Employer(
            institution_id="ins_home", type="social_security_body", country="BE", since=date(2015, 1, 1)
        ),
        "employer_consent": "yes",
        "themes": (ThemeLevel(code="A01", level=3, years=8),),
        "vetted_areas": (VettedArea(theme="A01", valid_until=date(2031, 1, 1)),),
        "years_total": 15,
        "languages": (Language(language="en", level="C2"), Language(language="fr", level="B1")),
        "assignments": (PastAssignment(year=2027, country="GH", themes=("A01",)),),
        "countries_experience": ("GH",),
        "summary": "Pension reform, contribution records and actuarial review for public schemes.",
        "method_skills": ("training", "facilitation"),
        "consent_to_contact": True,
        "general_declaration_at": date(2029, 9, 1),
        "days_last_12m": 10,
    }
    return RosterExpert(**(fields | changes))


def screen(person: RosterExpert, time: Calendar, asked: Requirement) -> tuple[Exclusion, ...]:
    """The hard rules this expert fails, under POLICY on TODAY."""
    return screened(line_of(person, time), question_of(asked, POLICY, TODAY))


def calendar(expert_id: str = "exp_1", **changes: Any) -> Calendar:
    """Available for the whole of WIDE."""
    fields: dict[str, Any] = {"entries": (Entry(kind="available", window=WIDE),)}
    return Calendar(expert_id=expert_id, **(fields | changes))


def binding(**changes: Any) -> Requirement:
    """A position for 20 days with two weeks in Nigeria."""
    fields: dict[str, Any] = {
        "stage": "binding",
        "request_id": "req_1",
        "position_id": "pos_1",
        "activity_id": "act_1",
        "institution_id": "ins_asks",
        "related_institution_ids": ("ins_parent",),
        "country": "NG",
        "themes": ("A01",),
        "languages": (LanguageNeed(language="en", level="C1"),),
        "prep": Window(start=date(2030, 5, 20), end=date(2030, 5, 31)),
        "onsite": ONSITE,
        "delivery_due": date(2030, 6, 28),
        "days_total": 20,
        "min_years": 10,
        "origin_rule": "eu_public",
        "accepts_private": False,
        "text": "Review of the pension scheme. The mission studies contribution records; it advises on reform.",
    }
    return Requirement(**(fields | changes))


def indicative(**changes: Any) -> Requirement:
    """The same need before terms of reference."""
    fields: dict[str, Any] = {
        "stage": "indicative",
        "request_id": "req_1",
        "institution_id": "ins_asks",
        "country": "NG",
        "themes": ("A01",),
        "languages": (LanguageNeed(language="en", level="C1"),),
        "text": "Review of the pension scheme.",
    }
    return Requirement(**(fields | changes))


def model_of(*lines: RosterLine, min_people: int = 1) -> TextModel:
    """A text model of these lines; one person's words suffice so that small samples have words."""
    return TextModel.fit((line.expert for line in lines), min_people=min_people)


SUBTHEMES = [f"{letter}0{number}" for letter in "ABCDEFGHIJKL" for number in range(1, 8)]
SUBJECTS = """
pension reform contribution records inspection labour market services training youth employment social
dialogue actuarial valuation health insurance disability grants registry monitoring evaluation policy
unemployment benefits counselling digital administration compliance coverage informal workers skills
"""
WORDS = SUBJECTS.split()


def roster(size: int, seed: int) -> list[RosterLine]:
    """A varied sample roster from a fixed seed."""
    dice = random.Random(seed)
    lines = []
    for number in range(size):
        own = dice.sample(SUBTHEMES, dice.randint(2, 8))
        expert_id = f"exp_{number:05d}"
        person = expert(
            expert_id,
            status=dice.choice(["active"] * 9 + ["dormant"]),
            category=dice.choice(["eu_public"] * 6 + ["eu_mandated", "non_eu_public", "private", "academic"]),
            country_of_work=dice.choice(["BE", "DE", "ES", "FR", "IT", "PL"]),
            themes=tuple(ThemeLevel(code=c, level=dice.randint(1, 4), years=dice.randint(0, 20)) for c in own),
            vetted_areas=tuple(VettedArea(theme=c) for c in own),
            years_total=dice.randint(3, 30),
            languages=(
                Language(language="en", level=dice.choice(["B1", "B2", "C1", "C2", "native"])),
                Language(language=dice.choice(["fr", "es"]), level="C1"),
            ),
            assignments=tuple(
                PastAssignment(year=dice.randint(2018, 2029), country=dice.choice(["GH", "PA"]), themes=(c,))
                for c in dice.sample(own, 2)
            ),
            countries_experience=tuple(dice.sample(["NG", "GH", "PA", "CO"], 2)),
            summary=" ".join(dice.choices(WORDS, k=90)),
            days_last_12m=dice.randint(0, 70),
        )
        entries = (Entry(kind="available", window=WIDE),) if dice.random() < 0.8 else ()
        asked = tuple(TODAY - timedelta(days=dice.randint(1, 400)) for _ in range(dice.randint(0, 4)))
        lines.append(line_of(person, Calendar(expert_id=expert_id, entries=entries, asked_on=asked)))
    return lines
