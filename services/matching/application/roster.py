"""The roster in memory: a cache of this service's own documents, brought up to date before each ranking."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from services.matching.application.stores import Stores
from services.matching.domain.affinity import TextModel
from services.matching.domain.calendar import Calendar
from services.matching.domain.expert import RosterExpert
from services.matching.domain.institution import Institution
from services.matching.domain.roster import RosterLine, line_of
from shared.clock import Clock
from shared.store import Store, Stored
from shared.store.document import from_ms, to_ms
from shared.store.writing import stored_of

OVERLAP = timedelta(seconds=10)
"""Documents written this long before the latest look are read again: replicas' clocks differ and writes overtake."""
PAGE = 2000


class _Followed:
    """The newest version of every document of one store, by id; follows the store by the instant of its latest look.

    Reads the documents themselves: one whose aggregate was erased must be seen, so that it is forgotten here too.
    """

    def __init__(self, store: Store[Any], clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._looked_at: datetime | None = None
        self._versions: dict[str, int] = {}
        self.known: dict[str, Stored[Any]] = {}

    async def catch_up(self) -> set[str]:
        """Read what changed; the ids whose state is new."""
        changed: set[str] = set()
        looking_at = self._clock.now()
        since = self._looked_at - OVERLAP if self._looked_at else None
        size = PAGE
        while True:
            page = await self._store.documents.changed_since(to_ms(since) if since else 0, size)
            for row in page:
                id_, version = row["_id"], row["version"]
                if self._versions.get(id_, -1) >= version:
                    continue
                self._versions[id_] = version
                changed.add(id_)
                stored = stored_of(self._store.kind, row)
                if stored is None:
                    self.known.pop(id_, None)
                else:
                    self.known[id_] = stored
            if len(page) < size:
                self._looked_at = looking_at
                return changed
            last = from_ms(page[-1]["updated_at"])
            # a full page may end within one instant: ask from there again, and for more if nothing is beyond it
            since, size = last, size * 2 if last == since else size


class Roster:
    """Experts joined with their calendars and their employers' standing, and the words of their profiles."""

    def __init__(self, stores: Stores, clock: Clock) -> None:
        self._experts = _Followed(stores.roster, clock)
        self._calendars = _Followed(stores.calendars, clock)
        self._institutions = _Followed(stores.institutions, clock)
        self._lines: dict[str, RosterLine] = {}
        self._model: TextModel | None = None
        self._turn = asyncio.Lock()

    async def now(self) -> tuple[Sequence[RosterLine], TextModel]:
        """Every expert as matching knows them at this moment."""
        async with self._turn:
            experts, calendars, institutions = await asyncio.gather(
                self._experts.catch_up(), self._calendars.catch_up(), self._institutions.catch_up()
            )
            for id_ in experts | calendars | (self._experts.known.keys() if institutions else set()):
                if id_ in self._experts.known:
                    self._lines[id_] = self._line(id_)
                else:
                    self._lines.pop(id_, None)
            if self._model is None or experts:
                people = (line.expert for line in self._lines.values())
                self._model = TextModel.fit(people, previous=self._model)
            return tuple(self._lines.values()), self._model

    async def line(self, expert_id: str) -> RosterLine | None:
        """One expert as matching knows them at this moment, or None."""
        await self.now()
        return self._lines.get(expert_id)

    def related_to(self, institution_id: str) -> tuple[str, ...]:
        """Parent and children of an institution, as of the latest `now`: related for conflicts of interest."""
        known: dict[str, Institution] = {id_: s.state for id_, s in self._institutions.known.items()}
        own = known.get(institution_id)
        children = {i.institution_id for i in known.values() if i.parent_institution_id == institution_id}
        parent = {own.parent_institution_id} if own and own.parent_institution_id else set()
        return tuple(sorted(children | parent))

    def _line(self, id_: str) -> RosterLine:
        expert: RosterExpert = self._experts.known[id_].state
        stored = self._calendars.known.get(id_)
        calendar: Calendar | None = stored.state if stored else None
        employer = expert.employer
        if employer is not None and employer.institution_id is not None:
            known = self._institutions.known.get(employer.institution_id)
            verified = known is not None and known.state.verified
            expert = expert.model_copy(update={"employer": employer.model_copy(update={"verified": verified})})
        return line_of(expert, calendar)
