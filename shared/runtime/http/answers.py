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
    answer: dict[str, Any] = {"content": {"application/json": {"example": with_marked_nulls(example)}}}
    headers = ({"ETag": _ETAG} if etag else {}) | ({"Location": _LOCATION} if location else {})
    if headers:
        answer["headers"] = headers
    return {status: answer, **problems(*errors)}


NULL = "urn:entente:null"
"""Stands for null in an example until the document is made: FastAPI leaves out what is null, also where it is due."""


def with_marked_nulls(example: Any) -> Any:
    """The example with NULL for every null."""
    return _replaced(example, None, NULL)


def with_nulls(example: Any) -> Any:
    """The example as it is meant."""
    return _replaced(example, NULL, None)


def _replaced(value: Any, old: str | None, new: str | None) -> Any:
    if isinstance(value, dict):
        return {name: _replaced(inner, old, new) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_replaced(inner, old, new) for inner in value]
    return new if value == old else value


def page_of(example: Any) -> dict[str, Any]:
    """The example of a list with this one item."""
    return {"items": [example], "next": None}
