"""Reads a request's body within its limit and refuses text no store or reader can carry, before a route sees it.

A pure ASGI middleware: it counts what is streamed, so a missing or false Content-Length changes nothing, and it acts
only when a route really reads a body, so an unknown path stays a 404.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from math import isfinite
from typing import Any, TypeVar

from fastapi import params
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.errors import Fault, Invalid, Malformed, Problem, TooLarge, invalid
from shared.given import read_json
from shared.runtime.http.faults import MOST, pointer
from shared.runtime.http.problems import BodyRefused, UnsupportedContent

DEEPEST = 64
"""Levels of nesting accepted; our deepest schema has fewer than ten."""

LARGEST = 2**63 - 1
"""Whole numbers beyond 64 bits cannot be stored."""

_ESCAPE = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")
_LONG = re.compile(rb"[0-9]{19}")
_POWER = re.compile(rb"[eE][+]?[0-9]{3}")
_LONE = re.compile("[\ud800-\udfff]")
_LIMIT = "__body_limit__"

F = TypeVar("F", bound=Callable[..., Any])


def body_limit(size: int) -> Callable[[F], F]:
    """Decorator of an endpoint: its body may have up to `size` bytes, instead of the service's limit."""

    def mark(endpoint: F) -> F:
        setattr(endpoint, _LIMIT, size)
        return endpoint

    return mark


async def refuse_what_is_not_read(request: Request) -> None:
    """Where a route reads no body: 413 for one over the limit, Malformed or Invalid for one that says something.

    Nothing, `null` and `{}` say nothing. For a write that would otherwise be done whatever came with it.
    """
    if getattr(request.scope.get("route"), "body_field", None) is not None:
        return
    body = (await request.body()).strip()
    if body in (b"", b"null", b"{}"):
        return
    try:
        json.loads(body)
    except (ValueError, RecursionError):
        raise Malformed("the body is not JSON, and this path reads no body", mend="Send no body.") from None
    raise Invalid("this path reads no body", mend="Send no body, or look for the path that takes it.")


class Bodies:
    """ASGI middleware: 413 over the limit, 415 for anything but JSON where JSON is read, 400 and 422 for text that
    is not UTF-8, nested too deeply, names a field twice, or holds NUL, lone surrogates or numbers beyond 64 bits."""

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self.app = app
        self.limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        await self.app(scope, _Reader(scope, receive, self.limit), send)


class _Reader:
    def __init__(self, scope: Scope, receive: Receive, limit: int) -> None:
        self._scope = scope
        self._receive = receive
        self._default = limit
        self._chunks: list[bytes] = []
        self._size = 0
        self._done = False

    async def __call__(self) -> Message:
        if not self._done and not self._chunks:
            self._refuse_announced()
        message = await self._receive()
        if self._done or message["type"] != "http.request":
            return message
        chunk: bytes = message.get("body", b"")
        self._size += len(chunk)
        if self._size > self._limit():
            raise BodyRefused(_too_large(self._limit()))
        self._chunks.append(chunk)
        if not message.get("more_body", False):
            self._done = True
            if self._size and self._reads_json():
                self._refuse_content()
            self._chunks.clear()
        return message

    def _limit(self) -> int:
        return int(getattr(self._scope.get("endpoint"), _LIMIT, self._default))

    def _header(self, name: bytes) -> str:
        return next((v.decode("latin-1") for k, v in self._scope["headers"] if k == name), "")

    def _refuse_announced(self) -> None:
        """A body that says itself that it is too long is refused before it is read."""
        length = self._header(b"content-length")
        if length.isdigit() and int(length[:18]) > self._limit():
            raise BodyRefused(_too_large(self._limit()))

    def _reads_json(self) -> bool:
        field = getattr(self._scope.get("route"), "body_field", None)
        return field is not None and not isinstance(field.field_info, params.Form)

    def _refuse_content(self) -> None:
        kind = self._header(b"content-type").split(";", 1)[0].strip().lower()
        if kind != "application/json" and not (kind.startswith("application/") and kind.endswith("+json")):
            raise BodyRefused(
                UnsupportedContent(
                    f"the body is declared as {kind[:80] or 'nothing'}, this path reads JSON",
                    mend="Send JSON with 'Content-Type: application/json'.",
                )
            )
        if (problem := unfit(b"".join(self._chunks))) is not None:
            raise BodyRefused(problem)


