"""Offers: the expert they went to reads and answers them; officers read all."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Body, Depends
from pydantic import AwareDatetime, BaseModel, Field
from starlette.responses import JSONResponse

from services.matching.application.accept_offer import accept_offer
from services.matching.application.announce import window_of
from services.matching.application.decline_offer import decline_offer
from services.matching.application.explain_offer import explain_offer
from services.matching.application.list_offers import list_offers
from services.matching.application.read_offer import read_offer
from services.matching.application.roster import Roster
from services.matching.application.stores import Stores
from services.matching.domain.deadlines import Duration
from services.matching.domain.offer import DeclineReason
from services.matching.domain.position import Position
from services.matching.entrypoints.http import examples
from services.matching.entrypoints.http.reading import Asked, ByExpert, PathId
from services.matching.entrypoints.http.searches import PartView, part_view
from shared.clock import Clock
from shared.given import Given
from shared.runtime.http.answers import page_of, shows
from shared.runtime.http.commands import Render, Write, precondition, rendered, reply, shown
from shared.runtime.http.paging import Listed
from shared.runtime.identity import Caller, Role, allow
from shared.store import Stored

_expert = allow(Role.EXPERT)
_readers = allow(Role.EXPERT, Role.OFFICER)


class OfferView(BaseModel):
    """An offer as its expert sees it: what, where, when, until when to answer. No rank."""

    offer_id: str
    version: int = Field(description="its ETag: counts the changes of this offer alone")
    expert_id: str
    position_id: str
    position_number: int
    is_principal: bool
    title: str
    country: str
    action_code: str
    first_day: date
    last_day: date
    days_total: int | None = Field(description="working days")
    state: str
    offered_at: AwareDatetime
    respond_by: AwareDatetime
    responded_at: AwareDatetime | None


class OfferExplanation(BaseModel):
    """Why the expert was asked: the score and what it rests on. No rank, and nobody else."""

    offer_id: str
    expert_id: str
    score: int = Field(description="thousandths of a point, the sum of the parts")
    parts: list[PartView]


class DeclineBody(Given):
    """Why the expert declines. Others see "personal" only."""

    reason: DeclineReason


def view(stored: Stored[Position], offer_id: str) -> OfferView:
    """One offer of a position."""
    position, window = stored.state, window_of(stored.state)
    offer = position.offer(offer_id)
    return OfferView(
        offer_id=offer_id,
        version=offer.version,
        expert_id=offer.expert_id,
        position_id=position.position_id,
        position_number=position.number,
        is_principal=position.requirement.is_principal,
        title=position.title,
        country=position.country,
        action_code=position.action_code,
        first_day=window.first_day,
        last_day=window.last_day,
        days_total=position.requirement.days_total,
        state=offer.state,
        offered_at=offer.offered_at,
        respond_by=offer.respond_by,
        responded_at=offer.responded_at,
    )


def offers_router(stores: Stores, roster: Roster, clearance: Duration, clock: Clock) -> APIRouter:
    """GET /offers, /offers/{id}, /offers/{id}/explanation; POST /offers/{id}/acceptance, /offers/{id}/decline."""
    router = APIRouter(tags=["offers"])

    @router.get(
        "/offers",
        summary="Offers: an expert's own, or any expert's for an officer",
        description="By position, newest first; `limit` counts positions, each of which may have made several offers. "
        "Experts see their own, whatever they ask for; a token without `expert_id` gets 403.",
        responses=shows(page_of(examples.OFFER_VIEW), etag=False),
    )
    async def find(
        part: Asked,
        caller: Annotated[Caller, Depends(_readers)],
        expert_id: ByExpert = None,
    ) -> Listed[OfferView]:
        found = await list_offers(stores.positions, caller, expert_id, part)
        return Listed(items=[view(made.position, made.offer_id) for made in found.items], next=found.next)

    @router.get(
        "/offers/{offer_id}",
        summary="One offer",
        description="What is offered, and until when to answer. Experts see their own; nobody sees a rank here.",
        response_model=OfferView,
        responses=shows(examples.OFFER_VIEW, 404),
    )
    async def read(offer_id: PathId, caller: Annotated[Caller, Depends(_readers)]) -> JSONResponse:
        return shown(await read_offer(stores, caller, offer_id), lambda s: view(s, offer_id))

    @router.get(
        "/offers/{offer_id}/explanation",
        summary="Why me",
        description="Every part of the score by which the expert came on the list that this offer was made from, with "
        "what it rests on, as it was recorded then. Experts read that of their own offers.",
        responses=shows(examples.OFFER_EXPLANATION, 404, etag=False),
    )
    async def explain(offer_id: PathId, caller: Annotated[Caller, Depends(_readers)]) -> OfferExplanation:
        found = await explain_offer(stores, caller, offer_id)
        parts = [part_view(part) for part in found.parts]
        return OfferExplanation(offer_id=offer_id, expert_id=found.expert_id, score=found.score, parts=parts)

    @router.post(
        "/offers/{offer_id}/acceptance",
        summary="Accept an offer",
        description="Counts strictly before `respond_by`. Final: the days are kept from here on, and clearance "
        "follows. Refused where another accepted assignment has taken the days, or where your own maximum of days or "
        "assignments would be passed: decline then, or the offer ends unanswered. Announces `assignment.accepted` and "
        "`availability.confirmed`.",
        response_model=OfferView,
        responses=shows(examples.ACCEPTED, 404, 409, 412),
    )
    async def accept(
        offer_id: PathId,
        caller: Annotated[Caller, Depends(_expert)],
        write: Annotated[Write, Depends(precondition(required=False))],
    ) -> JSONResponse:
        render: Render[Position] = rendered(lambda s: view(s, offer_id))
        cause = write.cause(caller, render)
        outcome = await accept_offer(stores, roster, clearance, clock, cause, offer_id, caller.expert_id or "")
        return reply(outcome, render)

    @router.post(
        "/offers/{offer_id}/decline",
        summary="Decline an offer",
        description="With a reason from the list. Declining never counts against you; the next person is asked. "
        "Announces `assignment.declined`.",
        response_model=OfferView,
        responses=shows(examples.DECLINED, 404, 409, 412),
    )
    async def decline(
        offer_id: PathId,
        body: Annotated[DeclineBody, Body(examples=[examples.DECLINE])],
        caller: Annotated[Caller, Depends(_expert)],
        write: Annotated[Write, Depends(precondition(required=False))],
    ) -> JSONResponse:
        render: Render[Position] = rendered(lambda s: view(s, offer_id))
        cause = write.cause(caller, render)
        outcome = await decline_offer(stores, clock, cause, offer_id, caller.expert_id or "", body.reason)
        return reply(outcome, render)

    return router
