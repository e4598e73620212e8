"""What a request was for: how metrics and log lines name it, without ids and words of the caller's own."""

from __future__ import annotations

from starlette.types import Scope

UNKNOWN_ROUTE = "unknown"
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def method(scope: Scope) -> str:
    """The method, where HTTP knows it; one label for all others."""
    return scope["method"] if scope["method"] in _METHODS else "other"


def template(scope: Scope) -> str:
    """The path template of the route that answered, such as `/requests/{id}`; one label for all unknown paths."""
    included = scope.get("fastapi", {}).get("effective_route_context")
    path = getattr(included, "path", "") or getattr(scope.get("route"), "path", "")
    return str(path) or UNKNOWN_ROUTE
