"""What is announced of an expert, in matching's own words."""

from __future__ import annotations

from datetime import date

from services.matching.application.record_expert import expert_from
from services.matching.domain.conflicts import conflict
from services.matching.domain.question import question_of
from services.matching.domain.roster import line_of
from shared.contracts.events.experts import Employment, ExpertState
from tests.unit.matching.samples import POLICY, TODAY, binding, expert


def _announced(*previous: Employment) -> ExpertState:
    return ExpertState(
        expert_id="exp_1",
        status="active",
        category="eu_public",
        country_of_work="BE",
        themes=(),
        years_total=9,
        languages=(),
        previous_employments=previous,
    )


def test_a_second_employment_without_an_end_lasts_and_is_a_conflict() -> None:
    for since in (date(2022, 1, 1), None):
        beside = Employment(institution_id="ins_asks", country="NG", employer_type="ministry", since=since, until=None)
        known = expert_from(_announced(beside)).previous_employers
        found = conflict(line_of(expert(previous_employers=known)), question_of(binding(), POLICY, TODAY))
        assert found == {"worked_for": "ins_asks", "until": "no end known"}


def test_an_employment_keeps_its_days() -> None:
    was = Employment(
        institution_id="ins_b", country="BE", employer_type="ministry", since=date(2010, 1, 1), until=date(2012, 2, 3)
    )
    (kept,) = expert_from(_announced(was)).previous_employers
    assert (kept.start, kept.end) == (date(2010, 1, 1), date(2012, 2, 3))
