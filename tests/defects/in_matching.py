"""Defects of what matching knows of experts: the roster in memory, employers, warnings."""

from __future__ import annotations

from tests.defects.defect import Change, Defect

ROSTER = "services/matching/application/roster.py"
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
)
