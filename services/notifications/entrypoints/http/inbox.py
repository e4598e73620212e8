"""GET /inbox and POST /inbox/{id}/opening: everybody's own notices."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path
from pydantic import AwareDatetime, BaseModel, Field
from starlette.responses import JSONResponse

from services.notifications.application.open_notice import OpenNotice
from services.notifications.application.read_inbox import InboxItem, ReadInbox
from services.notifications.domain.delivery import Delivery, Priority
from services.notifications.domain.reader import Reader
from services.notifications.entrypoints.http import examples
from shared.days import to_the_day
from shared.runtime.http.answers import page_of, shows
from shared.runtime.http.commands import Write, precondition, rendered, reply
from shared.runtime.http.paging import Listed, Paging, paging
from shared.runtime.identity import Caller, Role, allow
from shared.store import Stored

_everybody = allow(*Role)
_OF_FACILITY = (Role.OFFICER, Role.OPERATOR)
"""Who may know an event by its id: made of the position and the event's number there, it would tell an expert their
rank, and a requester a decline from silence (domain rules, 11.8)."""
NoticeId = Annotated[str, Path(max_length=80, description="id of the notice")]


class NoticeBody(BaseModel):
    """One notice in its reader's language."""

    id: str
    type: str = Field(description="what it is about", examples=["offer"])
    priority: Priority = Field(description="U urgent, N normal, D may be digested")
    subject: str
    text: str
    language: str = Field(description="language of subject and text, ISO 639-1", examples=["fr"])
    state: str = Field(description="delivered, or opened")
    occurred_at: AwareDatetime = Field(
        description="instant of the event it tells of, UTC; institutions are told the day, as 00:00"
    )
    opened_at: AwareDatetime | None
    event_id: str | None = Field(description="officers and operators only: its number tells how a search went")
    event_type: str = Field(examples=["assignment.offered"])
    case_id: str | None = Field(description="the request it belongs to")
    version: int = Field(description="its ETag")


class OpeningBody(BaseModel):
    """A notice that was opened."""

    id: str
    state: str
    opened_at: AwareDatetime | None = Field(description="the first time, UTC")
    version: int = Field(description="its ETag")


def reader_of(caller: Caller) -> Reader:
    """The contact a caller says to be."""
    return Reader(caller.role.value, caller.reached_as, caller.institution_id)


def _notice(item: InboxItem, role: Role) -> NoticeBody:
    notice = item.stored.state
    return NoticeBody(
        id=item.stored.id,
        type=notice.type,
        priority=notice.priority,
        subject=item.text.subject,
        text=item.text.body,
        language=item.text.language,
        state=notice.state.value,
        occurred_at=to_the_day(notice.occurred_at) if role is Role.INSTITUTION else notice.occurred_at,
        opened_at=notice.opened_at,
        event_id=notice.event_id if role in _OF_FACILITY else None,
        event_type=notice.event_type,
        case_id=notice.case_id,
        version=item.stored.version,
    )


def _opening(stored: Stored[Delivery]) -> OpeningBody:
    return OpeningBody(
        id=stored.id, state=stored.state.state.value, opened_at=stored.state.opened_at, version=stored.version
    )


def inbox_router(read_inbox: ReadInbox, open_notice: OpenNotice) -> APIRouter:
    """The routes of the inbox; everybody sees their own only."""
    router = APIRouter(prefix="/inbox", tags=["inbox"])

    @router.get(
        "",
        summary="My notices, the newest first",
        description="In the language of the contact the token is bound to (`contact_id`, an expert's `expert_id`; the "
        "subject where the issuer gives none). Its role, kind and institution must agree with the contact's. "
        "Institutions and experts get no `event_id`.",
        responses=shows(page_of(examples.NOTICE), etag=False),
    )
    async def list_notices(
        page: Annotated[Paging, Depends(paging)], caller: Annotated[Caller, Depends(_everybody)]
    ) -> Listed[NoticeBody]:
        found = await read_inbox(reader_of(caller), limit=page.limit, after=page.after)
        return Listed[NoticeBody](items=[_notice(item, caller.role) for item in found.items], next=found.next)

    @router.post(
        "/{id}/opening",
        summary="I have opened this notice",
        description="The first opening counts; repeating it changes nothing.",
        responses=shows(examples.OPENING, 404, 412),
        response_model=OpeningBody,
    )
    async def open_(
        id: NoticeId,  # noqa: A002
        caller: Annotated[Caller, Depends(_everybody)],
        write: Annotated[Write, Depends(precondition(required=False))],
    ) -> JSONResponse:
        render = rendered(_opening)
        outcome = await open_notice(id, reader_of(caller), write.cause(caller, render))
        return reply(outcome, render)

    return router
