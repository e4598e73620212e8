"""A position: one binding offer at a time, nobody asked twice, acceptance final."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.matching.domain import facts
from services.matching.domain.offer import DECLINE_REASONS
from services.matching.domain.offering import accept, cancel, decline, expire, offer, pass_clearance, remind, withdraw
from services.matching.domain.position import MOVES, PositionState
from services.matching.domain.shortlisting import (
    approve_shortlist,
    begin_search,
    exhausted,
    open_position,
    search_again,
    shortlisted,
    skip_candidate,
)
from shared.errors import Forbidden, Invalid, NotFound, Refused
from tests.unit.matching.sample_positions import DUE, approved, blank, lines, offered
from tests.unit.matching.samples import NOON, ONSITE

WEEK = timedelta(days=7)
TICK = timedelta(microseconds=1)
CLEARANCE = DUE + timedelta(days=21)


def test_a_position_opens_is_searched_listed_and_approved() -> None:
    position, told = open_position(blank())
    assert told == (facts.PositionOpened("pos_1"),)
    position, _ = begin_search(position)
    assert begin_search(position) == (position, ())
    position, told = shortlisted(position, "sea_1", lines("a", "b"), NOON)
    assert told == (facts.Shortlisted("pos_1", "sea_1", 2),)
    assert shortlisted(position, "sea_1", lines("a", "b"), NOON) == (position, ())
    with pytest.raises(Refused):
        offer(position, "a", "off_1", NOON, DUE)
    position, told = approve_shortlist(position, "sta_1", NOON)
    assert told == (facts.ShortlistApproved("pos_1", "sta_1"),)
    assert approve_shortlist(position, "sta_1", NOON) == (position, ())
    with pytest.raises(Refused):
        approve_shortlist(position, "sta_2", NOON)


def test_an_offer_goes_to_the_next_rank_only_and_one_at_a_time() -> None:
    position = approved("a", "b")
    with pytest.raises(Refused):
        offer(position, "b", "off_1", NOON, DUE)
    with pytest.raises(Invalid):
        offer(position, "a", "off_1", NOON, NOON)
    position, told = offer(position, "a", "off_1", NOON, DUE)
    assert told == (facts.Offered("pos_1", "off_1", "a", 1, DUE),)
    assert offer(position, "a", "off_1", NOON, DUE) == (position, ())
    with pytest.raises(Refused):
        offer(position, "b", "off_1", NOON, DUE)
    with pytest.raises(Refused):
        offer(position, "b", "off_2", NOON, DUE)


def test_accepting_needs_the_right_person_in_time_and_is_final() -> None:
    position = offered("a", "b")
    with pytest.raises(Forbidden):
        accept(position, "off_1", "b", NOON, CLEARANCE)
    with pytest.raises(NotFound):
        accept(position, "off_9", "a", NOON, CLEARANCE)
    with pytest.raises(Refused):
        accept(position, "off_1", "a", DUE, CLEARANCE)
    position, told = accept(position, "off_1", "a", DUE - TICK, CLEARANCE)
    assert told == (facts.Accepted("pos_1", "off_1", "a", 1),)
    assert accept(position, "off_1", "a", DUE + WEEK, CLEARANCE) == (position, ())
    assert expire(position, "off_1", DUE) == (position, ())
    with pytest.raises(Refused):
        decline(position, "off_1", "a", "dates", NOON)
    with pytest.raises(Refused):
        begin_search(position)


def test_declining_takes_a_known_reason_and_moves_on() -> None:
    position = offered("a", "b")
    with pytest.raises(Invalid) as caught:
        decline(position, "off_1", "a", "bored", NOON)
    assert caught.value.faults[0].pointer == "/reason"
    for reason in DECLINE_REASONS:
        assert decline(position, "off_1", "a", reason, NOON)[0].offers[0].reason == reason
    position, told = decline(position, "off_1", "a", "dates", NOON)
    assert told == (facts.Declined("pos_1", "off_1", "a", 1, "dates", 1),)
    assert decline(position, "off_1", "a", "dates", NOON) == (position, ())
    following = position.next_candidate()
    assert following is not None
    assert following.expert_id == "b"


def test_an_offer_expires_only_when_due_and_once() -> None:
    position = offered("a", "b")
    assert expire(position, "off_1", DUE - TICK) == (position, ())
    position, told = expire(position, "off_1", DUE)
    assert told == (facts.Expired("pos_1", "off_1", "a", 1, DUE, 1),)
    assert expire(position, "off_1", DUE) == (position, ())


def test_reminders_at_50_and_90_percent_fire_once_and_only_while_open() -> None:
    position = offered("a")
    half, most = NOON + WEEK / 2, NOON + WEEK * 9 / 10
    assert position.deadlines() == {
        "offer:off_1:50": half,
        "offer:off_1:90": most,
        "offer:off_1:respond_by": DUE,
    }
    assert remind(position, "off_1", 50, half - TICK) == (position, ())
    position, told = remind(position, "off_1", 50, half)
    assert told == (facts.OfferNearing("pos_1", "off_1", "a", 50, DUE),)
    assert remind(position, "off_1", 50, half) == (position, ())
    assert set(position.deadlines()) == {"offer:off_1:90", "offer:off_1:respond_by"}
    late, told = remind(position, "off_1", 90, DUE)
    assert told == ()
    assert set(late.deadlines()) == {"offer:off_1:respond_by"}
    position, _ = accept(position, "off_1", "a", most, CLEARANCE)
    assert set(position.deadlines()) == {"offer:off_1:clearance"}
    assert remind(position, "off_1", 90, most) == (position, ())


@pytest.mark.parametrize("order", [(50, 90), (90, 50)])
def test_a_reminder_that_a_later_one_has_overtaken_is_not_given(order: tuple[int, int]) -> None:
    position, most = offered("a"), NOON + WEEK * 9 / 10
    said: list[facts.PositionFact] = []
    assert remind(position, "off_1", 50, most - TICK)[1], "until then half of the time is what has passed"
    for percent in order:
        position, told = remind(position, "off_1", percent, most)
        said += told
    assert said == [facts.OfferNearing("pos_1", "off_1", "a", 90, DUE)]
    assert set(position.deadlines()) == {"offer:off_1:respond_by"}


def test_late_clearance_is_told_once_and_changes_nothing_else() -> None:
    position, _ = accept(offered("a"), "off_1", "a", NOON, CLEARANCE)
    assert position.deadlines() == {"offer:off_1:clearance": CLEARANCE}
    assert pass_clearance(position, "off_1", CLEARANCE - TICK) == (position, ())
    late, told = pass_clearance(position, "off_1", CLEARANCE)
    assert told == (facts.ClearanceOverdue("pos_1", "off_1", "a", CLEARANCE),)
    assert (late.state, late.accepted_offer is not None) == (PositionState.ACCEPTED, True)
    assert late.deadlines() == {}
    assert pass_clearance(late, "off_1", CLEARANCE) == (late, ())
    gone, _ = cancel(position, "activity cancelled")
    assert gone.deadlines() == {}
    assert pass_clearance(gone, "off_1", CLEARANCE) == (gone, ())


def test_the_list_is_exhausted_after_everybody_was_asked_or_passed_over() -> None:
    position, _ = decline(offered("a", "b"), "off_1", "a", "dates", NOON)
    assert exhausted(position, 1) == (position, ())
    position, told = skip_candidate(position, "b", ("barred",), NOON)
    assert told == (facts.CandidateSkipped("pos_1", "b", ("barred",)),)
    position, told = exhausted(position, 1)
    assert told == (facts.ListExhausted("pos_1", 1, widen=True, too_late=False),)
    assert position.state is PositionState.SEARCHING
    again, told = shortlisted(position, "sea_2", lines("a"), NOON)
    assert told == (facts.ShortlistEmpty("pos_1", "sea_2"),)
    again, _ = shortlisted(again, "sea_3", lines("a", "b", "c"), NOON)
    assert [line.expert_id for line in again.shortlist] == ["b", "c"]
    assert again.next_candidate() is None, "a new list needs a new approval"


def test_a_list_ends_while_somebody_is_left_only_where_it_is_too_late_to_ask_them() -> None:
    position, _ = decline(offered("a", "b"), "off_1", "a", "dates", NOON)
    ended, told = exhausted(position, 3, too_late=True)
    assert told == (facts.ListExhausted("pos_1", 1, widen=False, too_late=True),)
    assert (ended.state, ended.shortlist) == (PositionState.SEARCHING, ())
    position, _ = skip_candidate(position, "b", ("barred",), NOON)
    assert exhausted(position, 3, too_late=True)[1] == (facts.ListExhausted("pos_1", 1, widen=False, too_late=False),)
    assert exhausted(offered("a", "b"), 3, too_late=True)[1] == (), "an offer that is out is answered first"


def test_a_list_is_approved_only_while_an_offer_could_be_answered_before_the_first_day() -> None:
    position, _ = begin_search(blank())
    position, _ = shortlisted(position, "sea_1", lines("a"), NOON)
    first_day = ONSITE.start
    with pytest.raises(Refused) as caught:
        approve_shortlist(position, "sta_1", NOON, answer_due_on=first_day)
    assert caught.value.mend
    in_time, _ = approve_shortlist(position, "sta_1", NOON, answer_due_on=first_day - timedelta(days=1))
    assert in_time.shortlist_approved_at == NOON
    assert approve_shortlist(in_time, "sta_1", NOON, answer_due_on=first_day) == (in_time, ()), "a repeat"


def test_a_search_is_made_again_only_where_nothing_goes_on_by_itself() -> None:
    searching, _ = begin_search(blank())
    empty, _ = shortlisted(searching, "sea_1", (), NOON)
    assert search_again(empty, 7) == (empty, ())
    unapproved, _ = shortlisted(searching, "sea_1", lines("a"), NOON)
    again, told = search_again(unapproved, 7)
    assert (again.state, again.shortlist, again.search_id, told) == (PositionState.SEARCHING, (), None, ())
    assert again.replaces == 7
    assert search_again(again, 8) == (again, ()), "a repeat does not move the version it began from"
    for found in ((), lines("a")):
        assert shortlisted(again, "sea_2", found, NOON)[0].replaces is None
    accepted, _ = accept(offered("a"), "off_1", "a", NOON, CLEARANCE)
    cancelled, _ = cancel(blank(), "activity cancelled")
    for busy in (approved("a"), offered("a"), accepted, cancelled):
        with pytest.raises(Refused) as caught:
            search_again(busy, 7)
        assert caught.value.mend


def test_a_withdrawn_offer_is_neither_failed_nor_repeated() -> None:
    position, told = withdraw(offered("a", "b"), "off_1", "undelivered")
    assert told == (facts.Withdrawn("pos_1", "off_1", "a", 1, "undelivered"),)
    assert position.failed_offers == 0
    assert withdraw(position, "off_1", "undelivered") == (position, ())
    assert [line.expert_id for line in (position.next_candidate(),) if line] == ["b"]


def test_cancelling_withdraws_the_open_offer() -> None:
    position, told = cancel(offered("a"), "activity cancelled")
    assert [type(fact) for fact in told] == [facts.Withdrawn, facts.Cancelled]
    assert position.deadlines() == {}
    assert cancel(position, "again") == (position, ())


def test_the_table_names_every_state_and_later_ones_have_no_command() -> None:
    assert set(MOVES) == set(PositionState)
    assert all(PositionState.CANCELLED in after for state, after in MOVES.items() if after)
