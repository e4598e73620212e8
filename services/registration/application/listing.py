"""How a list that can have one item at most is answered."""

from __future__ import annotations

from typing import TypeVar

from pydantic import BaseModel

from shared.store import Filters, Kind, Page, Part, Stored

S = TypeVar("S", bound=BaseModel)


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