def _too_large(limit: int) -> Problem:
    return TooLarge(f"the body has more than {limit} bytes", mend=f"Send at most {limit} bytes.")


def unfit(body: bytes) -> Problem | None:
    """Why this JSON text cannot be taken, or None. Whether it is valid JSON at all is left to the parser.

    Parsed here for names that stand twice: the parser keeps the last one, and nobody would learn of the other. Only
    the values of a suspicious text are looked at one by one.
    """
    try:
        body.decode()
    except UnicodeDecodeError as error:
        return Malformed(f"the body is not UTF-8 from byte {error.start} on", mend="Encode the JSON as UTF-8.")
    if b"\x00" in body:
        return Malformed("the body holds a NUL byte", mend="Encode the JSON as UTF-8, without NUL.")
    try:
        document, twice = read_json(body)
    except RecursionError:
        return _too_deep()
    except ValueError as error:
        if isinstance(error, json.JSONDecodeError):
            return None
        return Malformed("the body holds a number with thousands of digits", mend="Give numbers of at most 64 bits.")
    if twice is not None:
        return Malformed(f"the body gives {twice[:80]!a} twice in one object", mend="Name each field once.")
    return _unfit_value(document) if _suspect(body) else None


def _suspect(body: bytes) -> bool:
    return (
        body.count(b"[") + body.count(b"{") > DEEPEST
        or (b"\\u" in body and _ESCAPE.search(body) is not None)
        or _LONG.search(body) is not None
        or _POWER.search(body) is not None
        or b"NaN" in body
        or b"Infinity" in body
    )


def _too_deep() -> Problem:
    return Malformed(f"the body is nested more than {DEEPEST} levels deep", mend="Send a flatter document.")


_Place = tuple[Any, int, Any, Any]
"""A container in the document: itself, its depth, the place it lies in, and its key or index there."""


def _unfit_value(document: Any) -> Problem | None:
    """Walks without recursion; paths are put together for faults only, so that a wide document costs little."""
    faults: list[Fault] = []
    waiting: list[_Place] = [([document], 0, None, None)]
    while waiting and len(faults) < MOST:
        place = waiting.pop()
        container, depth, _, _ = place
        if depth > DEEPEST:
            return _too_deep()
        if isinstance(container, dict):
            named = (why for key in container if (why := _unfit_text(key)))
            faults.extend(Fault(_path(place), f"a field's name {why}", "Use plain text for names.") for why in named)
        for key, inner in container.items() if isinstance(container, dict) else enumerate(container):
            kind = type(inner)
            if kind is dict or kind is list:
                if inner:
                    waiting.append((inner, depth + 1, place, key))
            elif kind is str:
                if (not inner.isascii() or "\x00" in inner) and (why := _unfit_text(inner)):
                    faults.append(Fault(_path((inner, 0, place, key)), f"the text {why}", "Remove it."))
            elif (kind is int and not -LARGEST <= inner <= LARGEST) or (kind is float and not isfinite(inner)):
                why = "the number is too large or not finite"
                faults.append(Fault(_path((inner, 0, place, key)), why, "Give a number of at most 64 bits."))
    return invalid(*faults) if faults else None


def _path(place: _Place | None) -> str:
    keys: list[str | int] = []
    while place is not None and place[2] is not None:
        keys.append(place[3])
        place = place[2]
    return pointer(keys[::-1][1:])


def _unfit_text(text: str) -> str:
    if "\x00" in text:
        return "holds a NUL character"
    return "holds half of a surrogate pair" if _LONE.search(text) else ""
