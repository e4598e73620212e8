"""The indexes of a collection, named once: made by the services, looked for by whoever checks a system."""

from __future__ import annotations

from collections.abc import Iterable, Set

from shared.store.document import Asked

Fields = tuple[str, ...]
"""The fields of one index in their order, each ascending."""

LISTS: Fields = ("created_at", "id")
"""Every list is a page of this order."""

_FOR: dict[Asked, Fields] = {
    "pending": ("pending_since",),
    "deadlines": ("next_deadline",),
    "changes": ("updated_at", "id"),
    "answers": ("answers_since",),
}
"""The index behind each query."""


def indexes(keys: Iterable[str], asked: Set[Asked]) -> list[Fields]:
    """What a collection needs that is searched by `keys` and `asked` for these besides."""
    return [LISTS, *(_FOR[query] for query in sorted(asked)), *((f"keys.{key}",) for key in keys)]
