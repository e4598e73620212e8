"""One part of a list, and one aggregate of it, as a caller may see them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from pydantic import BaseModel

from shared.errors import LOOK_AT_LISTS, no_such
from shared.store.document import Page, Stored
from shared.store.store import Store

S = TypeVar("S", bound=BaseModel)
Filters = Mapping[str, str | int | None]


@dataclass(frozen=True, slots=True)
class Part:
    """At most `limit` items, from the cursor `after` on."""

    limit: int = 50
    after: str | None = None


async def find_part(store: Store[S], filters: Mapping[str, str | int | Sequence[str] | None], part: Part) -> Page[S]:
    """The aggregates that match every filter that is not None (a value, or a list of which any), newest first."""
    given = {name: value for name, value in filters.items() if value is not None}
    return await store.find(given, limit=part.limit, after=part.after)


async def find_seen(
    store: Store[S], id_: str, visible: Callable[[S], bool], what: str, *, mend: str = LOOK_AT_LISTS
) -> Stored[S]:
    """The aggregate. NotFound where there is none, or none that the caller may see: the two look alike."""
    stored = await store.read(id_)
    if stored is None or not visible(stored.state):
        raise no_such(what, id_, mend=mend)
    return stored


def existing(state: S | None, what: str, id_: str) -> S:
    """The state of an aggregate that must be there. NotFound where it is not."""
    if state is None:
        raise no_such(what, id_)
    return state


def everybody(_: object) -> bool:
    """Visible to every caller whom the route admits."""
    return True
