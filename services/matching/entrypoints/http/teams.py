"""Teams: who does it together. Officers see all; an institution sees its own, names stay elsewhere."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime, BaseModel, Field
from starlette.responses import JSONResponse

from services.matching.application.stores import Stores
from services.matching.domain.team import Team
from services.matching.entrypoints.http import examples
from services.matching.entrypoints.http.reading import ByRequest, PathId, unknown
from shared.runtime.http.answers import page_of, shows
from shared.runtime.http.commands import shown
from shared.runtime.http.paging import Listed, Paging, listed, paging
from shared.runtime.identity import Caller, Role, allow
from shared.store import Stored

_readers = allow(Role.OFFICER, Role.INSTITUTION)


class MemberView(BaseModel):
    """An expert in a position."""

    position_id: str
    expert_id: str
    is_principal: bool
    accepted_at: AwareDatetime


class TeamView(BaseModel):
    """A team and what it still lacks."""

    team_id: str
    version: int
    activity_id: str
    action_code: str
    request_id: str
    institution_id: str
    title: str
    members: list[MemberView]
    missing: list[str] = Field(description="positions nobody has accepted yet")
    lacks: list[str] = Field(description="codes: positions_open, no_principal, several_principals")
    completed_at: AwareDatetime | None


def view(stored: Stored[Team]) -> TeamView:
    """The team as it stands."""
    team = stored.state
    return TeamView(
        team_id=stored.id,
        version=stored.version,
        activity_id=team.activity_id,
        action_code=team.action_code,
        request_id=team.request_id,
        institution_id=team.institution_id,
        title=team.title,
        members=[MemberView(**m.model_dump(exclude={"employer_institution_id"})) for m in team.members],
        missing=list(team.missing()),
        lacks=list(team.lacks()),
        completed_at=team.completed_at,
    )


def teams_router(stores: Stores) -> APIRouter:
    """GET /teams, /teams/{id}."""
    router = APIRouter(tags=["teams"])

    @router.get(
        "/teams",
        summary="Teams, newest first",
        description="Who has accepted, and what is still lacking. An institution sees those of its own requests.",
        response_model=Listed[TeamView],
        responses=shows(page_of(examples.TEAM_VIEW), etag=False),
    )
    async def list_teams(
        page: Annotated[Paging, Depends(paging)],
        caller: Annotated[Caller, Depends(_readers)],
        request_id: ByRequest = None,
        complete: Annotated[
            Literal["yes", "no"] | None, Query(description="yes: nothing is lacking; no: something is")
        ] = None,
    ) -> Listed[TeamView]:
        where: dict[str, Any] = {}
        if request_id is not None:
            where["request_id"] = request_id
        if complete is not None:
            where["complete"] = 1 if complete == "yes" else 0
        if caller.role is Role.INSTITUTION:
            where["institution_id"] = caller.institution_id or ""
        return listed(await stores.teams.find(where, limit=page.limit, after=page.after), view)

    @router.get(
        "/teams/{team_id}",
        summary="One team",
        description="By ids; names stay with registration. An institution sees its own.",
        response_model=TeamView,
        responses=shows(examples.TEAM_VIEW, 404),
    )
    async def read_team(team_id: PathId, caller: Annotated[Caller, Depends(_readers)]) -> JSONResponse:
        stored = await stores.teams.read(team_id)
        if stored is None or (caller.role is Role.INSTITUTION and stored.state.institution_id != caller.institution_id):
            raise unknown("team", team_id)
        return shown(stored, view)

    return router
