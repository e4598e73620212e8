"""Who may call what, read from an application as it was built."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fastapi.routing import APIRoute, iter_route_contexts

from shared.runtime.identity import ROLES, Role


def allowed_roles(route: Any) -> frozenset[Role] | None:
    """The roles that may call a route (an APIRoute, or one of `fastapi.routing.iter_route_contexts(app.routes)`);
    None where it is public."""
    waiting = [route.dependant]
    found: frozenset[Role] | None = None
    while waiting:
        dependant = waiting.pop()
        roles: frozenset[Role] | None = getattr(dependant.call, ROLES, None)
        if roles is not None:
            found = roles if found is None else found & roles
        waiting.extend(dependant.dependencies)
    return found


@dataclass(frozen=True, slots=True)
class Access:
    """Who may call one operation; `roles` None means everybody."""

    method: str
    path: str
    roles: frozenset[Role] | None


def access_of(app: Any) -> list[Access]:
    """Every operation of an application with the roles that may call it, by path and method."""
    found = [
        Access(method, context.path or "", allowed_roles(context))
        for context in iter_route_contexts(app.routes)
        if isinstance(context.original_route, APIRoute)
        for method in sorted(context.methods or ())
    ]
    return sorted(found, key=lambda access: (access.path, access.method))
