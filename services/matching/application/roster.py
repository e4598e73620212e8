"""The roster in memory: a cache of this service's own documents, brought up to date before each ranking."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from services.matching.application.stores import Stores
from services.matching.domain.affinity import TextModel
from services.matching.domain.calendar import Calendar
from services.matching.domain.expert import Employer, PastEmployer, RosterExpert
from services.matching.domain.institution import Institution
from services.matching.domain.roster import RosterLine, line_of
from shared.clock import Clock
from shared.store import Store, Stored
from shared.store.document import Document, from_ms, to_ms
from shared.store.writing import stored_of

OVERLAP = timedelta(seconds=10)
"""Documents written this long before the latest look are read again: replicas' clocks differ and writes overtake."""
COMPARED_EVERY = timedelta(minutes=1)
"""How long a write may stay unseen whose instant lies further back than that: then all versions are compared. Default,
no public source."""
PAGE = 2000
E = TypeVar("E", Employer, PastEmployer)


class _Followed:
    """The newest version of every document of one store, by id; follows the store by the instant of its latest look.

    An instant is the writer's word: a clock that is wrong, or a process that slept between deciding and writing, puts
    a write where nobody looks again. So versions decide in the end, which need no clock: nobody is missing, and nothing
    outdated is used, for longer than COMPARED_EVERY. Reads the documents themselves: one whose aggregate was erased
    must be seen, so that it is forgotten here too.
    """

    def __init__(self, store: Store[Any], clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._looked_at: datetime | None = None
        self._compared_at: datetime | None = None
        self._versions: dict[str, int] = {}
        self.known: dict[str, Stored[Any]] = {}
        self.fresh: set[str] = set()
        """Ids whose state is new since the reader last emptied this: a look that fails half way keeps what it took."""

    async def catch_up(self) -> None:
        """Read what changed, into `known` and `fresh`."""
        now = self._clock.now()
        if self._looked_at is None or self._compared_at is None:
            await self._read_since(None)
            self._compared_at = now
        else:
            await self._read_since(self._looked_at - OVERLAP)
            # a clock set back must not put the comparison off
            if not self._compared_at <= now < self._compared_at + COMPARED_EVERY:
                await self._compare()
                self._compared_at = now
        self._looked_at = now

    async def _read_since(self, since: datetime | None) -> None:
        size = PAGE
        while True:
            page = await self._store.documents.changed_since(to_ms(since) if since else 0, size)
            self._take_in(page)
            if len(page) < size:
                return
            last = from_ms(page[-1]["updated_at"])
            # a full page may end within one instant: ask from there again, and for more if nothing is beyond it
            since, size = last, size * 2 if last == since else size

    async def _compare(self) -> None:
        there = await self._store.documents.versions()
        for id_ in self._versions.keys() - there.keys():
            del self._versions[id_]
            self._forget(id_)
        behind = [id_ for id_, version in there.items() if self._versions.get(id_, -1) < version]
        for start in range(0, len(behind), PAGE):
            self._take_in(await self._store.documents.get_many(behind[start : start + PAGE]))

    def _take_in(self, rows: Sequence[Document]) -> None:
        for row in rows:
            id_, version = row["_id"], row["version"]
            if self._versions.get(id_, -1) >= version:
                continue
            self._versions[id_] = version
            # first of all: where the newest state cannot be read, the one before it is not used either
            self._forget(id_)
            stored = stored_of(self._store.kind, row)
            if stored is not None:
                self.known[id_] = stored

    def _forget(self, id_: str) -> None:
        self.fresh.add(id_)
        self.known.pop(id_, None)


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
        """Every expert as matching knows them at this moment.

        Raises StoreAway where a store cannot be read; what the others said by then counts at the next call.
        """
        async with self._turn:
            await self._catch_up()
            model = self._remade()
            return tuple(self._lines.values()), model

    async def _catch_up(self) -> None:
        followed = (self._experts, self._calendars, self._institutions)
        # all end before the turn does, also when one fails: nobody else's look may change what is being joined
        ended = await asyncio.gather(*(f.catch_up() for f in followed), return_exceptions=True)
        for failure in ended:
            if failure is not None:
                raise failure

    def _remade(self) -> TextModel:
        experts, calendars, institutions = self._experts, self._calendars, self._institutions
        for id_ in experts.fresh | calendars.fresh | (experts.known.keys() if institutions.fresh else set()):
            if id_ in experts.known:
                self._lines[id_] = self._line(id_)
            else:
                self._lines.pop(id_, None)
        if self._model is None or experts.fresh:
            people = (line.expert for line in self._lines.values())
            self._model = TextModel.fit(people, previous=self._model)
        for followed in (experts, calendars, institutions):
            followed.fresh.clear()
        return self._model

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

    def employers_of(self, expert_ids: Iterable[str], day: date) -> tuple[str, ...]:
        """Institutions that employ any of these experts on that day, as of the latest `now`."""
        lines = (self._lines.get(id_) for id_ in expert_ids)
        held = (line.expert.employer_on(day) for line in lines if line is not None)
        return tuple(sorted({e.institution_id for e in held if e is not None and e.institution_id is not None}))

    def _line(self, id_: str) -> RosterLine:
        expert: RosterExpert = self._experts.known[id_].state
        stored = self._calendars.known.get(id_)
        calendar: Calendar | None = stored.state if stored else None
        known = {
            "employer": expert.employer and self._with_standing(expert.employer),
            "previous_employers": tuple(self._with_standing(e) for e in expert.previous_employers),
        }
        return line_of(expert.model_copy(update=known), calendar)

    def _with_standing(self, employer: E) -> E:
        if employer.institution_id is None:
            return employer
        known = self._institutions.known.get(employer.institution_id)
        return employer.model_copy(update={"verified": known is not None and known.state.verified})
