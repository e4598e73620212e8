"""Every error answer as an RFC 9457 problem: what was refused, where in the input, and how to mend it."""

from __future__ import annotations

import json
from http import HTTPStatus
from math import ceil
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.responses import Response

from shared.errors import (
    Away,
    Forbidden,
    Invalid,
    Malformed,
    NotFound,
    PreconditionRequired,
    Problem,
    Refused,
    StaleVersion,
    TooLarge,
    TooMany,
    Unauthenticated,
    invalid,
)
from shared.runtime.correlation import current
from shared.runtime.http.faults import faults_of, first_hand
from shared.runtime.http.routes import method, template
from shared.runtime.logging import get_logger

MEDIA_TYPE = "application/problem+json"
_READS = frozenset({"GET", "OPTIONS"})
_log = get_logger("http")

RETRY_AFTER_SECONDS = 2
"""Default, no public source: an unreachable database or issuer is worth asking again after this."""


class FaultBody(BaseModel):
    """One fault in the input."""

    pointer: str = Field(
        description="JSON pointer into the body; `query:limit`, `header:If-Match`, `path:id` for what is not in it",
        examples=["/positions/0/days"],
    )
    detail: str = Field(description="what is wrong there")
    mend: str = Field(description="how to mend it")


class ProblemBody(BaseModel):
    """A refusal or failure, as of RFC 9457. Nothing was changed by the request."""

    type: str = Field(description="kind of problem, stable", examples=["urn:entente:problem:invalid"])
    title: str = Field(description="the kind in words")
    status: int = Field(description="HTTP status", examples=[422])
    detail: str = Field(description="what happened this time")
    mend: str = Field("", description="how to mend it")
    faults: list[FaultBody] = Field(
        default_factory=list, description="each fault in the input, where there are several"
    )
    correlation_id: str = Field("", description="quote this when asking for help")


class UnsupportedContent(Problem):
    """The body is not in a format this route reads."""

    status, kind, title = 415, "unsupported-content", "The body's format is not supported"


class MethodNotAllowed(Problem):
    """The path exists, the method does not."""

    status, kind, title = 405, "method-not-allowed", "This path does not take that method"


class Unexpected(Problem):
    """A fault of the service."""

    status, kind, title = 500, "unexpected", "Something went wrong here"


class BodyRefused(HTTPException):
    """Carries a problem through FastAPI's reading of the body, which turns other exceptions into its own."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(status_code=problem.status, detail=problem.detail)
        self.problem = problem


def problem_response(problem: Problem, *, extra: dict[str, Any] | None = None, headers: Any = None) -> Response:
    """The answer to a problem: 401 says how to sign in, 429 and 503 when to come back."""
    content: dict[str, Any] = {
        "type": f"urn:entente:problem:{problem.kind}",
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail,
        "mend": problem.mend,
        "faults": [{"pointer": f.pointer, "detail": f.detail, "mend": f.mend} for f in problem.faults],
        "correlation_id": current().correlation_id,
        **(extra or {}),
    }
    response = Response(json.dumps(content), status_code=problem.status, media_type=MEDIA_TYPE, headers=headers)
    if problem.status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="entente"'
    if problem.status == 503:
        response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    if isinstance(problem, TooMany):
        response.headers["Retry-After"] = str(ceil(problem.again_after.total_seconds()))
    response.headers["Cache-Control"] = "no-store"
    return response


def _answered(request: Request, problem: Problem, *, headers: Any = None) -> Response:
    """The answer to a problem. A write that is refused, and whatever fails, leaves a log line under the correlation id
    that the caller may quote; a read that is refused leaves none, and no line has anything of the input."""
    if request.method not in _READS or problem.status >= 500:
        asked = {"method": method(request.scope), "route": template(request.scope)}
        _log.info("refused", **asked, status=problem.status, problem=problem.kind)
    return problem_response(problem, headers=headers)


async def on_problem(request: Request, error: Exception) -> Response:
    """Handler of `Problem` and its subclasses."""
    assert isinstance(error, Problem)
    return _answered(request, error)


async def on_invalid(request: Request, error: Exception) -> Response:
    """Handler of FastAPI's validation errors: 400 where the JSON cannot be read, 422 where it breaks a rule."""
    assert isinstance(error, RequestValidationError)
    found = error.errors()
    if found and found[0]["type"] == "json_invalid":
        place = found[0]["loc"][-1]
        why = found[0].get("ctx", {}).get("error", "not JSON")
        told = f"the body is not JSON: {why} at character {place}"
        return _answered(request, Malformed(told, mend="Send one valid JSON document."))
    found = first_hand(found)
    faults = faults_of(found, error.body)
    return _answered(request, invalid(*faults, more=len(found) - len(faults)))


