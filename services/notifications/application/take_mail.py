"""Take a mail for this sender: a change that another one may make first."""

from __future__ import annotations

from collections.abc import Callable

from services.notifications.application.stores import Stores
from services.notifications.domain.delivery import Delivery
from shared.store import Cause, Decision, Stored

Become = Callable[[Delivery], Delivery]


async def take_mail(
    stores: Stores, id_: str, cause: Cause, become: Become, *, known: Stored[Delivery] | None = None
) -> Stored[Delivery] | None:
    """The mail as `become` made it here; None where that left it as it was, as it does with one that is another's.

    Told by the change and not by its outcome: two replicas may take a mail up to the same instant. Raises StoreAway.
    """
    taken = False

    def decide(delivery: Delivery | None) -> Decision[Delivery]:
        nonlocal taken
        after = become(delivery) if delivery is not None else None
        taken = after != delivery
        return Decision(after)

    outcome = await stores.deliveries.change(id_, cause, decide, known=known)
    return outcome.stored if taken and outcome.applied else None
