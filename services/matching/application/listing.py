"""What the lists share: which part is wanted, and by which keys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel

from shared.store import Page, Store

S = TypeVar("S", bound=BaseModel)
Filters = Mapping[str, str | int | None]


@dataclass(frozen=True, slots=True)
class Part:
    """At most `limit` items, from the cursor `after` on."""

    limit: int = 50
    after: str | None = None


async def find_part(store: Store[S], filters: Mapping[str, Any], part: Part) -> Page[S]:
    """The aggregates that match every filter that is not None (a value, or a list of which any), newest first."""
    given = {name: value for name, value in filters.items() if value is not None}
    return await store.find(given, limit=part.limit, after=part.after)
