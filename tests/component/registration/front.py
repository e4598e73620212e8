"""Registration in memory behind its HTTP interface, and the steps that many tests begin with."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

import httpx

from services.registration.entrypoints.http import examples
from services.registration.main import build
from services.registration.settings import RegistrationSettings
from shared.clock import ManualClock
from shared.runtime.assembly import Replaced
from shared.store import MemoryDocuments
from tests.support.memory_bus import MemoryBus
from tests.support.tokens import ISSUER, StaticKeys, TestIssuer

NOW = datetime(2031, 1, 10, 9, 0, tzinfo=UTC)
Body = dict[str, Any]


class Front:
    """The whole service with documents in memory, a clock that stands still, and tokens for anybody."""

    def __init__(self, **settings: Any) -> None:
        self.clock = ManualClock(NOW)
        self.issuer = TestIssuer()
        self.collections: dict[str, MemoryDocuments] = {}
        self.service = build(
            RegistrationSettings(
                **{"kafka": "localhost:9092", "mongodb": "mongodb://localhost", "issuer": ISSUER, **settings}
            ),
            Replaced(clock=self.clock, documents=self._documents, keys=StaticKeys(self.issuer.jwks()), kafka=False),
        )
        self.bus = MemoryBus([self.service])
        transport = httpx.ASGITransport(self.service.app, raise_app_exceptions=False)
        self.http = httpx.AsyncClient(transport=transport, base_url="http://registration.test")

    def renew(self) -> Front:
        """As new, but for references of requests, which count on: every document forgotten, the clock set back."""
        for collection in self.collections.values():
            collection.__init__(collection.name)  # type: ignore[misc]
        self.clock.__init__(NOW)  # type: ignore[misc]
        self.bus = MemoryBus([self.service])
        return self

    def _documents(self, name: str) -> MemoryDocuments:
        return self.collections.setdefault(name, MemoryDocuments(name))

    def away(self, away: bool) -> None:
        """Switch the database off or on."""
        for collection in self.collections.values():
            collection.away = away

    def token(self, role: str, subject: str | None = None, /, **claims: Any) -> dict[str, str]:
        """The header of a caller; tokens are valid at the front's own clock."""
        now = int(self.clock.now().timestamp())
        times = {"iat": now, "exp": now + 3600}
        told = {**times, **claims}
        return {
            "Authorization": f"Bearer {self.issuer.token(told.pop('role', role), subject or f'per_{role}', **told)}"
        }

    @property
    def officer(self) -> dict[str, str]:
        """An officer."""
        return self.token("officer")

    def partner(self, institution_id: str) -> dict[str, str]:
        """Somebody who acts for an institution."""
        return self.token("institution", institution_id=institution_id)

    async def call(
        self, method: str, path: str, headers: Mapping[str, str], body: Any = None, **more: str
    ) -> httpx.Response:
        """One request; `more` are further headers, with _ for -."""
        extra = {name.replace("_", "-"): value for name, value in more.items()}
        return await self.http.request(method, path, json=body, headers={**headers, **extra})

    async def done(self, method: str, path: str, headers: Mapping[str, str], body: Any = None, **more: str) -> Body:
        """One request that succeeds; its answer."""
        answer = await self.call(method, path, headers, body, **more)
        assert answer.status_code in (200, 201), answer.text
        found: Body = answer.json()
        return found

    async def institution(self, *, eligible: bool = True, **facts: Any) -> str:
        """An institution entered by an officer; its id."""
        made = await self.done("POST", "/institutions", self.officer, {**examples.INSTITUTION, **facts})
        id_ = str(made["id"])
        if eligible:
            await self.done("POST", f"/institutions/{id_}/verification", self.officer, examples.FINDING)
        return id_

    async def contact(self, institution_id: str, **details: Any) -> str:
        """A contact of an institution; its id."""
        body = {**examples.CONTACT, **details}
        return str((await self.done("POST", f"/institutions/{institution_id}/contacts", self.officer, body))["id"])

    async def expert(self, **profile: Any) -> str:
        """An expert entered by an officer; the id."""
        body = deepcopy(examples.EXPERT)
        body["profile"].update(profile)
        return str((await self.done("POST", "/experts", self.officer, body))["id"])

    async def draft(self, institution_id: str, **content: Any) -> Body:
        """A complete draft of an institution, not submitted."""
        contact = await self.contact(institution_id)
        body = {**examples.REQUEST, "focal_point_id": contact, "signatory_id": contact, **content}
        return await self.done("POST", "/requests", self.partner(institution_id), body)

    async def submitted(self, institution_id: str | None = None, **content: Any) -> Body:
        """A submitted request."""
        owner = institution_id or await self.institution()
        draft = await self.draft(owner, **content)
        return await self.done("POST", f"/requests/{draft['id']}/submission", self.partner(owner))

    async def approved(self, institution_id: str | None = None, **design: Any) -> Body:
        """An approved request, before anybody has heard of it."""
        request = await self.submitted(institution_id)
        body = {**examples.DESIGN, **design}
        return await self.done("POST", f"/requests/{request['id']}/approval", self.officer, body)

    async def terms(self, institution_id: str | None = None) -> Body:
        """The draft of the terms that follow from an approved request."""
        request = await self.approved(institution_id)
        await self.bus.settle()
        id_ = request["approval"]["terms_of_reference_id"]
        return await self.done("GET", f"/terms-of-reference/{id_}", self.officer)
