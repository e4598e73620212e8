"""Defects of the operator's terminal and of what it asks of the services."""

from __future__ import annotations

from tests.defects.defect import Change, Defect

TEST_LIVE = "tests/unit/audit/test_live.py::"
TEST_REPUBLISH = "tests/integration/terminal/test_republish.py::"

DEFECTS = (
    Defect(
        "pending-called-lost",
        "An operator who audits a system at work is told of losses that are none, and learns not to believe it.",
        (
            Change(
                "deploy/audit/evidence.py",
                "            return True\n        committed = self",
                "            return True\n        return True\n        committed = self",
            ),
        ),
        (
            TEST_LIVE + "test_an_effect_of_a_record_nobody_has_come_to_yet_is_pending",
            TEST_LIVE + "test_a_notice_nobody_has_come_to_yet_is_pending_and_later_lost",
        ),
    ),
    Defect(
        "restated-is-told",
        "An operator mends a view, and everybody concerned is told a second time of what happened long ago.",
        (
            Change(
                "services/notifications/entrypoints/events.py",
                "        if event.envelope.restated:\n",
                "        if event.envelope.restated and not event.data:\n",
            ),
        ),
        (TEST_REPUBLISH + "test_a_state_is_said_again_and_taken_in_without_telling_anybody",),
    ),
)
