"""The mark of a database that a restore is writing or has left half written, and what keeps everybody else off it.

Whoever worked there would decide on half of a state, and the next restore clears away what they wrote.
"""

from __future__ import annotations

import asyncio
from typing import Any

from shared.store.errors import StoreAway

MARK = "restoring"
"""A collection that is there from before the first change of a restore to behind its last check."""
MARKED = "restore"
"""Id of its one document, which names the file."""


class HalfRestored(StoreAway):
    """The database bears the mark: nothing in it may be read or written but by a restore. `lines` are for operators."""

    def __init__(self, database: str, file: str) -> None:
        super().__init__("its restore has not ended", mend="Repeat the call with the same Idempotency-Key once it has.")
        self.lines = (
            f"the database {database} is half restored: a restore of {file} has not ended",
            "run `entente restore` again to its end, or give an empty database as ENTENTE_DATABASE",
        )


async def mark_of(database: Any) -> dict[str, Any] | None:
    """The mark, if the database bears it; of either driver."""
    found: dict[str, Any] | None = await database[MARK].find_one({"_id": MARKED})
    return found


class Unmarked:
    """Asked before every call on a database. It looks for the mark once, before the first of them, and until it knows;
    calls that come meanwhile wait for the same look."""

    def __init__(self, database: Any) -> None:
        self._database = database
        self._known = False
        self._looking: asyncio.Future[dict[str, Any] | None] | None = None

    async def __call__(self) -> None:
        """Return where there is no mark. HalfRestored otherwise, and what the driver raises where it cannot be told."""
        if self._known:
            return
        if self._looking is None or self._looking.done():
            self._looking = asyncio.ensure_future(mark_of(self._database))
        mark = await asyncio.shield(self._looking)
        if mark is not None:
            raise HalfRestored(self._database.name, str(mark.get("file")))
        self._known = True
