"""What is announced of an expert, in matching's own words."""

from __future__ import annotations

from datetime import date, timedelta

from services.matching.application.record_expert import expert_from
from services.matching.domain.conflicts import conflict
from services.matching.domain.question import question_of
from services.matching.domain.roster import line_of
from shared.contracts.events.experts import Employment, ExpertState
from tests.unit.matching.samples import POLICY, TODAY, binding, expert


def _announced(*previous: Employment, today: Employment | None = None) -> ExpertState:
    return ExpertState(
        expert_id="exp_1",
        status="active",
        category="eu_public",
        country_of_work="BE",
        themes=(),
        years_total=9,
        languages=(),
        employment=today,
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


def test_an_employment_that_has_ended_is_an_earlier_one_from_the_day_after() -> None:
    last = date(2028, 6, 1)
    job = Employment(institution_id="ins_b", country="BE", employer_type="ministry", since=date(2010, 1, 1), until=last)
    known = expert_from(_announced(today=job)).model_copy(update={"employer_consent": "yes"})
    held = known.employer_on(last)
    assert held is not None
    assert (held.institution_id, held.since, held.until) == ("ins_b", job.since, last)
    assert (known.past_employers_on(last), known.employer_to_tell(last)) == ((), "ins_b")
    after = last + timedelta(days=1)
    (past,) = known.past_employers_on(after)
    assert (past.institution_id, past.country, past.start, past.end) == ("ins_b", "BE", job.since, last)
    assert (known.employer_on(after), known.employer_to_tell(after)) == (None, None)
