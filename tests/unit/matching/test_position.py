"""A position: one binding offer at a time, nobody asked twice, acceptance final. Examples, then a state machine."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from services.matching.domain import facts
from services.matching.domain.facts import PositionFact
from services.matching.domain.offer import DECLINE_REASONS
from services.matching.domain.offering import accept, cancel, decline, expire, offer, remind, withdraw
from services.matching.domain.position import MOVES, Change, Position, PositionState, ShortlistLine
from services.matching.domain.shortlisting import (
    approve_shortlist,
    begin_search,
    exhausted,
    open_position,
    pass_over,
    shortlisted,
)
from shared.errors import Forbidden, Invalid, NotFound, Problem, Refused
from tests.unit.matching.samples import NOON, binding

WEEK = timedelta(days=7)
TICK = timedelta(microseconds=1)
DUE = NOON + WEEK


def blank() -> Position:
    return Position(
        position_id="pos_1",
        tor_id="tor_1",
        action_id="acn_1",
        action_code="2030-01",
        activity_id="act_1",
        request_id="req_1",
        institution_id="ins_asks",
        country="NG",
        title="Sample",
        number=1,
        requirement=binding(),
    )


def lines(*experts: str) -> tuple[ShortlistLine, ...]:
    return tuple(ShortlistLine(expert_id=e, rank=n, score=90_000 - n) for n, e in enumerate(experts, 1))


def approved(*experts: str) -> Position:
    position, _ = begin_search(blank())
    position, _ = shortlisted(position, "sea_1", lines(*experts), NOON)
    position, _ = approve_shortlist(position, "off_sir", NOON)
    return position


def offered(*experts: str) -> Position:
    return offer(approved(*experts), experts[0], "off_1", NOON, DUE)[0]


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
        accept(position, "off_1", "b", NOON)
    with pytest.raises(NotFound):
        accept(position, "off_9", "a", NOON)
    with pytest.raises(Refused):
        accept(position, "off_1", "a", DUE)
    position, told = accept(position, "off_1", "a", DUE - TICK)
    assert told == (facts.Accepted("pos_1", "off_1", "a", 1),)
    assert accept(position, "off_1", "a", DUE + WEEK) == (position, ())
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
    position, _ = accept(position, "off_1", "a", most)
    assert position.deadlines() == {}
    assert remind(position, "off_1", 90, most) == (position, ())


def test_the_list_is_exhausted_after_everybody_was_asked_or_passed_over() -> None:
    position, _ = decline(offered("a", "b"), "off_1", "a", "dates", NOON)
    assert exhausted(position, 1) == (position, ())
    position, told = pass_over(position, "b", ("barred",), NOON)
    assert told == (facts.PassedOver("pos_1", "b", ("barred",)),)
    position, told = exhausted(position, 1)
    assert told == (facts.ListExhausted("pos_1", 1, widen=True),)
    assert position.state is PositionState.SEARCHING
    again, told = shortlisted(position, "sea_2", lines("a"), NOON)
    assert told == (facts.ShortlistEmpty("pos_1", "sea_2"),)
    again, _ = shortlisted(again, "sea_3", lines("a", "b", "c"), NOON)
    assert [line.expert_id for line in again.shortlist] == ["b", "c"]
    assert again.next_candidate() is None, "a new list needs a new approval"


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


class PositionMachine(RuleBasedStateMachine):
    """Any order of commands by anybody at any time; refusals must leave the position as it was."""

    experts = st.sampled_from("abcdef")

    @initialize()
    def start(self) -> None:
        self.position = begin_search(blank())[0]
        self.now: datetime = NOON
        self.made = self.searches = 0
        self.told: list[PositionFact] = []
        self.accepted: str | None = None

    def apply(self, change: Change) -> None:
        self.position, told = change
        self.told.extend(told)
        for fact in told:
            if isinstance(fact, facts.Expired):
                assert self.now >= fact.respond_by
            if isinstance(fact, facts.Accepted):
                assert self.accepted is None
                assert self.now < self.position.offer(fact.offer_id).respond_by
                self.accepted = fact.expert_id

    def attempt(self, command: Callable[[], Change]) -> None:
        with suppress(Problem):
            self.apply(command())

    @rule(found=st.lists(experts, unique=True, max_size=6))
    def list_arrives(self, found: list[str]) -> None:
        self.searches += 1
        search = f"sea_{self.searches}"
        self.attempt(lambda: shortlisted(self.position, search, lines(*found), self.now))

    @rule()
    def officer_approves(self) -> None:
        self.attempt(lambda: approve_shortlist(self.position, "sta_1", self.now))

    @rule(hours=st.integers(1, 72))
    def offer_next(self, hours: int) -> None:
        following = self.position.next_candidate()
        if following is not None:
            self.made += 1
            due = self.now + timedelta(hours=hours)
            self.apply(offer(self.position, following.expert_id, f"off_{self.made}", self.now, due))

    @rule(expert=experts, number=st.integers(0, 12))
    def offer_anyhow(self, expert: str, number: int) -> None:
        following = self.position.next_candidate()
        before = self.position
        self.attempt(lambda: offer(self.position, expert, f"off_{number}", self.now, self.now + timedelta(hours=9)))
        if len(self.position.offers) > len(before.offers):
            assert following is not None
            assert following.expert_id == expert
            self.made = max(self.made, number) + 1

    @rule(expert=experts, number=st.integers(0, 12))
    def accept_anyhow(self, expert: str, number: int) -> None:
        self.attempt(lambda: accept(self.position, f"off_{number}", expert, self.now))

    @precondition(lambda self: self.position.open_offer is not None)
    @rule()
    def accept_rightly(self) -> None:
        waiting = self.position.open_offer
        assert waiting is not None
        self.attempt(lambda: accept(self.position, waiting.offer_id, waiting.expert_id, self.now))

    @precondition(lambda self: self.position.open_offer is not None)
    @rule(reason=st.sampled_from([*DECLINE_REASONS, "bored"]))
    def decline_rightly(self, reason: str) -> None:
        waiting = self.position.open_offer
        assert waiting is not None
        self.attempt(lambda: decline(self.position, waiting.offer_id, waiting.expert_id, reason, self.now))

    @rule(hours=st.integers(1, 48))
    def time_passes(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule()
    def deadlines_fire(self) -> None:
        for name, at in self.position.deadlines().items():
            _, offer_id, what = name.split(":")
            if what == "respond_by":
                self.apply(expire(self.position, offer_id, self.now))
            else:
                self.apply(remind(self.position, offer_id, int(what), self.now))
            if self.now >= at:
                assert name not in self.position.deadlines(), "a deadline that fired must not fire again"

    @rule()
    def withdraw_open(self) -> None:
        waiting = self.position.open_offer
        if waiting is not None:
            self.apply(withdraw(self.position, waiting.offer_id, "undelivered"))

    @rule()
    def next_is_passed_over(self) -> None:
        following = self.position.next_candidate()
        if following is not None:
            self.apply(pass_over(self.position, following.expert_id, ("barred",), self.now))

    @rule()
    def give_up_list(self) -> None:
        self.apply(exhausted(self.position, 3))

    @invariant()
    def never_two_open_offers(self) -> None:
        assert sum(o.open for o in self.position.offers) == (self.position.state is PositionState.OFFERED)

    @invariant()
    def nobody_is_asked_twice(self) -> None:
        asked = [o.expert_id for o in self.position.offers]
        assert len(asked) == len(set(asked))

    @invariant()
    def acceptance_is_final(self) -> None:
        if self.accepted is not None:
            found = self.position.accepted_offer
            assert found is not None
            assert found.expert_id == self.accepted
            assert self.position.state is PositionState.ACCEPTED

    @invariant()
    def every_offer_is_accounted_for(self) -> None:
        kinds = [type(fact) for fact in self.told]
        states: list[str] = [o.state for o in self.position.offers]
        assert kinds.count(facts.Offered) == len(states)
        for kind, state in (
            (facts.Accepted, "accepted"),
            (facts.Declined, "declined"),
            (facts.Expired, "expired"),
            (facts.Withdrawn, "withdrawn"),
        ):
            assert kinds.count(kind) == states.count(state)
        assert self.position.failed_offers == states.count("declined") + states.count("expired")

    @invariant()
    def it_survives_its_way_through_a_store(self) -> None:
        assert Position.model_validate(self.position.model_dump(mode="json")) == self.position


TestPositionMachine = PositionMachine.TestCase
TestPositionMachine.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
