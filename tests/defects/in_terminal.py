"""Defects of the operator's terminal and of what it asks of the services."""

from __future__ import annotations

from tests.defects.defect import Change, Defect

TEST_LIVE = "tests/unit/audit/test_live.py::"
TEST_REPUBLISH = "tests/integration/terminal/test_republish.py::"

TEST_LAST = "tests/unit/terminal/test_backup_last.py::"
TEST_NEWER = "tests/unit/terminal/test_newer_groups.py::"
TEST_FAULTY = "tests/unit/terminal/test_faulty_records.py::"
TEST_WAY = "tests/unit/terminal/test_way.py::"
TEST_CORRELATION = "tests/component/matching/test_correlation.py::"

DEFECTS = (
    Defect(
        "own-topics-made-anew",
        "A service is restored beside topics of its own that were lost, and what it says next is ignored as known.",
        (
            Change(
                "deploy/terminal/backups/restoring.py",
                "    await check_own(settings.kafka, head.ends, head.own_lasts)\n",
                "",
            ),
        ),
        (TEST_LAST + "test_a_restore_looks_at_own_and_at_consumed_topics_before_it_changes_anything",),
    ),
    Defect(
        "newer-group-left-at-its-end",
        "A backup of before an upgrade is restored, and the view of a new consumer group lacks all there was.",
        (
            Change(
                "deploy/terminal/backups/restoring.py",
                "    return {**head.groups, **{group: {topic: beginnings[topic]} for group, topic in newer.items()}}\n",
                "    return dict(head.groups)\n",
            ),
        ),
        (TEST_NEWER + "test_it_reads_its_topic_from_the_beginning_but_for_what_was_lost",),
    ),
    Defect(
        "parked-number-believed",
        "A number in a record that was parked moves an aggregate, whose next event is a gap for every consumer.",
        (
            Change(
                "deploy/terminal/backups/since.py",
                "        if told.unreadable:\n",
                "        if told.unreadable and not told.sequence:\n",
            ),
        ),
        (TEST_FAULTY + "test_no_value_ends_a_restore",),
    ),
    Defect(
        "own-number-given-twice",
        "A restore after a roll-back issues a number anew, and who knows it takes the new decision for a repetition.",
        (
            Change(
                "deploy/terminal/backups/since.py",
                "        counts = said is not None and _counted(said, beyond, known)\n",
                "        counts = False\n",
            ),
        ),
        (TEST_FAULTY + "test_what_the_service_itself_announced_counts_though_this_release_cannot_read_it",),
    ),
    Defect(
        "strangers-number-believed",
        "Whoever puts a record on a topic moves an aggregate of the service that is restored, as far as they like.",
        (
            Change(
                "deploy/terminal/backups/since.py",
                "    if TOPICS[said.topic].contiguous and said.sequence > last + 1:\n        return False\n",
                "",
            ),
            Change(
                "deploy/terminal/backups/since.py",
                "    if (said.event_id, said.sequence, said.aggregate.id) != (told.event_id, told.sequence, key):\n"
                "        return None\n",
                "",
            ),
        ),
        (TEST_FAULTY + "test_what_a_stranger_wrote_moves_nothing_whatever_it_looks_like",),
    ),
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
        "released-waits-for-ever",
        "A case in which a function was filled late is shown as open for ever, and an operator looks for what hangs.",
        (Change("deploy/terminal/looks/way.py", "DONE = (*SENT, RELEASED)\n", "DONE = SENT\n"),),
        (
            TEST_WAY + "test_a_notice_that_was_released_to_those_who_hold_its_function_is_done_and_told_nobody",
            TEST_WAY + "test_every_state_of_a_notice_is_done_or_still_open",
        ),
    ),
    Defect(
        "days-wait-in-another-case",
        "What hangs in an expert's calendar is shown in the case that began it, and not in the one that waits for it.",
        (
            Change(
                "deploy/terminal/looks/way.py",
                '                if entry["headers"].get("correlation_id") != case.correlation:\n',
                '                if document["correlation_id"] != case.correlation:\n',
            ),
            Change("deploy/terminal/looks/way.py", '(hold.get("correlation_id") or own)', "own"),
        ),
        (TEST_CORRELATION + "test_what_waits_in_a_calendar_is_open_in_the_case_that_asked",),
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
