"""The whole matching service in memory: HTTP in process, its own events brought back to it, time moved by hand."""

from __future__ import annotations

import copy
import tempfile
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import httpx

from deploy.identity.tokens import Issuer
from services.matching.main import build
from services.matching.settings import MatchingSettings
from shared.clock import ManualClock
from shared.contracts import topics
from shared.contracts.envelope import Envelope, EventData
from shared.contracts.topics import Topic
from shared.runtime.assembly import BuiltService, Replaced
from shared.runtime.jwks import StaticKeys
from shared.store import MemoryDocuments
from tests.support import matching_events as say
from tests.support.intercepted_documents import Intercepted
from tests.support.memory_bus import MemoryBus

ISSUER = "http://issuer.test"
OFFICER, OTHER_OFFICER = "per_officer", "per_other_officer"
_KEYS = {
    "experts": "expert_id",
    "institutions": "institution_id",
    "requests": "request_id",
    "terms_of_reference": "tor_id",
}  # fmt: skip

Hook = Callable[[str, str], Awaitable[None]]


@cache
def issuer() -> Issuer:
    """One issuer for all tests: it signs as of the start of the story, for longer than any story takes."""
    return Issuer(Path(tempfile.mkdtemp(prefix="issuer")), ISSUER, clock=ManualClock(say.START))


@cache
def token(role: str, subject: str, institution_id: str | None, expert_id: str | None) -> str:
    """A signed token."""
    bound = {"institution_id": institution_id, "expert_id": expert_id}
    return issuer().token(role, subject, lifetime=timedelta(days=3650), **bound).access_token


def settings(**given: Any) -> MatchingSettings:
    """Settings of a service that reaches nothing."""
    base: dict[str, Any] = {
        "kafka": ["127.0.0.1:1"], "mongodb": "mongodb://127.0.0.1:1", "database": "matching", "issuer": ISSUER,
    }  # fmt: skip
    return MatchingSettings(**(base | given))


