"""Find the names that notices tell: when they are told, so that no notice keeps a name and an erasure reaches all."""

from __future__ import annotations

from collections.abc import Iterable

from services.notifications.application.stores import Stores
from services.notifications.domain.delivery import Delivery
from services.notifications.domain.names import names_told


async def find_names(stores: Stores, notices: Iterable[Delivery]) -> dict[str, str]:
    """Names by the id of the person, in one query; empty or absent for whoever was erased or is not known. Raises
    StoreAway."""
    wanted = sorted({id_ for notice in notices for id_ in names_told(notice)})
    known = await stores.contacts.read_many(wanted) if wanted else {}
    return {id_: stored.state.name for id_, stored in known.items()}
