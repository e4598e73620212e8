"""GET /deliveries, GET /deliveries/{id}, POST /deliveries/{id}/retry, POST /deliveries/retries: what was told to whom,
and what was not."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Path, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from starlette.responses import JSONResponse

from services.notifications.application.read_deliveries import ReadDeliveries
from services.notifications.application.retry_delivery import RetryDelivery
from services.notifications.application.retry_failed import RetryFailed
from services.notifications.domain.delivery import Channel, Delivery, Priority, State
from services.notifications.domain.retries import MOST, Retries, Wanted
from services.notifications.entrypoints.http import examples
from shared.runtime.http.answers import page_of, shows
from shared.runtime.http.commands import Write, precondition, rendered, reply, shown
from shared.runtime.http.paging import Cursor, Listed, Paging, listed, paging
from shared.runtime.identity import Caller, Role, allow
from shared.store import Stored

_facility = allow(Role.OFFICER, Role.OPERATOR)
DeliveryId = Annotated[str, Path(max_length=80, description="id of the delivery")]

_TEXT: dict[str, Any] = {"min_length": 1, "max_length": 200}


class DeliveryBody(BaseModel):
    """One notice to one recipient on one channel. Recipients are ids: no names, no addresses."""

    id: str
    event_id: str
    event_type: str = Field(examples=["assignment.offered"])
    type: str = Field(description="the message", examples=["offer"])
    row: int | None = Field(
        description="number of the occasion in docs/notices.md, such as 7 for the decision on a request; null where it "
        "has none"
    )
    priority: Priority
    recipient: str = Field(description="id of the contact, or `function@scope` while nobody is known")
    role: str = Field(description="the function in which the recipient is told")
    stands_in: bool = Field(description="the desk is told because nobody holds that function")
    channel: Channel
    state: State
    waiting_for: str | None = Field(
        description="whom it waits for; `mail_server` while that cannot be reached: then no attempt is counted"
    )
    attempts: int
    failure: str | None = Field(description="why the last attempt failed")
    next_look_at: AwareDatetime | None = Field(description="when it is tried or looked at again, UTC")
    case_id: str | None = Field(description="the request it belongs to")
    occurred_at: AwareDatetime = Field(description="instant of the event, UTC")
    created_at: AwareDatetime
    sent_at: AwareDatetime | None = Field(description="when the mail server took it over, UTC")
    opened_at: AwareDatetime | None
    version: int


class RetriesBody(BaseModel):
    """Which failed mails to try again: all that is given must match; `{}` means every one that is looked at."""

    model_config = ConfigDict(extra="forbid")

    channel: Channel | None = Field(None, description="mail or inbox; only mails fail")
    type: str | None = Field(None, **_TEXT, description="the message", examples=["offer"])
    reason: str | None = Field(None, **_TEXT, description="a part of `failure`, in any case", examples=["451"])
    since: AwareDatetime | None = Field(None, description="the event happened at this instant or later")
    until: AwareDatetime | None = Field(None, description="the event happened before this instant")
    limit: int = Field(100, ge=1, le=MOST, description="failed mails to look at, those of the oldest notices first")
    after: Cursor | None = Field(None, description="`next` of the call before")


class RetriesDone(BaseModel):
    """What a call came to."""

    id: str
    looked_at: int = Field(description="failed mails looked at")
    queued: int = Field(description="those of them that are tried again")
    next: str | None = Field(description="where the next call goes on; null once all were looked at")
    version: int


def _done(stored: Stored[Retries]) -> RetriesDone:
    retries = stored.state
    return RetriesDone(
        id=retries.id,
        looked_at=retries.looked_at,
        queued=len(retries.deliveries),
        next=retries.next,
        version=stored.version,
    )


async def _wanted(
    state: Annotated[State | None, Query(description="where it stands")] = None,
    event_id: Annotated[str | None, Query(**_TEXT, description="the event it tells of")] = None,
    recipient: Annotated[str | None, Query(**_TEXT, description="id of a contact")] = None,
    type: Annotated[str | None, Query(**_TEXT, description="the message, such as offer")] = None,  # noqa: A002
    channel: Annotated[Channel | None, Query(description="mail or inbox")] = None,
) -> dict[str, str]:
    """Which deliveries are wanted; all that is given must match."""
    given = {"event_id": event_id, "recipient": recipient, "type": type, "channel": channel}
    given["state"] = state.value if state is not None else None
    return {name: value for name, value in given.items() if value is not None}


def _body(stored: Stored[Delivery]) -> DeliveryBody:
    delivery = stored.state
    kept = delivery.model_dump(exclude={"facts", "due_at", "tried_mark", "retried_in"})
    return DeliveryBody(**kept, next_look_at=delivery.due_at, created_at=stored.created_at, version=stored.version)


def deliveries_router(read: ReadDeliveries, retry: RetryDelivery, retry_failed: RetryFailed) -> APIRouter:
    """The routes of the deliveries; officers and operators."""
    router = APIRouter(prefix="/deliveries", tags=["deliveries"])

    @router.get(
        "",
        summary="Deliveries, the newest first",
        description="One per event, recipient and channel. What waits says for whom, what failed says why.",
        responses=shows(page_of(examples.DELIVERY), etag=False),
    )
    async def list_deliveries(
        wanted: Annotated[dict[str, str], Depends(_wanted)],
        page: Annotated[Paging, Depends(paging)],
        _caller: Annotated[Caller, Depends(_facility)],
    ) -> Listed[DeliveryBody]:
        return listed(await read.page(wanted, limit=page.limit, after=page.after), _body)

    @router.get(
        "/{id}",
        summary="One delivery",
        description="Ids and facts of the case: no name and no address.",
        responses=shows(examples.DELIVERY, 404),
        response_model=DeliveryBody,
    )
    async def read_delivery(
        id: DeliveryId,  # noqa: A002
        _caller: Annotated[Caller, Depends(_facility)],
    ) -> JSONResponse:
        return shown(await read.one(id), _body)

    @router.post(
        "/retries",
        summary="Try many failed mails again",
        description="Those of one page of the failed mails that match, each with a full set of attempts and its old "
        "Message-ID. Call again with `next` for the next page. A repeat under its key tries none of them twice.",
        responses=shows(examples.RETRIES, 412),
        response_model=RetriesDone,
    )
    async def retry_deliveries(
        wanted: Annotated[RetriesBody, Body(examples=[{"reason": "451", "since": "2031-01-10T08:00:00Z"}])],
        caller: Annotated[Caller, Depends(_facility)],
        write: Annotated[Write, Depends(precondition(required=False))],
    ) -> JSONResponse:
        render = rendered(_done)
        outcome = await retry_failed(Wanted(**wanted.model_dump()), write.cause(caller, render))
        return reply(outcome, render)

    @router.post(
        "/{id}/retry",
        summary="Try a failed mail again",
        description="With a full set of attempts and its old Message-ID. Refused (409) for one that has not failed.",
        responses=shows(examples.TRIED_AGAIN, 404, 409, 412),
        response_model=DeliveryBody,
    )
    async def retry_delivery(
        id: DeliveryId,  # noqa: A002
        caller: Annotated[Caller, Depends(_facility)],
        write: Annotated[Write, Depends(precondition(required=False))],
    ) -> JSONResponse:
        render = rendered(_body)
        outcome = await retry(id, write.cause(caller, render))
        return reply(outcome, render)

    return router
