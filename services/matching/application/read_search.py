"""Read one search with all its reasons."""

from __future__ import annotations

from services.matching.domain.search import Search
from shared.store import Store, Stored, everybody, find_seen


async def read_search(searches: Store[Search], id_: str) -> Stored[Search]:
    """NotFound where there is none. For officers alone."""
    return await find_seen(searches, id_, everybody, "search")
