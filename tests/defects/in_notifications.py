"""Defects of notifications' decisions: who is told of what, and each once."""

from __future__ import annotations

from tests.defects.defect import Change, Defect

NOTIFICATIONS = "services/notifications/"
TEST_AWAY = "tests/component/notifications/test_mail_server_away.py::"
TEST_LEASES = "tests/component/notifications/test_leases.py::"
TEST_NO_DESK = "tests/component/notifications/test_without_a_desk.py::"
TEST_WAITING = "tests/component/notifications/test_waiting.py::"
TEST_TOLD = "tests/component/notifications/test_who_is_told.py::"

DEFECTS = (
    Defect(
        "old-event-told-to-newcomers",
        "The offsets of a group are lost, and whoever came since hears of every old event of theirs.",
        (
            Change(
                "services/notifications/application/tell.py",
                "        if await self.stores.told.done_before(cause.source, cause) is not None:\n            return\n",
                "",
            ),
        ),
        (TEST_WAITING + "test_an_event_that_comes_again_tells_nobody_who_came_since",),
    ),
    Defect(
        "notice-to-the-wrong-institution",
        "A notice about one institution's case is read by people of another one.",
        (Change(NOTIFICATIONS + "domain/recipients.py", 'f"institution:{institution_id}"', '"institution:"'),),
        (TEST_TOLD + "test_a_notice_never_goes_to_another_institutions_people",),
    ),
    Defect(
        "names-of-a-team-for-everybody",
        "The EU Delegation and each expert read the names that the partner alone may read.",
        (
            Change(
                NOTIFICATIONS + "domain/names.py",
                '(notice.type, notice.role) != ("team_complete", "focal_point")',
                'notice.type != "team_complete"',
            ),
            *(
                Change(NOTIFICATIONS + f"templates/team_complete/{language}.txt", 'if role == "focal_point"', "if role")
                for language in ("en", "fr", "es")
            ),
        ),
        (TEST_TOLD + "test_the_partner_alone_reads_the_names_of_its_complete_team",),
    ),
    Defect(
        "same-event-told-twice",
        "An event that comes again mails everybody again.",
        (
            Change(
                NOTIFICATIONS + "domain/delivery.py",
                'return derived_id("dlv", event_id, recipient, channel)',
                'return new_id("dlv")',
            ),
            Change(NOTIFICATIONS + "domain/delivery.py", "import derived_id", "import new_id"),
        ),
        (TEST_WAITING + "test_an_event_cut_short_before_it_was_noted_as_told_tells_nobody_twice",),
    ),
    Defect(
        "mails-charged-with-the-mail-servers-absence",
        "The mail server is away over a weekend, and every mail of it has failed for good on Monday.",
        (
            Change(
                NOTIFICATIONS + "application/send_delivery.py",
                "await self._hold(stored, cause, str(error), self.server.went_away(delivery.id, str(error)))",
                "await self._note(stored, cause, lambda d: tried(d, 'away', self.clock.now(), self.plan))",
            ),
        ),
        (TEST_AWAY + "test_after_an_hour_away_all_go_out_once_in_the_order_in_which_they_waited",),
    ),
    Defect(
        "lease-without-an-owner",
        "Two replicas send the backlog of an outage: each takes the other's lease for its own, and mails go out twice.",
        (
            Change(
                NOTIFICATIONS + "application/send_delivery.py",
                "return delivery.due_at == own or delivery.due_at <= now",
                "return True",
            ),
        ),
        (
            TEST_LEASES + "test_a_backlog_that_outlasts_the_lease_goes_out_once_from_two_replicas",
            TEST_LEASES + "test_what_another_has_put_off_or_holds_is_not_tried_from_an_old_queue[busy]",
        ),
    ),
    Defect(
        "desk-alone-waited-for",
        "While there is no desk, a manager who arrives is never told; the desk that comes hears that there is none.",
        (
            Change(
                NOTIFICATIONS + "domain/notice.py",
                "found.setdefault(missing.reference, Addressee(missing.reference, missing.function, known=False))",
                "found.setdefault(TO_DESK.reference, Addressee(TO_DESK.reference, missing.function, known=False))",
            ),
        ),
        (TEST_NO_DESK + "test_the_manager_and_the_pool_manager_who_come_are_told_as_such",),
    ),
    Defect(
        "first-come-decided-per-channel",
        "The desk and an EU Delegation are entered together: one has the mail, the other the line in the inbox.",
        (
            Change(
                NOTIFICATIONS + "application/release_waiting.py",
                "first = delivery_id(delivery.event_id, delivery.recipient, CHANNELS[delivery.priority][0])",
                "first = delivery.id",
            ),
        ),
        (
            TEST_NO_DESK
            + "test_a_delegation_that_comes_while_the_desk_is_told_leaves_all_to_one_of_them[before_2nd_look]",
        ),
    ),
    Defect(
        "personal-data-in-a-log-line",
        "Names of the people who are written to stand in a log that many read and nobody erases.",
        (
            Change(
                NOTIFICATIONS + "application/send_delivery.py",
                "            await self.mailer.send(mail)\n",
                '            await self.mailer.send(mail)\n            log.info("handed over", to=mail.to_name)\n',
            ),
        ),
        ("tests/component/notifications/test_logs.py::test_no_line_names_a_person_whatever_happens",),
    ),
)  # fmt: skip
