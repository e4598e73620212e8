"""List searches."""

from __future__ import annotations

from services.matching.domain.search import Search
from shared.store import Filters, Page, Part, Store, find_part


async def list_searches(searches: Store[Search], filters: Filters, part: Part) -> Page[Search]:
    """Searches, newest first. For officers alone."""
    return await find_part(searches, filters, part)
