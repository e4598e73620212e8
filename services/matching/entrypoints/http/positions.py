"""Positions: officers follow and approve them; an institution sees its own, and not how their search goes."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Query
from pydantic import AwareDatetime, BaseModel, Field
from starlette.responses import JSONResponse

from services.matching.application.access import sees_everything
from services.matching.application.approve_shortlist import approve_shortlist
from services.matching.application.list_positions import list_positions
from services.matching.application.offer_next import OfferTimes
from services.matching.application.read_position import read_position
from services.matching.application.roster import Roster
from services.matching.application.search_again import search_again
from services.matching.application.stores import Stores
from services.matching.domain.offer import Offer
from services.matching.domain.policy import Policy
from services.matching.domain.position import Position, PositionState
from services.matching.domain.rules import SKIPPED_BECAUSE
from services.matching.entrypoints.http import examples
from services.matching.entrypoints.http.reading import Asked, ByActivity, ByRequest, PathId
from shared.clock import Clock
from shared.given import Given
from shared.runtime.http.answers import page_of, shows
from shared.runtime.http.commands import Write, precondition, rendered, reply, shown
from shared.runtime.http.paging import Listed, listed
from shared.runtime.identity import Caller, Role, allow
from shared.store import Stored

_officer = allow(Role.OFFICER)
_readers = allow(Role.OFFICER, Role.INSTITUTION)


class ApprovalBody(Given):
    """Which list is approved."""

    search_id: str | None = Field(
        None,
        min_length=1,
        max_length=80,
        description="the search whose list you looked at; left out: whichever is there",
    )


class OfferLine(BaseModel):
    """One offer of a position."""

    offer_id: str
    expert_id: str
    rank: int
    state: str
    offered_at: AwareDatetime
    respond_by: AwareDatetime
    reason: str | None = Field(description='why it was withdrawn; "personal" where the expert declined')
    clearance_due: AwareDatetime | None = Field(None, description="of an accepted offer; told once when it has passed")


class SkippedLine(BaseModel):
    """Somebody on the approved list who was not asked, and why: code and sentence of each rule, side by side."""

    expert_id: str
    codes: tuple[str, ...]
    sentences: tuple[str, ...]
    at: AwareDatetime


class PositionLine(BaseModel):
    """A position in short: what its institution may see as well."""

    position_id: str
    version: int | None = Field(
        description="for officers: it counts every step of the search, also those an institution is not told apart"
    )
    number: int
    is_principal: bool
    title: str
    country: str
    request_id: str
    institution_id: str
    activity_id: str
    action_code: str
    state: PositionState = Field(
        description="an institution reads `searching` for `open`, `searching`, `shortlisted` and `offered`: until "
        "somebody has accepted"
    )


class PositionView(PositionLine):
    """A position with its list and its offers. `shortlist` and `offers` are for officers."""

    requirement: dict[str, Any] | None = None
    urgent: bool | None = Field(None, description="whether experts have the shorter time to answer; for officers")
    search_id: str | None = Field(None, description="the latest search: its ranking, and why somebody is not on it")
    shortlist: list[dict[str, Any]] = Field(default_factory=list, description="expert_id, rank, score in thousandths")
    shortlist_approved_by: str | None = None
    skipped: list[SkippedLine] = Field(default_factory=list, description="passed over when checked again")
    offers: list[OfferLine] = Field(default_factory=list)


def _line(stored: Stored[Position]) -> dict[str, Any]:
    position = stored.state
    return {
        "position_id": position.position_id,
        "version": stored.version,
        "number": position.number,
        "is_principal": position.requirement.is_principal,
        "title": position.title,
        "country": position.country,
        "request_id": position.request_id,
        "institution_id": position.institution_id,
        "activity_id": position.activity_id,
        "action_code": position.action_code,
        "state": position.state,
    }


def line(stored: Stored[Position]) -> PositionLine:
    """A position in short."""
    return PositionLine(**_line(stored))


def _told(stored: Stored[Position]) -> dict[str, Any]:
    return {**_line(stored), "version": None, "state": stored.state.state_told}


def line_told(stored: Stored[Position]) -> PositionLine:
    """A position in short, as its institution sees it."""
    return PositionLine(**_told(stored))


def view_told(stored: Stored[Position]) -> PositionView:
    """A position as its institution sees it: without list and offers."""
    return PositionView(**_told(stored))


def _offer(offer: Offer) -> OfferLine:
    shown = offer.model_dump(include=set(OfferLine.model_fields))
    return OfferLine(**{**shown, "reason": offer.reason_shown})


def view(stored: Stored[Position]) -> PositionView:
    """A position as an officer sees it."""
    position = stored.state
    return PositionView(
        **_line(stored),
        requirement=position.requirement.model_dump(mode="json"),
        urgent=position.urgent,
        search_id=position.search_id,
        shortlist=[row.model_dump() for row in position.shortlist],
        shortlist_approved_by=position.shortlist_approved_by,
        skipped=[
            SkippedLine(**row.model_dump(), sentences=tuple(SKIPPED_BECAUSE[code] for code in row.codes))
            for row in position.skipped
        ],
        offers=[_offer(offer) for offer in position.offers],
    )


def positions_router(
    stores: Stores, roster: Roster, policy: Policy, offer_times: OfferTimes, clock: Clock
) -> APIRouter:
    """GET /positions, /positions/{id}; POST /positions/{id}/search, /positions/{id}/shortlist-approval."""
    router = APIRouter(tags=["positions"])

    @router.get(
        "/positions",
        summary="Positions, newest first",
        description="In short. An institution sees those of its own requests; until somebody has accepted they are "
        "`searching`, also to the filter. A token without `institution_id` gets 403.",
        response_model=Listed[PositionLine],
        responses=shows(page_of(examples.POSITION_LINE), etag=False),
    )
    async def find(
        part: Asked,
        caller: Annotated[Caller, Depends(_readers)],
        request_id: ByRequest = None,
        activity_id: ByActivity = None,
        state: Annotated[PositionState | None, Query(description="where the position stands")] = None,
    ) -> Listed[PositionLine]:
        asked = {"request_id": request_id, "activity_id": activity_id}
        found = await list_positions(stores.positions, caller, asked, state, part)
        return listed(found, line if sees_everything(caller) else line_told)

    @router.get(
        "/positions/{position_id}",
        summary="One position",
        description="Officers see what it asks for, its list, its offers and whom it passed over; an institution sees "
        "its own in short, with these left empty, without ETag, and as `searching` until somebody has accepted.",
        response_model=PositionView,
        responses=shows(examples.POSITION_VIEW, 404),
    )
    async def read(position_id: PathId, caller: Annotated[Caller, Depends(_readers)]) -> JSONResponse:
        stored = await read_position(stores.positions, caller, position_id)
        if sees_everything(caller):
            return shown(stored, view)
        # no ETag: a version counts every step
        return JSONResponse(view_told(stored).model_dump(mode="json"))

    @router.post(
        "/positions/{position_id}/search",
        summary="Search again for a position",
        description="Where nobody is left on the list, nobody was found, or in place of a list that is not approved "
        "yet. Makes a new search of the roster as it is now, and a new list to approve; earlier searches stay. Whoever "
        "was offered the position before is left out, and everybody where an answer would be due once the days have "
        "begun (`too_late`). Announces `match.completed` and `position.shortlisted`, or "
        "`match.empty`.",
        response_model=PositionView,
        responses=shows(examples.SEARCHED_AGAIN, 404, 409, 412),
    )
    async def search(
        position_id: PathId,
        caller: Annotated[Caller, Depends(_officer)],
        write: Annotated[Write, Depends(precondition(required=False))],
    ) -> JSONResponse:
        render = rendered(view)
        cause = write.cause(caller, render)
        return reply(await search_again(stores, roster, policy, offer_times, clock, cause, position_id), render)

    @router.post(
        "/positions/{position_id}/shortlist-approval",
        summary="Approve a position's list",
        description="From here offers go out rank by rank, one at a time, without asking again. Another officer's "
        "search may have replaced the list meanwhile: send If-Match, or the `search_id` of the list you looked at, and "
        "another one is refused. Refused too where the answer to an offer made now would be due once the days have "
        "begun. Announces `shortlist.approved`.",
        response_model=PositionView,
        responses=shows(examples.LIST_APPROVED, 404, 409, 412),
    )
    async def approve(
        position_id: PathId,
        caller: Annotated[Caller, Depends(_officer)],
        write: Annotated[Write, Depends(precondition(required=False))],
        body: Annotated[ApprovalBody | None, Body(examples=[examples.APPROVAL])] = None,
    ) -> JSONResponse:
        render = rendered(view)
        cause, search_id = write.cause(caller, render), body.search_id if body else None
        return reply(
            await approve_shortlist(stores.positions, offer_times, clock, cause, position_id, search_id), render
        )

    return router