async def on_http(request: Request, error: Exception) -> Response:
    """Handler of what the framework raises itself: unknown path, unknown method, unreadable body."""
    assert isinstance(error, HTTPException)
    if isinstance(error, BodyRefused):
        return _answered(request, error.problem)
    if error.status_code == 405:
        allowed = ", ".join(_methods_at(request)) or "GET, HEAD"
        refused = MethodNotAllowed(f"{request.method} is not possible here", mend=f"Use one of: {allowed}.")
        return _answered(request, refused, headers={"Allow": allowed})
    return _answered(request, _from_status(error), headers=error.headers)


def _methods_at(request: Request) -> list[str]:
    """Every method this path takes, HEAD where it takes GET; none for files, which are read only. The framework's own
    Allow names those of the first route there only."""
    routes = iter_route_contexts(request.app.routes)
    here = (route for route in routes if route.methods and route.path_regex.match(request.scope["path"]))
    methods = {name for route in here for name in route.methods or ()}
    return sorted(methods | ({"HEAD"} if "GET" in methods else set()))


def _from_status(error: HTTPException) -> Problem:
    if error.status_code == 404:
        return NotFound("there is nothing at this path", mend="See /docs for the paths of this service.")
    if error.status_code == 400:
        return Malformed("the body cannot be read", mend="Send one valid JSON document in UTF-8.")
    if error.status_code == 413:
        return TooLarge("the body is over the limit of this route", mend="Send less at once.")
    problem = Problem(str(error.detail), mend="See /docs for what this path takes.")
    problem.status = error.status_code
    problem.kind = f"http-{error.status_code}"
    problem.title = HTTPStatus(error.status_code).phrase
    return problem


def unexpected(correlation_id: str) -> Response:
    """The answer to a fault of ours: it names the correlation id and nothing of the inside."""
    problem = Unexpected(
        f"this is our fault, not yours; quote {correlation_id} when asking for help",
        mend="Repeat the request later with the same Idempotency-Key.",
    )
    return problem_response(problem)


MEANINGS = {
    400: "The input cannot be read",
    401: "No token, or one that cannot be trusted",
    403: "The caller's role may not do this",
    404: "Not found, or not visible to the caller",
    405: "This path does not take that method",
    409: "Not possible in the object's present state",
    412: "The object has changed since it was read",
    413: "The body is over the limit of the route",
    415: "The body is not JSON",
    422: "The input was read and breaks a rule",
    428: "An edit must say which version it edits (If-Match)",
    429: "More keys for one object than are remembered; repeat after Retry-After",
    500: "A fault of the service; quote the correlation id",
    503: "Temporarily not available; repeat after Retry-After",
}


_SAMPLES: dict[int, tuple[type[Problem], str]] = {
    400: (Malformed, "Send one valid JSON document."),
    401: (Unauthenticated, "Send a token of the issuer as 'Authorization: Bearer …'."),
    403: (Forbidden, "Sign in with a role that may."),
    404: (NotFound, "Look for its id in the list."),
    405: (MethodNotAllowed, "Use one of: GET, HEAD, PUT."),
    409: (Refused, "Read the object, and see what is possible now."),
    412: (StaleVersion, "Read it again, and send its ETag as If-Match."),
    413: (TooLarge, "Send less at once."),
    415: (UnsupportedContent, "Send JSON with 'Content-Type: application/json'."),
    422: (Invalid, "Mend each of the faults and send it again."),
    428: (PreconditionRequired, "Read the object, and send its ETag as If-Match."),
    429: (TooMany, "Repeat it after the time in Retry-After."),
    500: (Unexpected, "Repeat the request later with the same Idempotency-Key."),
    503: (Away, "Repeat it after the time in Retry-After."),
}
"""The kind of problem each status is shown with, and a mend."""


def _sample(status: int) -> dict[str, Any]:
    kind, mend = _SAMPLES[status]
    at_fault = FaultBody(pointer="/title", detail="it is missing", mend="Add it.")
    return ProblemBody(
        type=f"urn:entente:problem:{kind.kind}",
        title=kind.title,
        status=status,
        detail=MEANINGS[status],
        mend=mend,
        faults=[at_fault] if status == 422 else [],
        correlation_id="cor_5f0c1e9a7b3d4c2e8f6a0b1c2d3e4f50",
    ).model_dump()


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """`responses=` of a route: each of these error answers, documented as application/problem+json with an example."""
    reference = {"$ref": "#/components/schemas/ProblemBody"}
    return {
        status: {
            "description": MEANINGS[status],
            "content": {MEDIA_TYPE: {"schema": reference, "example": _sample(status)}},
        }
        for status in statuses
    }
