"""What the lists share: which part is wanted, and how a list that can have one item at most is answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from pydantic import BaseModel

from shared.store import Kind, Page, Store, Stored

S = TypeVar("S", bound=BaseModel)
Filters = Mapping[str, str | int | None]


@dataclass(frozen=True, slots=True)
class Part:
    """At most `limit` items, from the cursor `after` on."""

    limit: int = 50
    after: str | None = None


async def find_part(store: Store[S], filters: Filters, part: Part) -> Page[S]:
    """The aggregates that match every filter that is not None, newest first."""
    given = {name: value for name, value in filters.items() if value is not None}
    return await store.find(given, limit=part.limit, after=part.after)


def only(kind: Kind[S], stored: Stored[S] | None, filters: Filters, part: Part) -> Page[S]:
    """A list of the one aggregate, if it is there and matches the filters; empty after its first page."""
    if stored is None or part.after is not None:
        return Page((), None)
    keys = kind.keys(stored.state)
    for name, wanted in filters.items():
        held = keys.get(name)
        if wanted is not None and wanted not in (held if isinstance(held, tuple) else (held,)):
            return Page((), None)
    return Page((stored,), None)
