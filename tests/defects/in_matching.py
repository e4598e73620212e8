"""Defects of what matching knows of experts: the roster in memory, employers, warnings."""

from __future__ import annotations

from tests.defects.defect import Change, Defect

ROSTER = "services/matching/application/roster.py"
CONFLICTS, RECORD = "services/matching/domain/conflicts.py", "services/matching/application/record_expert.py"
TEST_CONFLICTS = "tests/unit/matching/test_conflicts.py::"
TEST_RECORD = "tests/unit/matching/test_record_expert.py::"
TEST_AWAY = "tests/component/matching/test_roster_away.py::"

DEFECTS = (
    Defect(
        "hiccup-keeps-the-barred",
        "A store is away for one search, and an expert barred just before is ranked and asked until the next restart.",
        (
            Change(
                ROSTER,
                "        now = self._clock.now()\n        if self._looked_at",
                "        self.fresh.clear()\n        now = self._clock.now()\n        if self._looked_at",
            ),
        ),
        (
            TEST_AWAY + "test_no_change_is_lost_where_another_store_was_away[calendars]",
            TEST_AWAY + "test_no_change_is_lost_where_the_caller_gave_up[calendars]",
            TEST_AWAY + "test_whoever_was_barred_while_a_store_was_away_is_on_no_later_list",
        ),
    ),
    Defect(
        "first-day-left-out",
        "An expert leaves out since when they work where they do, and nobody asks where they worked before.",
        (Change(CONFLICTS, "employer.since or today", "employer.since or date.min"),),
        (TEST_CONFLICTS + "test_an_employment_whose_first_day_is_not_stated_covers_no_day_of_the_look_back",),
    ),
    Defect(
        "ended-employment-goes-on",
        "A job that ended long ago counts as held today, and where the expert has worked since is not asked.",
        (Change(RECORD, "                until=work.until,\n", ""),),
        (TEST_RECORD + "test_an_employment_that_has_ended_is_an_earlier_one_from_the_day_after",),
    ),
)
