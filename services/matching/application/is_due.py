"""Whether an event is the next one for a document, asked before effects elsewhere that its guard does not cover."""

from __future__ import annotations

from typing import Any, NoReturn

from shared.store import Cause, Store


class _Due(Exception):
    """Raised in place of a decision, so that nothing is written."""


async def is_due(store: Store[Any], cause: Cause, id_: str) -> bool:
    """False where the document `id_` has seen the event. Raises SequenceGap where an earlier one is missing."""

    def stop(_: Any) -> NoReturn:
        raise _Due

    try:
        await store.change(id_, cause, stop)
    except _Due:
        return True
    return False
