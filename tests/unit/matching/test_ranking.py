"""Same inputs, same bytes; bands and turns; an empty list says why and what would help."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from services.matching.domain.affinity import TextModel
from services.matching.domain.calendar import Engagement, Entry
from services.matching.domain.expert import Language, ThemeLevel, VettedArea
from services.matching.domain.policy import Policy
from services.matching.domain.ranking import Ranking, rank
from services.matching.domain.relaxations import relaxed
from services.matching.domain.requirement import LanguageNeed, Level, Requirement, Window
from services.matching.domain.roster import RosterLine, line_of
from services.matching.domain.search import Search
from tests.unit.matching.samples import (
    ONSITE,
    POLICY,
    TODAY,
    binding,
    calendar,
    expert,
    indicative,
    model_of,
    roster,
)

BYTES = TypeAdapter(Ranking)
SAMPLE = roster(60, 7)
MODEL = TextModel.fit(line.expert for line in SAMPLE)
BROAD = binding(themes=("A", "B"), min_years=3, origin_rule="any")


def ranked(*lines: RosterLine, requirement: Requirement | None = None, policy: Policy = POLICY) -> Ranking:
    return rank(requirement or binding(), lines, policy, TODAY, model_of(*lines))


def person(expert_id: str, time: Any = None, **changes: Any) -> RosterLine:
    return line_of(expert(expert_id, **changes), time or calendar(expert_id))


@settings(max_examples=30, deadline=None)
@given(order=st.permutations(SAMPLE))
def test_the_same_roster_in_any_order_gives_the_same_bytes(order: list[RosterLine]) -> None:
    policy = POLICY.model_copy(update={"threshold": 30})
    expected = rank(BROAD, SAMPLE, policy, TODAY, MODEL)
    again = rank(BROAD, order, policy, TODAY, TextModel.fit(line.expert for line in order))
    assert expected.suitable > 5
    assert BYTES.dump_json(again) == BYTES.dump_json(expected)


def test_nobody_is_left_out_without_a_reason_and_nobody_is_lost() -> None:
    found = rank(BROAD, SAMPLE, POLICY, TODAY, MODEL)
    assert all(reasons for _, reasons in found.exclusions)
    assert found.suitable + len(found.exclusions) == found.considered == len(SAMPLE)
    assert sum(found.emptied_by.values()) == sum(len(reasons) for _, reasons in found.exclusions)


def test_scores_are_the_sum_of_their_parts_and_bands_are_cut_from_the_top() -> None:
    policy = POLICY.model_copy(update={"threshold": 0})
    found = rank(BROAD, SAMPLE, policy, TODAY, MODEL).candidates
    assert [c.rank for c in found] == list(range(1, len(found) + 1))
    assert all(c.score == sum(p.points for p in c.parts) for c in found)
    for band in {c.band for c in found}:
        scores = [c.score for c in found if c.band == band]
        later = [c.score for c in found if c.band > band]
        assert max(scores) - min(scores) <= 3000
        assert not later or max(scores) - max(later) > 3000


def asked(*days_ago: int) -> dict[str, Any]:
    return {"asked_on": tuple(TODAY - timedelta(days=days) for days in days_ago)}


def engaged(year: int) -> dict[str, Any]:
    """Worked here on the first days of a year, too long ago to count in the days of the last 12 months."""
    return {"engaged": (Engagement(window=Window(start=date(year, 1, 1), end=date(year, 1, 9)), days=5),)}


Facts = tuple[dict[str, Any], dict[str, Any]]
TURNS: list[tuple[Facts, Facts]] = [
    (({}, asked()), ({}, asked(3))),
    (({}, asked(365, 400)), ({}, asked(364))),
    (({"days_last_12m": 9}, {}), ({"days_last_12m": 10}, {})),
    (({}, engaged(2028)), ({}, engaged(2029))),
    (({}, {}), ({}, engaged(2028))),
    # a little less score does not cost the turn: 2.5 points are inside the noise
    (({"days_last_12m": 40}, asked()), ({"days_last_12m": 10}, asked(3))),
]


@pytest.mark.parametrize(("first", "second"), TURNS)
def test_inside_a_band_turns_decide(first: Facts, second: Facts) -> None:
    lines = [person(id_, calendar(id_, **time), **who) for id_, (who, time) in (("exp_z", first), ("exp_a", second))]
    found = ranked(*lines).candidates
    assert [c.expert_id for c in found] == ["exp_z", "exp_a"]
    assert {c.band for c in found} == {1}


def test_the_id_decides_last_and_a_better_band_goes_before_every_turn() -> None:
    twins = ranked(person("exp_b"), person("exp_a")).candidates
    assert [c.expert_id for c in twins] == ["exp_a", "exp_b"]
    best = person(
        "exp_z",
        calendar("exp_z", **asked(*range(1, 10))),
        themes=(ThemeLevel(code="A01", level=4, years=12),),
        countries_experience=("NG",),
    )
    found = ranked(person("exp_a"), best).candidates
    assert [(c.expert_id, c.band) for c in found] == [("exp_z", 1), ("exp_a", 2)]


def test_a_score_below_the_threshold_is_a_reason() -> None:
    found = ranked(person("exp_a"), policy=POLICY.model_copy(update={"threshold": 95}))
    (reason,) = found.exclusions[0][1]
    assert reason.code == "below_threshold"
    assert int(reason.values["score"]) < int(reason.values["threshold"]) == 95_000
    assert reason.sentence


def test_the_list_is_cut_but_everybody_suitable_is_counted() -> None:
    lines = [person(f"exp_{n}") for n in range(5)]
    found = ranked(*lines, policy=POLICY.model_copy(update={"list_length": 2}))
    assert (len(found.candidates), found.suitable) == (2, 5)
    listed = {c.expert_id for c in found.candidates}
    assert [id_ for id_, _ in found.exclusions] == sorted({line.expert.expert_id for line in lines} - listed)
    for place, (_, (reason,)) in enumerate(found.exclusions, start=3):
        assert (reason.code, reason.values["rank"]) == ("beyond_the_list", str(place))
        assert int(reason.values["score"]) >= POLICY.threshold * 1000
        assert reason.sentence
    assert found.emptied_by == {}


def test_an_expert_twice_in_the_roster_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="exp_a appears twice"):
        ranked(person("exp_a"), person("exp_a"))


def by_code(found: Ranking) -> dict[str, int]:
    return {r.code: r.would_pass for r in found.relaxations}


def test_an_empty_list_says_which_rules_emptied_it_and_what_each_change_would_bring() -> None:
    from_later = Window(start=date(2030, 6, 13), end=date(2030, 12, 31))
    lines = [
        person(
            "exp_near",
            themes=(ThemeLevel(code="A02", level=4, years=12),),
            vetted_areas=(VettedArea(theme="A02"),),
        ),
        person("exp_undeclared", time=calendar("exp_undeclared", entries=())),
        person(
            "exp_later",
            time=calendar("exp_later", entries=(Entry(kind="available", window=from_later),)),
        ),
        person("exp_academic", category="academic"),
    ]
    found = ranked(*lines)
    assert found.candidates == ()
    assert found.emptied_by == {"origin": 1, "theme_not_vetted": 1, "unavailable": 2}
    assert list(found.emptied_by) == ["unavailable", "origin", "theme_not_vetted"], "most people first"
    brought = {"adjacent_theme": 1, "remote": 2, "dates": 1, "other_categories": 1, "years": 0, "languages": 0}
    assert by_code(found) == brought
    assert list(by_code(found)) == list(brought), "in the order in which a search is widened"
    assert all(r.sentence for r in found.relaxations)


def test_a_minimum_of_years_that_nobody_reaches_is_named_first_and_so_is_what_would_help() -> None:
    lines = [person(f"exp_{n}", category="academic" if n == 0 else "eu_public") for n in range(4)]
    found = ranked(*lines, requirement=binding(min_years=50))
    assert list(found.emptied_by.items()) == [("years_below_minimum", 4), ("origin", 1)]
    assert {code: brings for code, brings in by_code(found).items() if brings} == {"years": 3}


@pytest.mark.parametrize(
    ("asked", "spoken", "brings"),
    [("native", "C2", 1), ("C2", "C1", 1), ("C1", "B2", 1), ("C1", "B1", 0), ("A2", "A1", 1)],
)
def test_a_language_level_that_nobody_reaches_is_tried_one_lower(asked: Level, spoken: Level, brings: int) -> None:
    languages = (LanguageNeed(language="fr", level=asked),)
    speaks = person("exp_a", languages=(Language(language="fr", level=spoken),))
    assert by_code(ranked(speaks, requirement=binding(languages=languages)))["languages"] == brings


def test_the_lowest_level_stays_asked_for() -> None:
    """Somebody without a word of the language is no help."""
    speaks = person("exp_a", languages=(Language(language="en", level="native"),))
    lowest = binding(languages=(LanguageNeed(language="fr", level="A1"),))
    assert "languages" not in by_code(ranked(speaks, requirement=lowest))


@pytest.mark.parametrize("themes", [("A01",), ("B03", "C04"), ("H07",)])
def test_what_a_change_would_bring_is_what_a_search_with_it_finds(themes: tuple[str, ...]) -> None:
    lines = roster(150, 5)
    model = TextModel.fit(line.expert for line in lines)
    strict = binding(themes=themes, languages=(), min_years=0, text="")
    policy = POLICY.model_copy(update={"threshold": 40, "list_length": 1000})
    keen = {c.expert_id for c in rank(strict, lines, policy, TODAY, model).candidates}
    others = [line for line in lines if line.expert.expert_id not in keen]
    found = rank(strict, others, policy, TODAY, model)
    expected = {}
    for change in relaxed(strict, policy):
        variants = [rank(variant, others, policy, TODAY, model) for variant in change.variants]
        expected[change.code] = len({c.expert_id for r in variants for c in r.candidates})
    assert by_code(found) == expected
    assert sum(expected.values()) > 0


def test_a_list_with_people_states_no_changes_and_an_early_list_only_those_that_fit_it() -> None:
    assert ranked(person("exp_a")).relaxations == ()
    assert list(by_code(ranked(requirement=indicative()))) == ["adjacent_theme", "languages"]
    assert list(by_code(ranked(requirement=indicative(languages=())))) == ["adjacent_theme"]
    dated = indicative(preferred=ONSITE, languages=())
    assert list(by_code(ranked(requirement=dated))) == ["adjacent_theme", "dates"]


def test_the_digest_changes_with_every_input() -> None:
    base = ranked(person("exp_a"))
    others = [
        ranked(person("exp_a", days_last_12m=11)),
        ranked(person("exp_a", time=calendar("exp_a", entries=()))),
        ranked(person("exp_a"), requirement=binding(days_total=19)),
        ranked(person("exp_a"), policy=POLICY.model_copy(update={"noise": 2})),
        rank(binding(), [person("exp_a")], POLICY, date(2030, 3, 2), model_of(person("exp_a"))),
        rank(binding(), [person("exp_a")], POLICY, TODAY, model_of()),
    ]
    assert len({r.inputs_digest for r in (base, *others)}) == 1 + len(others)


def test_a_search_survives_its_way_through_a_store() -> None:
    search = Search(
        search_id="sea_1", requirement=BROAD, ranking=rank(BROAD, SAMPLE, POLICY, TODAY, MODEL), created_on=TODAY
    )  # fmt: skip
    assert Search.model_validate_json(search.model_dump_json()) == search
    assert Search.model_validate(search.model_dump(mode="json")) == search
