"""The data files are complete and consistent."""

from __future__ import annotations

import subprocess
import sys
from datetime import date

import pytest

from shared import vocabulary as v
from shared.vocabulary.table import rows

FILES = ("themes", "languages", "levels", "countries", "country_groups", "institution_types", "terms")


def test_counts() -> None:
    codes = [entry.code for entry in v.themes()]
    assert len([code for code in codes if v.parent_theme(code) is None]) == 12
    assert len([code for code in codes if v.parent_theme(code) is not None]) == 89
    assert len([entry for entry in v.languages() if entry.eu_official]) == 24
    assert len(v.countries()) == 249 + 1  # ISO 3166-1, and XK
    assert [len(v.terms(kind)) for kind in ("marker", "sdg", "target_group", "assistance_type")] == [5, 17, 9, 7]
    assert len(v.terms("expert_category")) == 8
    assert len(v.terms("decline_reason")) == 8
    assert len(v.terms("format")) == 10


@pytest.mark.parametrize("name", FILES)
def test_every_label_is_present_in_three_languages(name: str) -> None:
    for row in rows(name):
        for language in v.LABEL_LANGUAGES:
            text = row[language]
            assert text, (name, row)
            assert text == text.strip(), (name, row)


@pytest.mark.parametrize("name", FILES)
def test_codes_are_unique_within_their_list(name: str) -> None:
    keys = [(row.get("scheme"), row.get("kind"), row["code"]) for row in rows(name)]
    assert len(keys) == len(set(keys))


def test_every_list_of_the_terms_file_is_reachable_and_the_other_way_round() -> None:
    assert {row["kind"] for row in rows("terms")} | {"institution_type"} == set(v.TERM_KINDS)


def test_every_mapping_target_exists_and_every_foreign_theme_is_mapped() -> None:
    assert v.schemes() == (v.OWN_SCHEME, "socieux-plus", "socieux-2013")
    for scheme in v.schemes()[1:]:
        for entry in v.themes(scheme):
            assert entry.maps_to, entry
            assert all(v.is_theme(target) for target in entry.maps_to), entry
    assert all(entry.maps_to == () for entry in v.themes())


def test_members_of_groups_are_countries_in_order_of_dates() -> None:
    for row in rows("country_group_members"):
        assert v.is_country(row["country"]), row
        v.country_group(row["group"])
    for group in v.country_groups():
        assert group.memberships, group.code
        for entry in group.memberships:
            assert entry.mark in ("known", "assumed")
            if entry.mark == "known":
                assert entry.valid_from is not None
            if entry.valid_from and entry.valid_to:
                assert entry.valid_from <= entry.valid_to


def test_group_sizes_today() -> None:
    on = date(2025, 1, 1)
    assert len(v.members("EU27", on)) == 27
    assert len(v.members("EEA_PES", on)) == 30
    assert len(v.members("ENLARGEMENT", on)) == 10
    assert len(v.members("NEIGH_EAST", on)) == 6
    assert len(v.members("NEIGH_SOUTH", on)) == 10
    assert len(v.members("ESF_COMMON_FRAMEWORK_2018", on)) == 10
    assert v.members("EU28", on) == ()


def test_importing_reads_no_file_and_needs_no_babel() -> None:
    script = (
        "import sys, shared.vocabulary as v; from shared.vocabulary.table import rows;"
        "assert rows.cache_info().currsize == 0; v.label('theme', 'A'); assert 'babel' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", script], check=True, timeout=30)
