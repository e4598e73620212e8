"""Types of path and query values that several routers read, and the one way to say that nothing was found."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Query

from shared.errors import NotFound

PathId = Annotated[str, Path(min_length=1, max_length=80, description="id as given by the service")]
ByRequest = Annotated[str | None, Query(alias="request", min_length=1, max_length=80, description="id of a request")]
ByPosition = Annotated[str | None, Query(alias="position", min_length=1, max_length=80, description="id of a position")]
ByActivity = Annotated[
    str | None, Query(alias="activity", min_length=1, max_length=80, description="id of an activity")
]
ByExpert = Annotated[str | None, Query(alias="expert", min_length=1, max_length=80, description="id of an expert")]


def unknown(what: str, id_: str) -> NotFound:
    """There is no such object, or none this caller may see: the two are not told apart."""
    return NotFound(f"There is no {what} {id_} for you.", mend=f"Look it up where each {what} is listed.")
