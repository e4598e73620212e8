"""Remember whom a request named, for the later events of its case."""

from __future__ import annotations

from dataclasses import dataclass

from services.notifications.application.release_waiting import ReleaseWaiting
from services.notifications.application.stores import Stores
from services.notifications.domain.case import Case
from services.notifications.domain.recipients import Holder, of_case
from shared.store import Cause, Decision, Step


@dataclass(frozen=True, slots=True)
class RememberCase:
    """Called after the receipt's deliveries are written, so it adds nothing to the way from request to receipt; a
    crash between the two is repaired by the event coming again. An event of the case that overtook it has waited."""

    stores: Stores
    release: ReleaseWaiting

    async def __call__(self, case: Case, cause: Cause) -> None:
        """Durable when it returns, repeatable. Raises StoreAway."""
        step = Step(origin=cause.origin)
        await self.stores.cases.change(case.request_id, step, lambda known: Decision(known or case), likely_new=True)
        scope = of_case(case.request_id)
        await self.release([Holder(function, scope).reference for function in ("focal_point", "signatory")], cause)
