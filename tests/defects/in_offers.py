"""Defects of a position's way: its lists, offers and days, and who is asked next."""

from __future__ import annotations

from tests.defects.defect import Change, Defect

MATCHING = "services/matching/"
OFFERING = MATCHING + "domain/offering.py"
POSITION = MATCHING + "domain/position.py"
CALENDAR = MATCHING + "domain/calendar.py"
HEARD = MATCHING + "entrypoints/events.py"
OFFER = MATCHING + "domain/offer.py"
SHORTLISTING = MATCHING + "domain/shortlisting.py"
OFFER_NEXT = MATCHING + "application/offer_next.py"
EXPERT = MATCHING + "domain/expert.py"
SEARCH_AGAIN = MATCHING + "application/search_again.py"
TEST_POSITION = "tests/unit/matching/test_position.py::"
TEST_AGAIN = "tests/component/matching/test_searching_again.py::"
TEST_ROSTER = "tests/component/matching/test_roster.py::"
TEST_OFFERS = "tests/component/matching/test_offers.py::"
LATE_CLEARANCE = "tests/component/matching/test_late_clearance.py::"
TEST_CRASHES = "tests/component/matching/test_crashes.py::test_cut_short_at_any_write_a_step_ends_the_same"
LATE_OFFER = (
    "tests/component/matching/test_crashes.py::"
    "test_an_offer_made_late_goes_to_the_same_person_and_its_days_are_held_past_its_answer"
)
TEST_PASSING = "tests/component/matching/test_passing_over.py::"
TEST_CORRELATION = "tests/component/matching/test_correlation.py::"
DECLINED = TEST_OFFERS + "test_a_decline_frees_the_days_and_asks_the_next_rank_exactly_once"
SILENT = TEST_OFFERS + "test_silence_is_reminded_of_twice_and_then_passes_the_offer_on"
SEVERAL_AT_ONCE = (
    Change(
        OFFERING, "    if position.open_offer is not None:\n", "    if position.open_offer is not None and not now:\n"
    ),
    Change(POSITION, "if self.state is not PositionState.SHORTLISTED or self", "if self"),
    Change(POSITION, "_S.OFFERED: frozenset({_S.ACCEPTED,", "_S.OFFERED: frozenset({_S.OFFERED, _S.ACCEPTED,"),
)
"""The domain's own refusals of a second open offer, taken away."""

