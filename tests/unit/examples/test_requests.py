"""The three example requests: valid, honest about what is assumed, and moved ahead by whole years."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from examples import generate_roster
from examples.ahead import LEAD, ahead, years_ahead
from shared import vocabulary as v

FILES = sorted((Path(generate_roster.__file__).parent / "requests").glob("*.json"))
EXAMPLES: list[dict[str, Any]] = [json.loads(file.read_text(encoding="utf-8")) for file in FILES]
each = pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example["key"])


def test_there_are_three_in_three_languages() -> None:
    assert {example["key"]: example["request"]["language"] for example in EXAMPLES} == {
        "djibouti-2014": "fr",
        "nigeria-2020": "en",
        "panama-2021-22": "es",
    }
    assert [file.stem for file in FILES] == [example["key"] for example in EXAMPLES]


@each
def test_it_is_a_sample_with_its_source(example: dict[str, Any]) -> None:
    assert example["sample"] is True
    assert all(document["title"] and document["url"] for document in example["source"]["documents"])
    assert example["source"]["original_dates"]
    assert example["source"]["remark"]
    for contact in example["contacts"]:
        assert contact["given_name"] == "Sample"
        assert contact["email"].endswith("@example.org")
        assert all(v.is_language(code) for code in contact["languages"])
    assert {contact["function"] for contact in example["contacts"]} == {"focal_point", "signatory"}


@each
def test_every_assumed_path_exists(example: dict[str, Any]) -> None:
    assert len(set(example["assumed"])) == len(example["assumed"])
    for path in example["assumed"]:
        value: Any = example
        for name, index in re.findall(r"(\w+)|\[(\d+)\]", path):
            value = value[int(index)] if index else value[name]
        assert value is not None, path


@each
def test_codes_are_in_the_vocabulary(example: dict[str, Any]) -> None:
    institution, request, action = example["institution"], example["request"], example["action"]
    assert v.is_country(institution["country"])
    assert institution["country"] == action["country"]
    assert v.is_term("institution_level", institution["level"])
    assert v.eligible_by_default(institution["type"])
    assert set(institution["name"]) <= {"en", "fr", "es"}
    assert institution["mandate_text"]
    assert 1 <= len(request["themes"]) <= 3
    for code in institution["themes"] + request["themes"]:
        assert v.is_sub_theme(code), code
    for kind, field in (("marker", "markers"), ("sdg", "sdgs"), ("assistance_type", "types_of_assistance")):
        assert request[field]
        assert all(v.is_term(kind, code) for code in request[field]), field  # type: ignore[arg-type]
    assert v.is_term("urgency", request["urgency"])
    assert v.is_term("triangular_interest", request["triangular_interest"])
    assert v.is_term("channel", request["channel"])
    assert v.is_term("component", action["component"])
    assert action["working_language"] == request["language"]
    assert v.is_term("format", action["activity"]["format"])
    assert v.is_term("mode", action["activity"]["mode"])
    for field in ("title", "context", "problem", "objectives", "expected_results"):
        assert len(request[field]) >= 20, field


@each
def test_original_codes_keep_their_scheme_and_map_as_the_vocabulary_says(example: dict[str, Any]) -> None:
    wanted = {code for position in example["action"]["positions"] for code in position["themes"]}
    wanted |= set(example["request"]["themes"])
    for original in example["request"]["original_codes"]:
        assert tuple(original["maps_to"]) == v.mapped(original["scheme"], original["code"])
        names = v.theme(original["code"], original["scheme"]).labels
        assert original["label"].split(" de ")[0] in (names.en + names.fr + names.es)
        assert any(code in wanted or wanted & set(v.sub_themes(code)) for code in original["maps_to"]), original


@each
def test_positions_are_sound(example: dict[str, Any]) -> None:
    positions = example["action"]["positions"]
    assert [position["number"] for position in positions] == [1, 2]
    assert [position["is_principal"] for position in positions].count(True) == 1
    for position in positions:
        assert 1 <= len(position["themes"]) <= 4
        assert all(v.is_sub_theme(code) for code in position["themes"])
        assert position["days_prep"] + position["days_onsite"] + position["days_report"] == position["days_total"]
        assert v.is_term("origin_rule", position["origin_rule"])
        assert position["languages"] == [{"language": example["action"]["working_language"], "level": "C1"}]
        assert len(position["tasks"]) > 100
    published = {entry["number"]: entry for entry in example["source"]["published_positions"]}
    for position in positions:
        if position["number"] in published:
            assert position["days_total"] == published[position["number"]]["days_total"]
            assert position["is_principal"] == published[position["number"]]["is_principal"]


@each
def test_windows_are_in_order(example: dict[str, Any]) -> None:
    activity, period = example["action"]["activity"], example["request"]["preferred_period"]
    days = [activity["prep"]["from"], activity["prep"]["to"], activity["onsite"]["from"], activity["onsite"]["to"]]
    assert [*days, activity["delivery_due"]] == sorted([*days, activity["delivery_due"]])
    assert activity["prep"]["to"] < activity["onsite"]["from"]
    assert (period["from"], period["to"]) == (activity["prep"]["from"], activity["delivery_due"])
    stay = date.fromisoformat(activity["onsite"]["to"]) - date.fromisoformat(activity["onsite"]["from"])
    assert max(position["days_onsite"] for position in example["action"]["positions"]) <= stay.days + 1 <= 14


@each
def test_ahead_moves_by_the_fewest_whole_years_and_leaves_the_source_alone(example: dict[str, Any]) -> None:
    before = json.dumps(example)
    original = date.fromisoformat(example["action"]["activity"]["prep"]["from"])
    for offset in range(0, 3 * 366, 7):
        today = date(2026, 1, 1) + timedelta(days=offset)
        moved = ahead(example, today)
        first = date.fromisoformat(moved["action"]["activity"]["prep"]["from"])
        assert LEAD.days <= (first - today).days < LEAD.days + 366
        assert (first.month, first.day) == (original.month, original.day)
        assert first.year - original.year == years_ahead(example, today)
        assert moved["source"] == example["source"]
        assert moved["request"]["preferred_period"]["from"] == moved["action"]["activity"]["prep"]["from"]
        assert moved["action"]["positions"] == example["action"]["positions"]
    assert json.dumps(example) == before


def test_ahead_never_moves_back_and_survives_29_february() -> None:
    example: dict[str, Any] = {"request": {"day": "2024-02-29", "text": "2024"}, "action": {"days": ["2024-03-01"]}}
    assert ahead(example, date(2023, 6, 1)) == example
    moved = ahead(example, date(2024, 6, 1))
    assert moved == {"request": {"day": "2025-02-28", "text": "2024"}, "action": {"days": ["2025-03-01"]}}
