"""What the vocabulary answers."""

from __future__ import annotations

from datetime import date

import pytest

from shared import vocabulary as v


def test_a_sub_theme_knows_its_theme_and_its_neighbours() -> None:
    assert v.theme("E05").labels.en == "Social registries and targeting"
    assert v.parent_theme("E05") == "E"
    assert v.parent_theme("E") is None
    assert v.adjacent("H02") == ("H01", "H03", "H04", "H05", "H06")
    assert v.adjacent("H") == ()
    assert v.sub_themes("H")[0] == "H01"
    assert v.is_theme("E")
    assert v.is_theme("E05")
    assert not v.is_theme("E15")  # a code of SOCIEUX+, not of ours
    assert v.is_sub_theme("E05")
    assert not v.is_sub_theme("E")
    assert not v.is_sub_theme("e05")


def test_foreign_codes_keep_their_scheme_and_are_mapped() -> None:
    assert v.theme("E15", "socieux-plus").labels.en == "Social Services"
    assert v.mapped("socieux-plus", "E15") == ("D",)
    assert v.mapped("socieux-plus", "F.00") == ("J",)
    assert v.mapped(v.OWN_SCHEME, "E05") == ("E05",)
    assert v.theme("F.00", "socieux-plus").code == "F.00"


@pytest.mark.parametrize(
    ("held", "required", "enough"),
    [
        ("C1", "C1", True),
        ("C2", "C1", True),
        ("native", "C2", True),
        ("B2", "C1", False),
        ("A2", "A1", True),
        ("C2", "native", False),
    ],
)
def test_levels_are_ordered(held: str, required: str, enough: bool) -> None:
    assert v.at_least(held, required) is enough


def test_level_ranks() -> None:
    assert [entry.code for entry in v.levels()] == ["A1", "A2", "B1", "B2", "C1", "C2", "native"]
    assert [v.level_rank(entry.code) for entry in v.levels()] == [1, 2, 3, 4, 5, 6, 7]


@pytest.mark.parametrize(
    ("country", "group", "on", "inside"),
    [
        ("HR", "EU27", date(2013, 6, 30), False),
        ("HR", "EU27", date(2013, 7, 1), True),
        ("GB", "EU28", date(2020, 1, 31), True),
        ("GB", "EU28", date(2020, 2, 1), False),
        ("GB", "EU27", date(2019, 1, 1), False),
        ("DE", "EU28", date(2013, 6, 30), False),
        ("NO", "EEA_PES", date(2024, 1, 1), True),
        ("NO", "EU27", date(2024, 1, 1), False),
        ("UA", "ENLARGEMENT", date(2022, 6, 22), False),
        ("UA", "ENLARGEMENT", date(2022, 6, 23), True),
        ("XK", "ENLARGEMENT", date(2024, 1, 1), True),
        ("NG", "SSA", date(2024, 1, 1), True),
        ("PA", "LAC", date(2024, 1, 1), True),
        ("DJ", "SSA", date(2024, 1, 1), True),
    ],
)
def test_membership_changes_with_the_day(country: str, group: str, on: date, inside: bool) -> None:
    assert v.in_group(country, group, on) is inside


def test_a_country_is_in_several_groups() -> None:
    assert v.groups_of("MD", date(2024, 1, 1)) == ("ENLARGEMENT", "NEIGH_EAST")
    assert v.groups_of("MD", date(2020, 1, 1)) == ("NEIGH_EAST",)
    assert v.groups_of("US", date(2024, 1, 1)) == ()


def test_greece_is_gr_and_kosovo_carries_its_note() -> None:
    assert v.is_country("GR")
    assert not v.is_country("EL")
    note = v.country("XK").note
    assert note is not None
    assert "1244" in note.say("en")
    assert "1244" in note.say("fr")
    assert "1244" in note.say("es")
    assert v.country("FR").note is None


def test_labels_fall_back_to_english() -> None:
    assert v.label("theme", "D02", "fr") == "Services pour les personnes handicapées"
    assert v.label("theme", "D02", "es") == "Servicios para personas con discapacidad"
    assert v.label("theme", "D02", "fi") == v.label("theme", "D02") == "Services for persons with disabilities"
    assert v.label("theme", "D02", "fr-BE") == "Services pour les personnes handicapées"
    assert v.label("theme", "socieux-plus/E15", "fr") == "Services sociaux"
    assert v.label("country", "DJ", "fr") == "Djibouti"
    assert v.label("country_group", "EU27", "es") == "Unión Europea (27 miembros)"
    assert v.label("language", "fi", "fr") == "finnois"
    assert v.label("level", "native", "es") == "Lengua materna"
    assert v.label("decline_reason", "dates", "en") == "The dates do not suit"
    assert v.label("institution_type", "ministry", "fr") == "Ministère"


def test_unknown_codes_are_named() -> None:
    for ask in (
        lambda: v.theme("Z99"),
        lambda: v.adjacent("Z99"),
        lambda: v.language("xx"),
        lambda: v.level_rank("C3"),
        lambda: v.at_least("C1", "C3"),
        lambda: v.country("EL"),
        lambda: v.groups_of("EL", date(2024, 1, 1)),
        lambda: v.in_group("FR", "EU26", date(2024, 1, 1)),
        lambda: v.term("marker", "speed"),
        lambda: v.themes("isco"),
        lambda: v.label("sdg", "18"),
    ):
        with pytest.raises(v.UnknownCode):
            ask()
    with pytest.raises(ValueError, match="no theme has the code 'Z99'"):
        v.theme("Z99")


def test_types_that_may_ask_without_an_override() -> None:
    assert v.eligible_by_default("ministry")
    assert v.eligible_by_default("local_authority")
    assert not v.eligible_by_default("trade_union")
    assert not v.eligible_by_default("academic")
    assert not v.eligible_by_default("private_body")
