"""An event of no use to a document: nothing changes but its duplicate guard, so that the next one is no gap."""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import BaseModel

from shared.store import Cause, Decision, Store

S = TypeVar("S", bound=BaseModel)


async def pass_over(store: Store[Any], cause: Cause, id_: str) -> None:
    """Advance the guard of the document `id_`; it is made if there is none yet."""

    def keep(state: S | None) -> Decision[S]:
        return Decision(state)

    await store.change(id_, cause, keep)
