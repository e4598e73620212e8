"""The whole matching service in memory: HTTP in process, its own events brought back to it, time moved by hand."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import httpx

from deploy.identity.tokens import Issuer
from services.matching.main import build
from shared.clock import ManualClock
from shared.runtime.assembly import BuiltService, Replaced
from tests.support import matching_events as say
from tests.support.matching_stage import ISSUER, Stage, settings
from tests.support.tokens import StaticKeys
from tests.support.topic_in_memory import TopicInMemory

OFFICER, OTHER_OFFICER = "per_officer", "per_other_officer"


@cache
def issuer() -> Issuer:
    """One issuer for all tests: it signs as of the start of the story, for longer than any story takes."""
    with tempfile.TemporaryDirectory() as place:
        return Issuer(Path(place), ISSUER, clock=ManualClock(say.START))


@cache
def token(role: str, subject: str, institution_id: str | None, expert_id: str | None) -> str:
    """A signed token."""
    made = issuer().token(
        role, subject, institution_id=institution_id, expert_id=expert_id, lifetime=timedelta(days=3650)
    )
    return made.access_token


class World(Stage):
    """Matching as `build` makes it, called over HTTP and hearing its own events."""

    service: BuiltService
    http: httpx.AsyncClient
    reading: TopicInMemory

    def _made(self) -> BuiltService:
        self.reading = TopicInMemory(lambda: self.bus)
        replaced = Replaced(
            clock=self.clock,
            documents=self._documents,
            keys=StaticKeys(issuer().jwks()),
            kafka=False,
            read_topic=self.reading,
        )
        self.service = build(settings(**self.given), replaced)
        transport = httpx.ASGITransport(self.service.app, raise_app_exceptions=False)
        self.http = httpx.AsyncClient(transport=transport, base_url="http://matching.test", trust_env=False)
        return self.service

    async def fire(self) -> int:
        """Fire the deadlines that are due; how many."""
        assert self.service.deadlines is not None
        return await self.service.deadlines.fire_due()

    async def pass_time(self, by: timedelta) -> int:
        """Move the clock, fire what is due, settle; how many deadlines fired."""
        self.clock.advance(by)
        fired = await self.fire()
        await self.settle()
        return fired

    async def until(self, instant: datetime) -> int:
        """`pass_time` up to an instant."""
        return await self.pass_time(instant - self.clock.now())

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
