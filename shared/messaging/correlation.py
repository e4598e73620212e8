"""Which case a line of the log belongs to, while an event is handled."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from structlog.contextvars import bound_contextvars

from shared.messaging.event import ErasedKey, Event


@contextmanager
def about(event: Event[Any] | ErasedKey, group: str) -> Iterator[None]:
    """Bind correlation id, aggregate, event and group to every line that this task logs while it is open."""
    if isinstance(event, ErasedKey):
        named = {"correlation_id": event.correlation_id, "about": "erasure"}
    else:
        told = event.envelope
        named = {
            "correlation_id": told.correlation_id,
            "aggregate": f"{told.aggregate.type}/{told.aggregate.id}",
            "about": f"{told.type}#{told.sequence}",
        }
    with bound_contextvars(**named, group=group):
        yield
