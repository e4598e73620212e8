"""From a write request to a cause for the store, and from its outcome to an answer.

`Idempotency-Key` makes a repeat find the first answer, `If-Match` keeps an edit from overwriting another one,
`ETag` tells the version that was answered.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from fastapi import Header, Request
from pydantic import BaseModel
from starlette.responses import JSONResponse

from shared.contracts.envelope import Actor
from shared.errors import PreconditionRequired, StaleVersion, given_twice, invalid
from shared.runtime.correlation import Correlation, current
from shared.runtime.http.bodies import refuse_what_is_not_read
from shared.runtime.identity import Caller
from shared.store.causes import Answer, Command, Origin

if TYPE_CHECKING:
    from shared.store.document import Outcome, Stored

S = TypeVar("S", bound=BaseModel)
Render = Callable[["Stored[S]"], Answer]

_KEY = r"^[ -~]{1,200}$"
_IF_MATCH = r'^[ \t]*(\*|(W/)?"[0-9]{1,15}")[ \t]*$'

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        pattern=_KEY,
        description="1 to 200 printable characters of your choice. A repeat with the same key and body is answered "
        "as the first one was, for 24 hours unless the facility sets otherwise; with another body, or for another step "
        "of the same object, it is refused (422). It is never done a second time; where a hundred other commands to "
        "the object, or a megabyte of their answers, came since, its answer is not kept any more (409). The key is "
        "yours and belongs to the object you send it to, or to the kind of object you create with it: on another one "
        "it is not refused but done, as another command. Use a new key for each new command.",
    ),
]
IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        pattern=_IF_MATCH,
        description='the ETag you read, such as "3"; refused (412) where the object has changed since; * for any',
    ),
]


@dataclass(frozen=True, slots=True)
class Write:
    """What a write request says about itself: key, expected version, fingerprint, correlation."""

    key: str | None
    expected_version: int | None
    fingerprint: str
    correlation: Correlation

    def cause(self, caller: Caller, render: Render[S] | None = None) -> Command:
        """The cause to hand to `Store.change` or `Store.create`. `render` makes the answer that is kept for repeats."""
        return Command(
            origin=origin_of(caller, self.correlation),
            caller=f"{caller.role}/{caller.subject}/{caller.institution_id or caller.expert_id or ''}",
            key=self.key,
            fingerprint=self.fingerprint,
            expected_version=self.expected_version,
            render=render,
        )


def origin_of(caller: Caller, correlation: Correlation | None = None) -> Origin:
    """Where a caller's command comes from, for the events it announces."""
    correlation = correlation or current()
    return Origin(
        actor=Actor(
            kind="person",
            id=caller.subject,
            role=caller.role.value,
            on_behalf_of=caller.institution_id or caller.expert_id,
        ),
        correlation_id=correlation.correlation_id,
        traceparent=correlation.traceparent,
    )


def precondition(required: bool) -> Callable[..., Coroutine[Any, Any, Write]]:
    """The dependency of a write: `write: Write = Depends(precondition(required=True))`.

    With `required`, an edit without If-Match is refused (428). A weak ETag is refused (412); a header that is malformed
    or given twice is (422), and so is a body where the route reads none.
    """

    async def write(request: Request, idempotency_key: IdempotencyKey = None, if_match: IfMatch = None) -> Write:
        _refuse_given_twice(request, "Idempotency-Key", "If-Match")
        if required and if_match is None:
            raise PreconditionRequired(
                "this edit does not say which version it edits",
                mend="Read the object, and send its ETag as If-Match.",
            )
        if "W/" in (if_match or ""):
            raise StaleVersion(
                "If-Match compares strongly (RFC 9110 13.1.1), and a weak ETag matches nothing",
                mend='Send the ETag as it was answered, such as "3", without W/.',
            )
        await refuse_what_is_not_read(request)
        digits = "".join(letter for letter in if_match or "" if letter.isdigit())
        return Write(
            key=idempotency_key,
            expected_version=int(digits) if digits else None,
            fingerprint=await fingerprint(request) if idempotency_key is not None else "",
            correlation=current(),
        )

    return write


def _refuse_given_twice(request: Request, *names: str) -> None:
    """Invalid where one of them stands more than once."""
    faults = [given_twice(f"header:{name}") for name in names if len(request.headers.getlist(name)) > 1]
    if faults:
        raise invalid(*faults)


async def fingerprint(request: Request) -> str:
    """SHA-256 over method, path and the body in canonical form (keys sorted, no spaces), in hex."""
    body = await request.body()
    try:
        text = json.dumps(await request.json(), sort_keys=True, separators=(",", ":")).encode() if body else b""
    except (ValueError, RecursionError):
        text = body
    head = f"{request.method}\x1f{request.url.path}\x1f".encode()
    return hashlib.sha256(head + text).hexdigest()


def rendered(view: Callable[[Stored[S]], BaseModel], status: int = 200) -> Render[S]:
    """How an aggregate is answered. A view that has a field `version` keeps the ETag of a repeated answer as it was."""

    def render(stored: Stored[S]) -> Answer:
        return Answer(status, view(stored).model_dump(mode="json"))

    return render


def reply(outcome: Outcome[S], render: Render[S], *, location: str | None = None) -> JSONResponse:
    """The answer to a command: the recorded one where it is a repeat; with ETag, and Location where given."""
    answer = outcome.answer
    if answer is None:
        if outcome.stored is None:
            raise ValueError("an outcome without an aggregate has no answer")
        answer = render(outcome.stored)
    response = JSONResponse(answer.body, status_code=answer.status)
    response.headers["ETag"] = etag(_version(answer.body, outcome.stored))
    if location is not None:
        response.headers["Location"] = location
    return response


def shown(stored: Stored[S], view: Callable[[Stored[S]], BaseModel]) -> JSONResponse:
    """The answer to a read: the view with its ETag."""
    body = view(stored).model_dump(mode="json")
    return JSONResponse(body, headers={"ETag": etag(_version(body, stored))})


def _version(body: dict[str, Any], stored: Stored[S] | None) -> int:
    """The one that the answer tells; the document's where it tells none."""
    if isinstance(told := body.get("version"), int):
        return told
    return stored.version if stored is not None else 0


def etag(version: int) -> str:
    """A version as an entity tag, such as `"3"`."""
    return f'"{version}"'
