"""A query parameter nobody asked for is refused, and one that stands twice: a filter that is misspelt or
overwritten, and ignored in silence, shows what nobody asked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from fastapi import Request

from shared.errors import Fault, given_twice, invalid


async def known_queries(request: Request) -> None:
    """The dependency of every route: Invalid, naming each unknown parameter and those there are, and each that is given
    more than once."""
    if not request.query_params:
        return
    dependant = getattr(request.scope.get("route"), "dependant", None)
    if dependant is None:
        return
    known = set(_names(dependant))
    there_are = f"There are: {', '.join(sorted(known))}." if known else "This operation has none."
    given = Counter(name for name, _ in request.query_params.multi_items())
    faults = tuple(
        Fault(f"query:{name[:80]}", "there is no such parameter", there_are) for name in given if name not in known
    )
    faults += tuple(given_twice(f"query:{name}") for name, count in given.items() if count > 1 and name in known)
    if faults:
        raise invalid(*faults)


def _names(dependant: Any) -> Iterator[str]:
    """The query parameters of a route and of everything it depends on."""
    yield from (field.alias for field in dependant.query_params)
    for needed in dependant.dependencies:
        yield from _names(needed)
