"""Which case the current work belongs to: the correlation id and the W3C trace context of this task."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from shared.ids import new_id

SAFE = re.compile(r"[A-Za-z0-9._:-]{1,80}")
_TRACEPARENT = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")


@dataclass(frozen=True, slots=True)
class Correlation:
    """`correlation_id` joins everything that follows from one request; `traceparent` is W3C trace context, level 1."""

    correlation_id: str
    traceparent: str


_current: ContextVar[Correlation | None] = ContextVar("entente_correlation", default=None)


def current() -> Correlation:
    """The correlation of this task; a fresh one where none has been set."""
    return _current.get() or begin(None, None)


def begin(correlation_id: str | None, traceparent: str | None) -> Correlation:
    """A correlation from what a caller sent. An id outside the safe set (1 to 80 of letters, digits, `._:-`) and an
    invalid traceparent are replaced by new ones; a valid trace goes on with a new span of ours."""
    id_ = correlation_id if correlation_id is not None and SAFE.fullmatch(correlation_id) else new_id("cor")
    return Correlation(id_, next_span(traceparent))


def next_span(traceparent: str | None) -> str:
    """A traceparent of a new span, within the given trace if that is valid and in a new trace otherwise."""
    found = _TRACEPARENT.fullmatch(traceparent) if traceparent is not None else None
    span = secrets.token_hex(8)
    if found is None or not _valid(found):
        return f"00-{secrets.token_hex(16)}-{span}-01"
    return f"00-{found[2]}-{span}-{int(found[4], 16) & 1:02x}"


def _valid(found: re.Match[str]) -> bool:
    if found[1] == "ff" or (found[1] == "00" and found[5]):
        return False
    return found[2].strip("0") != "" and found[3].strip("0") != ""


@contextmanager
def entered(correlation: Correlation) -> Iterator[Correlation]:
    """While open, it is the correlation of this task and of tasks it starts."""
    token = _current.set(correlation)
    try:
        yield correlation
    finally:
        _current.reset(token)
