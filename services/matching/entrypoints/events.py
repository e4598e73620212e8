"""What matching listens to: one table, event by event. Each handler translates and calls one use case."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from services.matching.application.erase_availability import erase_availability
from services.matching.application.join_team import join_team
from services.matching.application.offer_next import OfferTimes, offer_next
from services.matching.application.open_positions import open_positions, team_id_of
from services.matching.application.pass_over import pass_over
from services.matching.application.record_expert import forget_expert, record_expert
from services.matching.application.record_institution import forget_institution, record_institution
from services.matching.application.release_days import release_days
from services.matching.application.roster import Roster
from services.matching.application.search_indicatively import search_indicatively
from services.matching.application.stores import Stores
from services.matching.domain.calendar import ReleaseReason
from services.matching.domain.expert import RosterExpert
from services.matching.domain.policy import Policy
from shared.clock import Clock
from shared.contracts import topics
from shared.contracts.events import experts, institutions, positions, requests, terms_of_reference
from shared.messaging.event import ErasedKey, Event
from shared.messaging.subscription import Subscription
from shared.store import Step, Store


@dataclass(frozen=True, slots=True)
class EventHandlers:
    """The use cases behind the subscriptions."""

    stores: Stores
    roster: Roster
    policy: Policy
    offer_times: OfferTimes
    clock: Clock

    def subscriptions(self) -> Sequence[Subscription]:
        """The table."""
        return (
            Subscription(
                concern="institutions",
                topic=topics.INSTITUTIONS,
                handles={
                    institutions.InstitutionSubmitted: self.institution_changed,
                    institutions.InstitutionVerified: self.institution_changed,
                    institutions.InstitutionRejected: self.institution_changed,
                },
                erases=self.institution_erased,
            ),
            self._roster_into(self.stores.roster, self.expert_erased),
            Subscription(
                concern="requests",
                topic=topics.REQUESTS,
                handles={requests.RequestSubmitted: self.request_submitted},
                passes_over={
                    requests.RequestApproved: "the binding search starts when the terms of reference are final",
                    requests.RequestRejected: "an indicative list holds nobody: there is nothing to undo",
                },
                advances=self.request_passed_over,
            ),
            Subscription(
                concern="terms-of-reference",
                topic=topics.TERMS_OF_REFERENCE,
                handles={terms_of_reference.TermsFinalised: self.terms_finalised},
                passes_over={terms_of_reference.TermsDrafted: "only final terms are searched for"},
                advances=self.terms_passed_over,
            ),
            Subscription(
                concern="follow-up",
                topic=topics.POSITIONS,
                handles={
                    positions.ShortlistApproved: self.offer_is_due,
                    positions.AssignmentDeclined: self.offer_failed,
                    positions.AssignmentExpired: self.offer_failed,
                    positions.AssignmentAccepted: self.offer_accepted,
                },
                passes_over={
                    positions.PositionOpened: "its search is under way",
                    positions.PositionShortlisted: "an officer approves the list first",
                    positions.ShortlistExhausted: "the officer decides how to go on",
                    positions.AssignmentOffered: "the expert answers, or the deadline passes",
                    positions.OfferDeadlineApproaching: "only the expert is reminded",
                    positions.OfferDeadlinePassed: "assignment.expired says the same with its consequence",
                    positions.ClearanceOverdue: "the officer decides how to go on",
                    positions.AssignmentCleared: "clearance is not built yet",
                    positions.AssignmentConflictFound: "clearance is not built yet",
                    positions.ContractSigned: "clearance is not built yet",
                    positions.PositionFilled: "clearance is not built yet",
                },
                advances=self.position_passed_over,
            ),
        )

    def roster_beside(self, beside: Store[RosterExpert]) -> Subscription:
        """How the roster is made again in another store. Nothing else is touched: an erasure of long ago says nothing
        about what somebody who came back has declared since."""

        async def erased(key: ErasedKey) -> None:
            await forget_expert(beside, key.cause(), str(key))

        return self._roster_into(beside, erased)

    async def settle_roster(self, expert_id: str, step: Step) -> None:
        """Where a rebuild leaves somebody erased, what they declared goes too. Repeatable."""
        if await self.stores.roster.read(expert_id) is None:
            await erase_availability(self.stores.calendars, step, expert_id)

    def _roster_into(self, kept: Store[RosterExpert], erased: Callable[[ErasedKey], Awaitable[None]]) -> Subscription:
        async def changed(event: Event[experts.ExpertState]) -> None:
            await record_expert(kept, event.cause(), event.data)

        return Subscription(
            concern="roster",
            topic=topics.EXPERTS,
            handles={
                experts.ExpertSubmitted: changed,
                experts.ExpertRevised: changed,
                experts.ExpertActivated: changed,
                experts.ExpertRevisionRefused: changed,
            },
            erases=erased,
        )

    async def institution_changed(self, event: Event[institutions.InstitutionState]) -> None:
        await record_institution(self.stores.institutions, event.cause(), event.data)

    async def institution_erased(self, key: ErasedKey) -> None:
        await forget_institution(self.stores.institutions, key.cause(), str(key))

    async def expert_erased(self, key: ErasedKey) -> None:
        await forget_expert(self.stores.roster, key.cause(), str(key))
        await erase_availability(self.stores.calendars, Step(origin=key.cause().origin), str(key))

    async def request_submitted(self, event: Event[requests.RequestSubmitted]) -> None:
        await search_indicatively(self.stores.searches, self.roster, self.policy, self.clock, event.cause(), event.data)

    async def request_passed_over(self, event: Event[Any]) -> None:
        await pass_over(self.stores.searches, event.cause(), event.key)

    async def terms_finalised(self, event: Event[terms_of_reference.TermsFinalised]) -> None:
        await open_positions(
            self.stores, self.roster, self.policy, self.offer_times, self.clock, event.cause(), event.data
        )

    async def terms_passed_over(self, event: Event[Any]) -> None:
        await pass_over(self.stores.teams, event.cause(), team_id_of(event.key))

    async def offer_is_due(self, event: Event[positions.PositionHead]) -> None:
        await offer_next(self.stores, self.roster, self.policy, self.offer_times, self.clock, event.cause(), event.key)
        await pass_over(self.stores.teams, event.cause(), team_id_of(event.data.tor_id))

    async def offer_failed(
        self, event: Event[positions.AssignmentDeclined] | Event[positions.AssignmentExpired]
    ) -> None:
        failed = event.data
        because: ReleaseReason = "declined" if isinstance(failed, positions.AssignmentDeclined) else "expired"
        step = Step(origin=event.cause().origin)
        await release_days(self.stores, step, failed.expert_id, failed.offer_id, because)
        await self.offer_is_due(event)

    async def offer_accepted(self, event: Event[positions.AssignmentAccepted]) -> None:
        await pass_over(self.stores.positions, event.cause(), event.key)
        await join_team(self.stores.teams, self.clock, event.cause(), event.data)

    async def position_passed_over(self, event: Event[positions.PositionHead]) -> None:
        await pass_over(self.stores.positions, event.cause(), event.key)
        await pass_over(self.stores.teams, event.cause(), team_id_of(event.data.tor_id))