class World:
    """Matching with documents in memory, and everything around it. `before` and `after` are called around each write
    to a document, with the operation and the id, and may raise in its place."""

    def __init__(
        self, *, start: datetime = say.START, kept: Mapping[str, MemoryDocuments] | None = None, **given: Any
    ) -> None:
        self.clock = ManualClock(start)
        self.kept: dict[str, MemoryDocuments] = dict(kept or {})
        self.before: Hook | None = None
        self.after: Hook | None = None
        self._given = given
        self.service: BuiltService = build(
            settings(**given),
            Replaced(clock=self.clock, documents=self._documents, keys=StaticKeys(issuer().jwks()), kafka=False),
        )
        transport = httpx.ASGITransport(self.service.app, raise_app_exceptions=False)
        self.http = httpx.AsyncClient(transport=transport, base_url="http://matching.test", trust_env=False)
        self.bus = MemoryBus([self.service])

    def _documents(self, name: str) -> Intercepted:
        kept = self.kept.setdefault(name, MemoryDocuments(name))
        return Intercepted(kept, before=self._before, after=self._after)

    async def _before(self, operation: str, id_: str) -> None:
        if self.before is not None and operation in ("insert", "replace"):
            await self.before(operation, id_)

    async def _after(self, operation: str, id_: str) -> None:
        if self.after is not None and operation in ("insert", "replace"):
            await self.after(operation, id_)

    def restarted(self) -> World:
        """A new process over a copy of what is stored and of the topics, at the same time; this one stays as it is."""
        other = World(start=self.clock.now(), kept=copy.deepcopy(self.kept), **self._given)
        other.bus.topics = copy.deepcopy(self.bus.topics)
        other.bus._sequences = copy.deepcopy(self.bus._sequences)
        for new, old in zip(other.bus.listeners, self.bus.listeners, strict=True):
            new.read = old.read
        return other

    # --- events ---------------------------------------------------------------------------------------------------

    def tell(self, *events: EventData, sequence: int | None = None) -> list[Envelope]:
        """Put events on their topics in the name of registration; `hear` or `settle` brings them here."""
        return [self._told(event, sequence) for event in events]

    def _told(self, event: EventData, sequence: int | None) -> Envelope:
        topic = type(event).__module__.rpartition(".")[2]
        key: str = getattr(event, _KEYS[topic])
        return self.bus.announce(event, key, at=self.clock.now(), sequence=sequence)

    async def hear(self, *events: EventData) -> None:
        """Say and settle."""
        self.tell(*events)
        await self.bus.settle()

    async def settle(self) -> None:
        """Until matching has nothing more to say to itself."""
        await self.bus.settle()

    async def pass_time(self, by: timedelta) -> int:
        """Move the clock, fire what is due, settle; how many deadlines fired."""
        self.clock.advance(by)
        assert self.service.deadlines is not None
        fired = await self.service.deadlines.fire_due()
        await self.bus.settle()
        return fired

    async def until(self, instant: datetime) -> int:
        """`pass_time` up to an instant."""
        return await self.pass_time(instant - self.clock.now())

    def types(self, topic: Topic, key: str | None = None) -> list[str]:
        """Types of the events on a topic, in order."""
        return self.bus.types(topic.name, key)

    def data(self, topic: Topic, type_: str, key: str | None = None) -> list[dict[str, Any]]:
        """Content of the events of one type, in order."""
        return [e.data for e in self.bus.said(topic.name, key) if e.type == type_]

    # --- HTTP -----------------------------------------------------------------------------------------------------

    async def call(
        self,
        method: str,
        path: str,
        role: str | None = "officer",
        who: str = OFFICER,
        *,
        body: Any = None,
        key: str | None = None,
        if_match: str | None = None,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
    ) -> httpx.Response:
        """One request. `who` is the subject, and the expert or institution of a caller in such a role."""
        sent = dict(headers or {})
        if role is not None:
            institution = who if role == "institution" else None
            sent["Authorization"] = f"Bearer {token(role, who, institution, who if role == 'expert' else None)}"
        if key is not None:
            sent["Idempotency-Key"] = key
        if if_match is not None:
            sent["If-Match"] = if_match
        if content is not None:
            sent.setdefault("Content-Type", "application/json")
            return await self.http.request(method, path, headers=sent, content=content)
        return await self.http.request(method, path, headers=sent, json=body)

    async def get(self, path: str, role: str = "officer", who: str = OFFICER) -> Any:
        """The body of a successful read."""
        answer = await self.call("GET", path, role, who)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def declare(self, expert_id: str, *entries: Mapping[str, Any]) -> None:
        """An officer declares when an expert is free, whatever was declared before."""
        path = f"/experts/{expert_id}/availability"
        answer = await self.call("PUT", path, body={"entries": list(entries)}, if_match="*")
        assert answer.status_code == 200, answer.text

    # --- stories --------------------------------------------------------------------------------------------------

    async def staff(self, *expert_ids: str) -> None:
        """These experts, suitable and free for the whole year, ranked in the order of their ids."""
        await self.hear(say.institution(say.HOME), say.institution(say.ASKING))
        await self.hear(*(say.expert(id_) for id_ in expert_ids))
        for id_ in expert_ids:
            await self.declare(id_, say.WHOLE_YEAR)
        await self.settle()

    async def open(self, *positions: Any, **given: Any) -> None:
        """Final terms of reference arrive, after their draft."""
        tor_id = given.get("tor_id", "tor_1")
        await self.hear(say.drafted(tor_id), say.finalised(*positions, **given))

    async def approve(self, position_id: str = say.LEAD, *, settle: bool = True) -> None:
        """The officer approves a list; the first offer goes out."""
        answer = await self.call("POST", f"/positions/{position_id}/shortlist-approval")
        assert answer.status_code == 200, answer.text
        if settle:
            await self.settle()

    async def answer(self, offer: Mapping[str, Any], how: str, *, settle: bool = True, **given: Any) -> httpx.Response:
        """The expert answers an offer: `acceptance` or `decline`."""
        body = {"reason": "dates"} if how == "decline" else None
        path = f"/offers/{offer['offer_id']}/{how}"
        answer = await self.call("POST", path, "expert", offer["expert_id"], body=body, **given)
        if settle:
            await self.settle()
        return answer

    async def accept(self, position_id: str = say.LEAD) -> None:
        """Whoever is asked for the position accepts."""
        answer = await self.answer(await self.asked(position_id), "acceptance")
        assert answer.status_code == 200, answer.text

    async def decline(self, position_id: str = say.LEAD) -> None:
        """Whoever is asked for the position declines."""
        answer = await self.answer(await self.asked(position_id), "decline")
        assert answer.status_code == 200, answer.text

    async def position(self, position_id: str = say.LEAD) -> Any:
        """The position as an officer sees it."""
        return await self.get(f"/positions/{position_id}")

    async def asked(self, position_id: str = say.LEAD) -> dict[str, Any]:
        """The open offer of a position, as an officer sees it."""
        offers = [o for o in (await self.position(position_id))["offers"] if o["state"] == "offered"]
        assert len(offers) == 1, offers
        found: dict[str, Any] = await self.get(f"/offers/{offers[0]['offer_id']}")
        return found

    async def holds(self, expert_id: str) -> list[tuple[str, str]]:
        """(first day, state) of every hold in an expert's calendar that is not over."""
        calendar = await self.get(f"/experts/{expert_id}/availability")
        return [(hold["first_day"], hold["state"]) for hold in calendar["holds"]]

    async def team(self, request_id: str = "req_1") -> Any:
        """The one team of a request."""
        teams = (await self.get(f"/teams?request={request_id}"))["items"]
        assert len(teams) == 1, teams
        return teams[0]

    async def everything(self) -> dict[str, Any]:
        """All that is stored, by collection and id, and all that was said, by topic and key; without what a repeated
        step may change: revisions, and the trace of the one call among several that came through."""
        found: dict[str, Any] = {
            f"{name}/{row['_id']}": (row["state"], row["version"], row["seen"], row["deadlines"], len(row["outbox"]))
            for name, documents in sorted(self.kept.items())
            for row in await documents.changed_since(0, 10_000)
        }
        for topic in topics.TOPICS.values():
            for envelope in self.bus.said(topic.name):
                told = envelope.model_dump(mode="json", exclude={"traceparent"})
                found.setdefault(f"{topic.name}/{envelope.aggregate.id}", []).append(told)
        return found


def differences(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Where two results of `everything` differ."""
    return {k: (one.get(k), other.get(k)) for k in one.keys() | other.keys() if one.get(k) != other.get(k)}
