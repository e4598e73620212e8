"""Find the cases that notices or functions belong to, in one query."""

from __future__ import annotations

from collections.abc import Iterable

from services.notifications.application.stores import Stores
from services.notifications.domain.case import Case


async def find_cases(stores: Stores, ids: Iterable[str | None]) -> dict[str, Case]:
    """The cases that are known, by their request's id; None among `ids` is passed over. Raises StoreAway."""
    wanted = sorted({id_ for id_ in ids if id_ is not None})
    return {id_: stored.state for id_, stored in (await stores.cases.read_many(wanted)).items()} if wanted else {}
