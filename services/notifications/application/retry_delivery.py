"""Try a failed mail again because an officer or operator asks for it."""

from __future__ import annotations

from dataclasses import dataclass

from services.notifications.application.ports import Wake
from services.notifications.application.stores import Stores
from services.notifications.domain.delivery import Delivery, again
from services.notifications.domain.notice import Times
from shared.clock import Clock
from shared.errors import no_such
from shared.store import Cause, Decision, Outcome


@dataclass(frozen=True, slots=True)
class RetryDelivery:
    """Queues it with a full set of attempts, under its old id and so its old Message-ID."""

    stores: Stores
    clock: Clock
    times: Times
    wake: Wake

    async def __call__(self, delivery_id: str, cause: Cause) -> Outcome[Delivery]:
        """Raises NotFound, Refused where it has not failed, StoreAway."""

        def decide(delivery: Delivery | None) -> Decision[Delivery]:
            if delivery is None:
                raise no_such("delivery", delivery_id, mend="Check the id; /deliveries lists what you may see.")
            return Decision(again(delivery, self.clock.now() + self.times.lease))

        outcome = await self.stores.deliveries.change(delivery_id, cause, decide)
        if outcome.applied and outcome.stored is not None:
            self.wake([outcome.stored])
        return outcome
