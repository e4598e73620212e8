"""From the example files to the bodies of the public interfaces."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from examples.ahead import ahead

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
CASES = ("nigeria-2020", "panama-2021-22", "djibouti-2014")


def cases(today: date) -> list[dict[str, Any]]:
    """The three cases with their windows moved ahead of `today`."""
    return [ahead(json.loads((EXAMPLES / "requests" / f"{key}.json").read_text()), today) for key in CASES]


def sample_experts() -> list[dict[str, Any]]:
    """The sample roster."""
    experts: list[dict[str, Any]] = json.loads((EXAMPLES / "roster-200.json").read_text())["experts"]
    return experts


def sample_employers() -> list[dict[str, Any]]:
    """The employers of some sample experts, under the names they have in the roster."""
    employers: list[dict[str, Any]] = json.loads((EXAMPLES / "employers.json").read_text())["employers"]
    return employers


def institution(example: dict[str, Any], role: str = "partner") -> dict[str, Any]:
    """Body of POST /institutions, for the institution of a case or an employer."""
    given = example["institution"]
    return {
        "name": given["name"],
        "acronym": given["acronym"],
        "country": given["country"],
        "level": given["level"],
        "institution_type": given["type"],
        "mandate_text": given["mandate_text"],
        "themes": given["themes"],
        "roles": [role],
    }


def contact(person: dict[str, Any]) -> dict[str, Any]:
    """Body of POST /institutions/{id}/contacts."""
    return {
        "given_name": person["given_name"],
        "family_name": person["family_name"],
        "email": person["email"],
        "languages": person["languages"],
        "functions": [person["function"]],
    }


def request(case: dict[str, Any], contacts: dict[str, str]) -> dict[str, Any]:
    """Body of POST /requests; `contacts` is function -> contact id."""
    given = case["request"]
    wanted = (
        "title",
        "language",
        "channel",
        "context",
        "problem",
        "objectives",
        "expected_results",
        "themes",
        "markers",
        "sdgs",
        "types_of_assistance",
        "urgency",
        "triangular_interest",
    )
    return {
        **{name: given[name] for name in wanted},
        "preferred_period": days(given["preferred_period"]),
        "focal_point_id": contacts["focal_point"],
        "signatory_id": contacts["signatory"],
    }


def design(case: dict[str, Any]) -> dict[str, Any]:
    """Body of POST /requests/{id}/approval: the action with its activity and positions."""
    given = case["action"]
    activity = given["activity"]
    return {
        "title": given["title"],
        "working_language": given["working_language"],
        "component": given["component"],
        "activity": {
            **{name: activity[name] for name in ("number", "title", "format", "mode", "city", "delivery_due")},
            "prep": days(activity["prep"]),
            "onsite": days(activity["onsite"]),
        },
        "positions": given["positions"],
    }


def days(period: dict[str, str]) -> dict[str, str]:
    """A period as the interfaces write it."""
    return {"first_day": period["from"], "last_day": period["to"]}


def expert(sample: dict[str, Any], today: date, employer_id: str | None = None) -> dict[str, Any]:
    """Body of POST /experts. `employer_id`: their employer, where it is an institution that was entered."""
    names = ("country_of_work", "nationalities", "employer_consent", "themes", "years_total", "languages")
    more = ("countries_experience", "method_skills", "summary", "consent_to_contact", "excluded_countries")
    declared = today + timedelta(days=sample["general_declaration_on_offset_days"])
    return {
        "person": {
            "given_name": sample["given_name"],
            "family_name": sample["family_name"],
            "email": sample["email"],
            "languages": sample["languages_contact"],
        },
        "profile": {
            **{name: sample[name] for name in (*names, *more)},
            "category": sample["expert_category"],
            "employment": {
                "institution_id": employer_id,
                "country": sample["employer_country"],
                "employer_type": sample["employer_type"],
                "since": sample["employer_since"],
            },
            "assignments": [
                {"country": a["country"], "year": a["year"], "themes": a["themes"]} for a in sample["assignments"]
            ],
            "general_declaration_on": declared.isoformat(),
        },
    }


def availability(sample: dict[str, Any], today: date) -> dict[str, Any]:
    """Body of PUT /experts/{id}/availability."""
    return {
        "entries": [
            {
                "kind": entry["kind"],
                "first_day": (today + timedelta(days=entry["from_days"])).isoformat(),
                "last_day": (today + timedelta(days=entry["to_days"])).isoformat(),
                "modes": entry["modes"],
            }
            for entry in sample["availability"]
        ]
    }
