"""A position as a state machine: any order of commands, by anybody, at any time."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from services.matching.domain import facts
from services.matching.domain.facts import PositionFact
from services.matching.domain.offer import DECLINE_REASONS
from services.matching.domain.offering import accept, decline, expire, offer, pass_clearance, remind, withdraw
from services.matching.domain.position import Change, Position, PositionState
from services.matching.domain.shortlisting import (
    approve_shortlist,
    begin_search,
    exhausted,
    look_again,
    search_again,
    shortlisted,
    skip_candidate,
)
from shared.errors import Problem
from tests.unit.matching.sample_positions import blank, lines
from tests.unit.matching.samples import NOON

CLEARANCE = timedelta(days=3)


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
    def officer_searches_again(self) -> None:
        under_way = self.position.shortlist_approved_at is not None
        before = self.position
        self.attempt(lambda: search_again(self.position, 7))
        assert self.position == before if under_way else self.position.state is not PositionState.SHORTLISTED

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
        self.attempt(lambda: accept(self.position, f"off_{number}", expert, self.now, self.now + CLEARANCE))

    @precondition(lambda self: self.position.open_offer is not None)
    @rule()
    def accept_rightly(self) -> None:
        waiting = self.position.open_offer
        assert waiting is not None
        due = self.now + CLEARANCE
        self.attempt(lambda: accept(self.position, waiting.offer_id, waiting.expert_id, self.now, due))

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
            elif what == "clearance":
                self.apply(pass_clearance(self.position, offer_id, self.now))
            else:
                self.apply(remind(self.position, offer_id, int(what), self.now))
            if self.now >= at:
                assert name not in self.position.deadlines(), "a deadline that fired must not fire again"

    @rule()
    def withdraw_open(self) -> None:
        waiting = self.position.open_offer
        if waiting is not None:
            self.apply(withdraw(self.position, waiting.offer_id, "undelivered"))

    @rule(codes=st.sampled_from([("barred",), ("in_team",), ("in_team", "unavailable")]))
    def next_is_passed_over(self, codes: tuple[str, ...]) -> None:
        following = self.position.next_candidate()
        if following is not None:
            self.apply(skip_candidate(self.position, following.expert_id, codes, self.now))

    @rule(expert=experts)
    def look_again_anyhow(self, expert: str) -> None:
        before = self.position
        self.attempt(lambda: look_again(self.position, expert))
        following = self.position.next_candidate()
        if self.position != before:
            assert following is not None
            assert following.expert_id == expert
            assert before.next_candidate() is None
            assert [line.codes for line in before.skipped if line.expert_id == expert] == [("in_team",)]

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
