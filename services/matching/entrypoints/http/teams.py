"""Teams: who does it together. Officers see all; an institution sees its own, names stay elsewhere."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime, BaseModel, Field
from starlette.responses import JSONResponse

from services.matching.application.access import sees_everything
from services.matching.application.list_teams import list_teams
from services.matching.application.read_team import read_team
from services.matching.application.stores import Stores
from services.matching.domain.team import Team
from services.matching.entrypoints.http import examples
from services.matching.entrypoints.http.reading import Asked, ByRequest, PathId
from shared.days import to_the_day
from shared.runtime.http.answers import page_of, shows
from shared.runtime.http.commands import shown
from shared.runtime.http.paging import Listed, listed
from shared.runtime.identity import Caller, Role, allow
from shared.store import Stored

_readers = allow(Role.OFFICER, Role.INSTITUTION)


class MemberView(BaseModel):
    """An expert in a position."""

    position_id: str
    expert_id: str
    is_principal: bool
    accepted_at: AwareDatetime = Field(description="to institutions the day only: 00:00 UTC")


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
    completed_at: AwareDatetime | None = Field(description="to institutions the day only: 00:00 UTC")


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


def view_told(stored: Stored[Team]) -> TeamView:
    """The team as its institution sees it: of instants the day."""
    seen = view(stored)
    members = [m.model_copy(update={"accepted_at": to_the_day(m.accepted_at)}) for m in seen.members]
    completed_at = seen.completed_at and to_the_day(seen.completed_at)
    return seen.model_copy(update={"members": members, "completed_at": completed_at})


def teams_router(stores: Stores) -> APIRouter:
    """GET /teams, /teams/{id}."""
    router = APIRouter(tags=["teams"])

    @router.get(
        "/teams",
        summary="Teams, newest first",
        description="Who has accepted, and what is still lacking. An institution sees those of its own requests, and "
        "when by the day; a token without `institution_id` gets 403.",
        response_model=Listed[TeamView],
        responses=shows(page_of(examples.TEAM_VIEW), etag=False),
    )
    async def find(
        part: Asked,
        caller: Annotated[Caller, Depends(_readers)],
        request_id: ByRequest = None,
        complete: Annotated[
            Literal["yes", "no"] | None, Query(description="yes: nothing is lacking; no: something is")
        ] = None,
    ) -> Listed[TeamView]:
        whole = None if complete is None else complete == "yes"
        found = await list_teams(stores.teams, caller, request_id, whole, part)
        return listed(found, view if sees_everything(caller) else view_told)

    @router.get(
        "/teams/{team_id}",
        summary="One team",
        description="By ids; names stay with registration, and the notice of the complete team tells them to the focal "
        "point that asked. An institution sees its own, and when by the day.",
        response_model=TeamView,
        responses=shows(examples.TEAM_VIEW, 404),
    )
    async def read(team_id: PathId, caller: Annotated[Caller, Depends(_readers)]) -> JSONResponse:
        return shown(await read_team(stores.teams, caller, team_id), view if sees_everything(caller) else view_told)

    return router
