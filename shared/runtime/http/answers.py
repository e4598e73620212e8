"""How a route's answers are documented: by an example, with the headers it has and the problems it may answer with."""

from __future__ import annotations

from typing import Any

from shared.runtime.http.problems import problems


def shows(example: Any, *errors: int, status: int = 200, etag: bool = True) -> dict[int | str, dict[str, Any]]:
    """`responses=` of a route: its answer with an example, and the problems it may answer with instead."""
    answer: dict[str, Any] = {"content": {"application/json": {"example": example}}}
    if etag:
        answer["headers"] = {"ETag": {"description": 'version, such as "3"', "schema": {"type": "string"}}}
    return {status: answer, **problems(*errors)}


def page_of(example: Any) -> dict[str, Any]:
    """The example of a list with this one item."""
    return {"items": [example], "next": None}
