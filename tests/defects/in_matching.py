"""Defects of what matching knows of experts, and of whom and when it asks: roster, employers, days, what is shown."""

from __future__ import annotations

from tests.defects.defect import Change, Defect

ROSTER = "services/matching/application/roster.py"
INSTITUTION = "services/matching/domain/institution.py"
CONFLICTS, RECORD = "services/matching/domain/conflicts.py", "services/matching/application/record_expert.py"
KNOWN, OFFERING = "services/matching/domain/roster.py", "services/matching/application/offer_next.py"
SHOWN = "services/matching/entrypoints/http/positions.py"
DEADLINES = "services/matching/domain/deadlines.py"
TEST_CONFLICTS = "tests/unit/matching/test_conflicts.py::"
TEST_RECORD = "tests/unit/matching/test_record_expert.py::"
TEST_AWAY = "tests/component/matching/test_roster_away.py::"
TEST_LATE = "tests/component/matching/test_too_late.py::"
TEST_POSITIONS = "tests/component/matching/test_positions.py::"
TEST_ROSTER = "tests/component/matching/test_roster.py::"
TEST_SKIPPED = "tests/component/matching/test_passing_over.py::"

AS_LISTED = "tests/unit/matching/test_held_as_listed.py::"

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
    Defect(
        "whole-theme-vets-nothing",
        "An expert vetted in a whole theme is told to be active and stands on no list for any part of it.",
        (
            Change(
                KNOWN, "return max(self.vetted.get(asked, date.min), whole)", "return self.vetted.get(asked, date.min)"
            ),
        ),
        ("tests/component/test_whole_theme_vetted.py::test_whom_registration_vets_in_an_area_matching_finds_by_it[E]",),
    ),
    Defect(
        "offered-after-the-first-day",
        "The next person down the list is offered days that have begun when the answer is due.",
        (
            Change(
                OFFERING,
                "return position.requirement.begun_on(self.answer_due_on(now, urgent=position.urgent))",
                "return False",
            ),
        ),
        (
            TEST_LATE + "test_a_refusal_that_leaves_no_time_for_another_answer_ends_the_list_for_that_reason",
            TEST_LATE + "test_three_silences_do_not_push_the_fourth_offer_past_the_first_day",
            TEST_LATE + "test_an_approval_that_is_heard_of_too_late_brings_no_offer",
        ),
    ),
    Defect(
        "four-days-for-five",
        "An offer of a Sunday night is to be answered by the night before the fifth working day.",
        (Change(DEADLINES, "if not works(local.date()):", "if False:"),),
        ("tests/unit/matching/test_deadlines.py::test_nobody_has_less_than_so_many_whole_working_days",),
    ),
    Defect(
        "employer-that-may-be-anybody",
        "The asking ministry registered twice, the copy was found ineligible, and its own people are asked.",
        (Change(INSTITUTION, '(self.status == "ineligible" and self.identity_known)', 'self.status == "ineligible"'),),
        (TEST_ROSTER + "test_an_ineligible_employer_whose_identity_nobody_established_is_not_known",),
    ),
    Defect(
        "relations-of-the-first-search",
        "Somebody of a parent institution that was heard of after the search is asked.",
        (
            Change(
                OFFERING,
                '"related_institution_ids": roster.related_to(position.institution_id)',
                '"related_institution_ids": position.requirement.related_institution_ids',
            ),
        ),
        (TEST_SKIPPED + "test_a_relation_of_institutions_heard_of_after_the_search_is_a_conflict_too",),
    ),
    Defect(
        "time-to-answer-of-the-first-search",
        "The time to answer is shortened, a new search finds people, and all are passed over as asked too late.",
        (
            Change(
                OFFERING,
                '"answer_due_on": times.answer_due_on(now, urgent=position.urgent)',
                '"answer_due_on": position.requirement.answer_due_on',
            ),
        ),
        ("tests/component/matching/test_too_late.py::test_a_list_of_another_time_to_answer_is_offered_by_that_time",),
    ),
    Defect(
        "search-followed-by-version",
        "An institution tells an expert who declined from one who did not answer, by the steps of the search.",
        (Change(SHOWN, '**_line(stored), "version": None, "state"', '**_line(stored), "state"'),),
        (TEST_POSITIONS + "test_until_somebody_accepts_an_institution_does_not_see_how_the_search_goes",),
    ),
    Defect(
        "remote-work-held-as-a-stay",
        "Whoever is away one day of six weeks is listed for remote work and can never be offered it; the list ends.",
        (Change("services/matching/domain/calendar.py", "if kept.stay or not closed:", "if closed or not closed:"),),
        (AS_LISTED + "test_remote_work_fits_around_a_day_that_is_not_free",),
    ),
    Defect(
        "remote-work-listed-over-booked-days",
        "The list names people whose days are booked: the officer approves it, and nobody of them can be asked.",
        (Change("services/matching/domain/availability.py", "(dates.kept & booked)", "(dates.onsite & booked)"),),
        (AS_LISTED + "test_remote_work_is_not_listed_over_what_is_booked",),
    ),
)
