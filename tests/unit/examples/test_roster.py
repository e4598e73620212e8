"""The sample roster: repeatable, plainly a sample, valid, and deep enough for the three examples whatever the day."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from examples import generate_roster
from examples.ahead import LEAD, ahead
from shared import vocabulary as v

REQUESTS = sorted((Path(generate_roster.__file__).parent / "requests").glob("*.json"))
ROSTER: list[dict[str, Any]] = json.loads(generate_roster.FILE.read_text(encoding="utf-8"))["experts"]
ENOUGH = 6


def test_the_same_seed_gives_the_same_bytes_as_the_stored_file() -> None:
    stored = generate_roster.FILE.read_bytes()
    assert generate_roster.text(generate_roster.build()).encode() == stored
    script = (
        "import sys; from examples.generate_roster import build, text; sys.stdout.buffer.write(text(build()).encode())"
    )
    other = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, timeout=60, env={"PYTHONHASHSEED": "7"}
    )
    assert other.stdout == stored


def test_it_is_marked_as_a_sample() -> None:
    assert json.loads(generate_roster.FILE.read_text(encoding="utf-8"))["sample"] is True
    for number, expert in enumerate(ROSTER, start=1):
        assert expert["key"] == f"E{number:03}"
        assert (expert["given_name"], expert["family_name"]) == ("Sample", f"Expert {number:03}")
        assert expert["email"] == f"expert{number:03}@example.org"
        assert expert["employer_name"].startswith("Sample ")
    assert len(ROSTER) == 200


@pytest.mark.parametrize("expert", ROSTER, ids=lambda expert: expert["key"])
def test_every_field_is_valid(expert: dict[str, Any]) -> None:
    assert v.is_term("expert_category", expert["expert_category"])
    assert v.is_term("institution_type", expert["employer_type"])
    assert expert["employer_consent"] in ("yes", "no", "by_assignment")
    for code in (
        [expert["country_of_work"], expert["employer_country"], *expert["nationalities"]]
        + expert["countries_experience"]
        + expert["excluded_countries"]
    ):
        assert v.is_country(code), code
    inside = v.in_group(expert["country_of_work"], "EU27", date(2025, 1, 1))
    if expert["expert_category"] in ("eu_public", "eu_mandated"):
        assert inside
    if expert["expert_category"] == "non_eu_public":
        assert not inside
    assert 1 <= len(expert["themes"]) <= 15
    assert len({entry["code"] for entry in expert["themes"]}) == len(expert["themes"])
    for entry in expert["themes"]:
        assert v.is_sub_theme(entry["code"])
        assert 1 <= entry["level"] <= 4
        assert 0 <= entry["years"] <= expert["years_total"]
    spoken = [entry["language"] for entry in expert["languages"]]
    assert len(set(spoken)) == len(spoken)
    assert 2 <= len(spoken) <= 4
    assert [entry["level"] for entry in expert["languages"]].count("native") == 1
    for entry in expert["languages"]:
        assert v.is_language(entry["language"])
        assert v.is_level(entry["level"])
    assert expert["languages_contact"]
    assert set(expert["languages_contact"]) <= {"en", "fr", "es"}
    for entry in expert["assignments"]:
        assert v.is_country(entry["country"])
        assert entry["country"] in expert["countries_experience"]
        assert all(v.is_sub_theme(code) for code in entry["themes"])
        assert generate_roster.LATEST_YEAR - expert["years_total"] <= entry["year"] <= generate_roster.LATEST_YEAR
    assert all(v.is_term("method_skill", skill) for skill in expert["method_skills"])
    assert 5 <= len(expert["summary"].split()) <= 150
    assert date.fromisoformat(expert["employer_since"]).year >= generate_roster.LATEST_YEAR - expert["years_total"]
    assert expert["general_declaration_on_offset_days"] < 0
    assert 0 <= expert["days_last_12m"] <= 120


@pytest.mark.parametrize("expert", ROSTER, ids=lambda expert: expert["key"])
def test_availability_is_in_order_without_overlap(expert: dict[str, Any]) -> None:
    last = -1
    for entry in expert["availability"]:
        assert entry["kind"] in ("available", "unavailable")
        assert last < entry["from_days"] <= entry["to_days"]
        assert set(entry["modes"]) <= {"on_site", "remote"}
        last = entry["to_days"]


def test_the_spread_is_plausible() -> None:
    beyond = [expert for expert in ROSTER if not v.in_group(expert["country_of_work"], "EU27", date(2025, 1, 1))]
    assert 30 <= len(beyond) <= 50
    assert {expert["expert_category"] for expert in ROSTER} == {term.code for term in v.terms("expert_category")}
    assert {entry["code"] for expert in ROSTER for entry in expert["themes"]} >= {
        theme.code for theme in v.themes() if v.is_sub_theme(theme.code)
    }
    assert len({expert["country_of_work"] for expert in ROSTER}) >= 40
    assert {entry["level"] for expert in ROSTER for entry in expert["themes"]} == {1, 2, 3, 4}
    assert len({expert["summary"] for expert in ROSTER}) >= 195
    assert {expert["employer_consent"] for expert in ROSTER} == {"yes", "no", "by_assignment"}
    assert any(not expert["consent_to_contact"] for expert in ROSTER)
    assert any(expert["excluded_countries"] for expert in ROSTER)
    assert any(entry["kind"] == "unavailable" for expert in ROSTER for entry in expert["availability"])
    assert any(expert["general_declaration_on_offset_days"] < -366 for expert in ROSTER)


@pytest.mark.parametrize("file", REQUESTS, ids=lambda file: file.stem)
def test_each_position_has_at_least_six_suitable_people_over_four_years(file: Path) -> None:
    example = json.loads(file.read_text(encoding="utf-8"))
    for position in example["action"]["positions"]:
        pool = [expert for expert in ROSTER if _could_ever(expert, position, example["action"])]
        assert len(pool) >= ENOUGH
        for offset in range(0, 4 * 366, 5):
            today = date(2026, 1, 1) + timedelta(days=offset)
            activity = _activity(file, today)
            free = [expert["key"] for expert in pool if _is_free(expert, position, activity, today)]
            assert len(free) >= ENOUGH, (position["number"], today, free)


_MOVED: dict[tuple[Path, int], dict[str, Any]] = {}


def _activity(file: Path, today: date) -> dict[str, Any]:
    """The shifted activity; computed anew only when the year of its first window changes."""
    example = json.loads(file.read_text(encoding="utf-8")) if (file, 0) not in _MOVED else _MOVED[file, 0]
    _MOVED[file, 0] = example
    original = date.fromisoformat(example["action"]["activity"]["prep"]["from"])
    year = next(year for year in range(2026, 2035) if original.replace(year=year) >= today + LEAD)
    if (file, year) not in _MOVED:
        _MOVED[file, year] = ahead(example, today)["action"]["activity"]
    assert _MOVED[file, year]["prep"]["from"].startswith(str(year))
    return _MOVED[file, year]


def _could_ever(expert: dict[str, Any], position: dict[str, Any], action: dict[str, Any]) -> bool:
    """The hard rules that do not depend on the day, read strictly."""
    category = expert["expert_category"]
    by_origin = {"eu_public": category == "eu_public", "non_eu_practitioner": category == "non_eu_public", "any": True}
    spoken = {entry["language"]: entry["level"] for entry in expert["languages"]}
    return (
        bool({entry["code"] for entry in expert["themes"]} & set(position["themes"]))
        and expert["years_total"] >= position["min_years"]
        and all(
            entry["language"] in spoken and v.at_least(spoken[entry["language"]], entry["level"])
            for entry in position["languages"]
        )
        and by_origin[position["origin_rule"]]
        and (position["accepts_private"] or category != "private")
        and expert["employer_consent"] != "no"
        and expert["consent_to_contact"]
        and expert["general_declaration_on_offset_days"] > -365
        and action["country"] not in expert["excluded_countries"]
        and action["country"] not in (expert["country_of_work"], expert["employer_country"])
    )


def _is_free(expert: dict[str, Any], position: dict[str, Any], activity: dict[str, Any], today: date) -> bool:
    """Available on site for the whole on-site window, and on enough weekdays from preparation to delivery."""
    onsite = _days(activity["onsite"]["from"], activity["onsite"]["to"], today)
    whole = _days(activity["prep"]["from"], activity["delivery_due"], today)
    stretches = [
        range(entry["from_days"], entry["to_days"] + 1)
        for entry in expert["availability"]
        if entry["kind"] == "available" and activity["mode"] in entry["modes"]
    ]
    if not any(onsite[0] in stretch and onsite[-1] in stretch for stretch in stretches):
        return False
    weekdays = [day for day in whole if (today + timedelta(days=day)).weekday() < 5]
    return sum(any(day in stretch for stretch in stretches) for day in weekdays) >= int(position["days_total"])


def _days(first: str, last: str, today: date) -> range:
    return range((date.fromisoformat(first) - today).days, (date.fromisoformat(last) - today).days + 1)