DEFECTS = (
    Defect(
        "two-offers-at-once",
        "Two experts are asked for one place, both accept, and one has to be told that there is no place.",
        SEVERAL_AT_ONCE,
        (TEST_POSITION + "test_an_offer_goes_to_the_next_rank_only_and_one_at_a_time",),
    ),
    Defect(
        "next-rank-offered-twice",
        "An offer that ends unanswered asks the next person, and at once the one after as well.",
        (
            *SEVERAL_AT_ONCE,
            Change(OFFER_NEXT, "            or position.state is not PositionState.SHORTLISTED\n", ""),
            Change(
                HEARD,
                "                    positions.AssignmentExpired: self.offer_failed,\n",
                "                    positions.AssignmentExpired: self.offer_failed,\n"
                "                    positions.OfferDeadlinePassed: self.offer_failed,\n",
            ),
            Change(HEARD, 'positions.OfferDeadlinePassed: "assignment', '# "assignment'),
        ),
        (SILENT,),
    ),
    Defect(
        "best-person-skipped-unasked",
        "An offer that was held up goes to the next person: the hold of the first attempt has lapsed.",
        (
            Change(
                CALENDAR,
                "    if known is not None:\n        _refuse_given_back(known)\n",
                '    if known is not None and known.state == "released":\n'
                '        raise CannotHold("released", f"The hold of offer {wanted.offer_id} is over.")\n',
            ),
        ),
        (LATE_OFFER + "[lapsed]",),
    ),
    Defect(
        "reason-for-declining-told",
        "Whoever reads the topics, the timeline or a position learns that somebody is ill.",
        (Change(MATCHING + "application/announce.py", "reason=PERSONAL,", "reason=fact.reason,"),),
        (DECLINED,),
    ),
    Defect(
        "declined-person-asked-again",
        "Somebody who has declined a place is offered it again, and again.",
        (Change(POSITION, "gone = self.asked | {", "gone = {"),),
        (DECLINED,),
    ),
    Defect(
        "passed-over-for-good",
        "Who declines one place of a team is never asked for the other: their open offer had them passed over.",
        (Change(OFFER_NEXT, "in position.passed_over():", "in position.passed_over()[:0]:"),),
        (TEST_PASSING + "test_whoever_declined_another_place_of_the_team_is_asked_for_this_one_before_its_list_ends",),
    ),
    Defect(
        "declined-person-on-a-new-list",
        "A search is made again and puts those who have declined before the officer, as if nobody had asked them.",
        (
            Change(SEARCH_AGAIN, "tuple(sorted(position.asked))", "()"),
            Change(SHORTLISTING, "for line in ranked if line.expert_id not in position.asked)", "for line in ranked)"),
        ),
        (TEST_AGAIN + "test_whoever_was_offered_the_position_is_left_out_on_record_and_never_asked_again",),
    ),
    Defect(
        "list-approved-while-its-successor-is-made",
        "An officer approves the old list while another one's new search runs: the new list is announced and nobody's.",
        (Change(SEARCH_AGAIN, "begin_again(position, version)[0] if position else None", "position"),),
        (TEST_AGAIN + "test_a_list_whose_successor_is_being_made_cannot_be_approved",),
    ),
    Defect(
        "searching-again-cannot-be-repeated",
        "A call on a list's version is cut short after it ended the list: the repeat hears 412, and the list is gone.",
        (Change(SEARCH_AGAIN, "edited in (None, stored.state.replaces)", "edited is None"),),
        (TEST_AGAIN + "test_a_call_that_was_cut_short_is_repeated_on_the_version_it_was_made_on",),
    ),
    Defect(
        "acceptance-refused-with-days-firm",
        "A reminder overtakes an acceptance: the expert hears 412, and their days are taken all the same.",
        (Change(MATCHING + "application/accept_offer.py", "        if not first:\n", "        if first:\n"),),
        ("tests/component/matching/test_offers.py::test_what_happens_to_an_offer_while_it_is_accepted_refuses_nothing",),
    ),
    Defect(
        "search-under-an-approved-list",
        "While an offer is on its way a new search takes the approved list away, and the next rank is never asked.",
        (
            Change(
                SHORTLISTING,
                "    if position.shortlist_approved_at is not None:\n        raise Refused(\n",
                "    if position.shortlist_approved_at is not None and position.open_offer:\n        raise Refused(\n",
            ),
        ),
        (TEST_AGAIN + "test_what_goes_on_by_itself_or_is_filled_is_not_searched_for_again",),
    ),
    Defect(
        "offer-id-not-repeatable",
        "After a crash between hold and offer the days of an expert stay blocked under an offer that does not exist.",
        (
            Change(OFFER_NEXT, 'return derived_id("off",', 'return new_id("off") or derived_id("off",'),
            Change(OFFER_NEXT, "from shared.ids import derived_id", "from shared.ids import derived_id, new_id"),
        ),
        (TEST_CRASHES + "[shortlist.approved]",),
    ),
    Defect(
        "guard-moves-before-the-last-write",
        "After a crash while terms become final, some of their positions are never opened.",
        (
            Change(
                MATCHING + "application/open_positions.py",
                "    await stores.teams.change(team_id, step,",
                "    await stores.teams.change(team_id, cause,",
            ),
        ),
        (TEST_CRASHES + "[tor.finalised]",),
    ),
    Defect(
        "hold-never-released",
        "An expert who declined or never answered is not asked for anything else on those days.",
        (
            Change(
                HEARD,
                "        await release_days(self.stores, step, failed.expert_id, failed.offer_id, because)\n",
                "        assert step and because\n",
            ),
        ),
        (DECLINED, SILENT),
    ),
    Defect(
        "hold-never-lapses",
        "A crash leaves days held for an offer that was never made, for ever.",
        (Change(CALENDAR, 'return {"holds": min(due)} if due else {}', "return {}"),),
        (TEST_OFFERS + "test_a_hold_lapses_by_itself_where_nothing_else_frees_it",),
    ),
    Defect(
        "accepted-days-lapse",
        "Clearance comes late, and the expert of a complete team is offered another assignment in the same days.",
        (
            Change(
                CALENDAR,
                'due = [hold.expires_at for hold in self.holds if hold.state == "offered"]',
                'due = [hold.expires_at for hold in self.holds if hold.state != "released"]',
            ),
            Change(CALENDAR, 'if due.state == "offered" and due', 'if due.state != "released" and due'),
        ),
        (LATE_CLEARANCE + "test_after_late_clearance_the_days_of_a_complete_team_are_offered_to_nobody_else",),
    ),
    Defect(
        "late-clearance-unseen",
        "An acceptance that nobody follows up stays for ever, and no officer hears of it.",
        (Change(OFFER, 'if self.state == "accepted" and self.clearance_due', 'if self.open and self.clearance_due'),),
        (LATE_CLEARANCE + "test_late_clearance_is_told_once_and_the_accepted_days_stay_kept",),
    ),
    Defect(
        "own-work-not-counted",
        "What an expert has accepted here does not count in their own maximum.",
        (
            Change(
                MATCHING + "domain/workload.py",
                "if hold.firm and hold.position_id != apart_from:",
                'if hold.state == "released" and hold.position_id != apart_from:',
            ),
        ),
        (TEST_ROSTER + "test_an_own_maximum_is_kept_and_counts_what_was_accepted_here",),
    ),
    Defect(
        "own-maximum-passed-by-accepting",
        "An expert who takes one assignment at most accepts two, because both were offered before either was accepted.",
        (Change(MATCHING + "application/accept_offer.py", "if happened and (taken", "if not happened and (taken"),),
        ("tests/component/matching/test_own_maximum.py::test_an_own_maximum_holds_where_several_offers_are_open_at_once",),
    ),
    Defect(
        "days-promised-twice",
        "An expert accepts two assignments in the same week.",
        (Change(CALENDAR, "if other.firm and overlaps(", "if other.firm and wanted.days < 1 and overlaps("),),
        (
            TEST_PASSING + "test_an_offer_elsewhere_in_the_same_days_does_not_either_until_one_is_accepted",
        ),
    ),
    Defect(
        "answer-after-the-time",
        "An expert accepts after the offer has ended, while the next one is being asked.",
        (Change(OFFERING, ">= asked.respond_by:\n        raise", ">= asked.respond_by and not now:\n        raise"),),
        (TEST_POSITION + "test_accepting_needs_the_right_person_in_time_and_is_final",),
    ),
    Defect(
        "reminded-without-end",
        "A reminder that was given is given again with every look at the position.",
        (Change(OFFERING, "if not asked.open or percent in asked.reminded or", "if not asked.open or"),),
        (TEST_POSITION + "test_reminders_at_50_and_90_percent_fire_once_and_only_while_open",),
    ),
    Defect(
        "employer-told-without-consent",
        "An employer learns of an offer although the expert has agreed to no such thing.",
        (
            Change(
                EXPERT,
                'employer.institution_id if employer and self.employer_consent == "yes" else None',
                "employer.institution_id if employer else None",
            ),
        ),
        (TEST_OFFERS + "test_the_employer_is_told_only_with_general_consent",),
    ),
    Defect(
        "days-of-another-case",
        "Days held for one case are told as those of the case that began the calendar: no trace of the first has them.",
        (
            Change(
                "shared/store/writing.py",
                'announcement.correlation_id if isinstance(announcement, OfCase) else after["correlation_id"]',
                'after["correlation_id"]',
            ),
        ),
        (TEST_CORRELATION + "test_the_trace_of_a_case_shows_its_days_and_no_others",),
    ),
    Defect(
        "offer-with-the-positions-version",
        "An expert reads from the version of an offer how many were asked before: their own rank.",
        (
            Change(
                MATCHING + "entrypoints/http/offers.py", "version=offer.version", "version=stored.version"
            ),
        ),
        (TEST_OFFERS + "test_the_version_of_an_offer_does_not_tell_who_was_asked_before",),
    ),
)  # fmt: skip
