"""How a route's answers are documented: by an example, with the headers it has and the problems it may answer with."""

from __future__ import annotations

from typing import Any

from shared.runtime.http.problems import problems

_ETAG = {"description": 'version, such as "3"', "schema": {"type": "string"}}
_LOCATION = {"description": "where the object is read", "schema": {"type": "string"}}


def shows(
    example: Any, *errors: int, status: int = 200, etag: bool = True, location: bool = False
) -> dict[int | str, dict[str, Any]]:
    """`responses=` of a route: its answer with an example, and the problems it may answer with instead."""
    answer: dict[str, Any] = {"content": {"application/json": {"example": example}}}
    headers = ({"ETag": _ETAG} if etag else {}) | ({"Location": _LOCATION} if location else {})
    if headers:
        answer["headers"] = headers
    return {status: answer, **problems(*errors)}


def page_of(example: Any) -> dict[str, Any]:
    """The example of a list with this one item."""
    return {"items": [example], "next": None}
