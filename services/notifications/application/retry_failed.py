"""Try many failed mails again, because an officer or operator asks for it: one page of them per call."""

from __future__ import annotations

from dataclasses import dataclass

from services.notifications.application.ports import Wake
from services.notifications.application.stores import Stores
from services.notifications.application.take_mail import take_mail
from services.notifications.domain.delivery import State
from services.notifications.domain.notice import Times
from services.notifications.domain.retries import Retries, Wanted, again_in
from shared.clock import Clock
from shared.store import Cause, Decision, Outcome, Step


@dataclass(frozen=True, slots=True)
class RetryFailed:
    """What is to be tried again is noted first, then queued mail by mail, each under its old id and so its old
    Message-ID. A repeat under the same key queues what a crash left of the same mails, and none of them twice."""

    stores: Stores
    clock: Clock
    times: Times
    wake: Wake

    async def __call__(self, wanted: Wanted, cause: Cause) -> Outcome[Retries]:
        """Looks at `wanted.limit` failed mails, those of the oldest notices first. Durable when it returns. Raises
        ValueError for a cursor that is none, StoreAway."""
        page = await self.stores.deliveries.find(
            {"state": State.FAILED.value}, limit=wanted.limit, after=wanted.after, newest_first=False
        )
        chosen = tuple(stored.id for stored in page.items if wanted.matches(stored.state))
        outcome = await self.stores.retries.create(
            cause,
            "rty",
            lambda id_: Decision(Retries(id=id_, looked_at=len(page.items), deliveries=chosen, next=page.next)),
        )
        if outcome.stored is not None and not outcome.stored.state.queued:
            await self._queue(outcome.stored.state, Step(origin=cause.origin))
        return outcome

    async def _queue(self, retries: Retries, cause: Step) -> None:
        until = self.clock.now() + self.times.lease
        for id_ in retries.deliveries:
            mail = await take_mail(self.stores, id_, cause, lambda d: again_in(d, retries.id, until))
            if mail is not None:
                self.wake([mail])
        await self.stores.retries.change(retries.id, cause, _all_queued)


def _all_queued(retries: Retries | None) -> Decision[Retries]:
    return Decision(retries and retries.model_copy(update={"queued": True}))
