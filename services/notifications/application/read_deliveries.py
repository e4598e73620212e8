"""Read deliveries: what was told to whom, what waits and for whom, what failed and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from services.notifications.application.stores import Stores
from services.notifications.domain.delivery import Delivery
from shared.errors import no_such
from shared.store import Page, Stored


@dataclass(frozen=True, slots=True)
class ReadDeliveries:
    """For officers and operators."""

    stores: Stores

    async def page(self, filters: Mapping[str, str], *, limit: int, after: str | None) -> Page[Delivery]:
        """The newest first, those that match every filter. Raises ValueError for a cursor that is none, StoreAway."""
        return await self.stores.deliveries.find(filters, limit=limit, after=after)

    async def one(self, delivery_id: str) -> Stored[Delivery]:
        """Raises NotFound, StoreAway."""
        stored = await self.stores.deliveries.read(delivery_id)
        if stored is None:
            raise no_such("delivery", delivery_id, mend="Check the id; /deliveries lists what you may see.")
        return stored
