"""Read one search with all its reasons."""

from __future__ import annotations

from services.matching.application.access import everybody, find_seen
from services.matching.domain.search import Search
from shared.store import Store, Stored


async def read_search(searches: Store[Search], id_: str) -> Stored[Search]:
    """NotFound where there is none. For officers alone."""
    return await find_seen(searches, id_, everybody, "search")
