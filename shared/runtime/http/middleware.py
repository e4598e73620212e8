"""Pure ASGI middleware of every service: HEAD, correlation, metrics, and the last resort for what nobody caught."""

from __future__ import annotations

import asyncio
import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bound_contextvars

from shared.errors import Away
from shared.runtime.correlation import begin, current, entered
from shared.runtime.http.problems import problem_response, unexpected
from shared.runtime.http.routes import method, template
from shared.runtime.logging import get_logger
from shared.runtime.metrics import Metrics
from shared.runtime.serving import STOPPING


class Headed:
    """Answers HEAD as GET is answered, without the body (RFC 9110 9.3.2): load balancers and monitors ask so.

    The outermost: everything within, metrics too, sees a GET."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self.app(scope, receive, send)
            return

        async def headers_only(message: Message) -> None:
            await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

        await self.app({**scope, "method": "GET"}, receive, headers_only)


class Correlated:
    """Takes `X-Correlation-Id` and `traceparent` from the caller where they are valid, makes new ones where not,
    binds them to the request's logs and tells the id in the answer."""

    def __init__(self, app: ASGIApp, service: str) -> None:
        self.app = app
        self.service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = {key: value for key, value in scope["headers"] if key in (b"x-correlation-id", b"traceparent")}
        sent = given.get(b"x-correlation-id")
        trace = given.get(b"traceparent")
        correlation = begin(sent.decode("latin-1") if sent else None, trace.decode("latin-1") if trace else None)
        answered = (b"x-correlation-id", correlation.correlation_id.encode())

        async def tell(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", ()), answered]}
            await send(message)

        with entered(correlation), bound_contextvars(correlation_id=correlation.correlation_id, service=self.service):
            await self.app(scope, receive, tell)


class Measured:
    """Counts and times every request by method, route template and status."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = time.perf_counter()
        status = 500

        async def note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, note)
        finally:
            asked = method(scope), template(scope)
            self.metrics.http_requests.labels(*asked, str(status)).inc()
            self.metrics.http_seconds.labels(*asked).observe(time.perf_counter() - began)


class LastResort:
    """Turns an exception nobody expected into a 500 problem that names the correlation id and nothing of the inside.

    A request cut off by the end of the process is answered with 503. Where the answer has begun already the exception
    goes on, so that the server drops the connection.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._log = get_logger("http")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun = False

        async def note(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self.app(scope, receive, note)
        except asyncio.CancelledError as error:
            if begun or error.args != (STOPPING,):
                raise
            problem = Away("the service is stopping", mend="Repeat the request with the same Idempotency-Key.")
            await problem_response(problem)(scope, receive, send)
        except Exception as error:
            self._log.exception(
                "unexpected fault", method=method(scope), route=template(scope), fault=type(error).__name__
            )
            if begun:
                raise
            await unexpected(current().correlation_id)(scope, receive, send)
