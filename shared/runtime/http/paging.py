"""Lists a page at a time: `?limit=1..100&after=<cursor>`, answered with `items` and the cursor of the next page."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Generic, TypeVar

from fastapi import Query
from pydantic import AfterValidator, BaseModel, Field

from shared.errors import Unfit

if TYPE_CHECKING:
    from shared.store.document import Page, Stored

T = TypeVar("T")
V = TypeVar("V", bound=BaseModel)

_CURSOR = re.compile(r"[0-9]{1,15}~[!-~]{1,100}")

Limit = Annotated[int, Query(ge=1, le=100, description="most items of one answer")]


def _of_a_page(cursor: str) -> str:
    if _CURSOR.fullmatch(cursor) is None:
        raise Unfit("it is not a cursor of this list", "Send `next` of the page before, or leave it out to begin.")
    return cursor


Cursor = Annotated[str, Field(max_length=120), AfterValidator(_of_a_page)]
"""Has the form that every list gives its cursors, wherever it is sent."""
After = Annotated[Cursor | None, Query(description="`next` of the page before, unchanged")]


class Listed(BaseModel, Generic[T]):
    """One page of a list."""

    items: list[T]
    next: str | None = Field(description="cursor to ask for the next page, null on the last one")


@dataclass(frozen=True, slots=True)
class Paging:
    """Which part of a list is wanted; `after` has the form of a cursor, or is None."""

    limit: int
    after: str | None


async def paging(limit: Limit = 50, after: After = None) -> Paging:
    """The dependency of a list: `page: Paging = Depends(paging)`. A bad cursor is refused (422)."""
    return Paging(limit, after)


def listed(page: Page[Any], view: Callable[[Stored[Any]], V]) -> Listed[V]:
    """A page of aggregates as an answer."""
    return Listed[Any](items=[view(stored) for stored in page.items], next=page.next)
