"""Types of path and query values that several routers read."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Path, Query

from shared.runtime.http.paging import Paging, paging
from shared.store import Part

PathId = Annotated[str, Path(min_length=1, max_length=80, description="id as given by the service")]
ByRequest = Annotated[str | None, Query(alias="request", min_length=1, max_length=80, description="id of a request")]
ByPosition = Annotated[str | None, Query(alias="position", min_length=1, max_length=80, description="id of a position")]
ByActivity = Annotated[
    str | None, Query(alias="activity", min_length=1, max_length=80, description="id of an activity")
]
ByExpert = Annotated[str | None, Query(alias="expert", min_length=1, max_length=80, description="id of an expert")]


async def _part(page: Annotated[Paging, Depends(paging)]) -> Part:
    return Part(page.limit, page.after)


Asked = Annotated[Part, Depends(_part)]
