"""The sentences of the sample roster."""

from __future__ import annotations

import csv
from pathlib import Path
from random import Random
from typing import Any

from examples import roster_sources as source
from shared.vocabulary import label

Phrases = dict[str, dict[str, str]]


def read_phrases() -> Phrases:
    """Per sub-theme, what somebody working on it would say they do; columns en, en_other, fr, es."""
    with Path(__file__).with_name("roster_phrases.csv").open(encoding="utf-8", newline="") as file:
        return {row["code"]: row for row in csv.DictReader(file)}


def strongest(expertise: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Themes by level, then years, then code."""
    return sorted(expertise, key=lambda entry: (-int(entry["level"]), -int(entry["years"]), str(entry["code"])))


def summary(
    rng: Random,
    language: str,
    title: str,
    years: int,
    expertise: list[dict[str, Any]],
    assignments: list[dict[str, Any]],
    skills: list[str],
    phrases: Phrases,
) -> str:
    """At most 150 words in en, fr or es about what the person does best and where they have done it."""
    if language != "en" and rng.random() < 0.25:
        language = "en"
    best = strongest(expertise)
    told = [phrases[str(entry["code"])] for entry in (best * 3)[:3]]
    if language == "en":
        first, second, third = told[0]["en"], told[1]["en_other" if rng.random() < 0.5 else "en"], told[2]["en_other"]
    else:
        first, second, third = (entry[language] for entry in told)
    seen = list(dict.fromkeys(label("country", str(entry["country"]), language) for entry in assignments))
    some, none = source.TRIPS[language]
    method = ", ".join(label("method_skill", skill, language).lower() for skill in skills)
    return rng.choice(source.SUMMARIES[language]).format(
        title=title,
        years=years,
        first=first,
        second=second,
        third=third,
        trips=some.format(countries=", ".join(seen)) if seen else none,
        skill=source.SKILLS[language].format(skills=method),
    )
