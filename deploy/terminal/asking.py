"""Asking a service over HTTP, as an operator: what it owns is changed by it alone."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from types import TracebackType
from typing import Any, Self

import httpx

from deploy.terminal.answers import fits
from deploy.terminal.failing import Exit, Failed, Misplaced, sentences
from deploy.terminal.settings import TerminalSettings, variable_of
from shared.ids import new_id

SECONDS = 15.0
SUBJECT = "entente-terminal"
PROBLEM = "application/problem+json"
NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
"""What went wrong before anything was asked."""


class Asking:
    """Calls of the services' operator interfaces, for the length of a block."""

    def __init__(self, settings: TerminalSettings) -> None:
        self._settings = settings
        self._http = httpx.AsyncClient(timeout=SECONDS)
        self._token = settings.token.get_secret_value() if settings.token is not None else None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def __call__(
        self, service: str, method: str, path: str, *, json: Any = None, unheard: str = "call again"
    ) -> Any:
        """The JSON that is answered, with all that `answers` says of this call; None where the service says that there
        is no such object (404). A write carries a key of its own, so that a proxy may send it on to another replica.

        Failed with the words of the problem otherwise; Failed (away) where the service does not answer or is away, or
        something else answers in its place. A write that was sent and not answered in time may still be at work: the
        line says so, and goes on with `unheard`.
        """
        url = f"{self._settings.services[service].rstrip('/')}{path}"
        try:
            headers = {"Authorization": f"Bearer {await self._bearer()}"}
            if method != "GET":
                headers["Idempotency-Key"] = new_id("call")
            answer = await self._http.request(method, url, json=json, headers=headers)
        except httpx.HTTPError as error:
            if method != "GET" and not isinstance(error, NEVER_SENT):
                raise Failed(
                    f"{service} has not answered at {url} ({type(error).__name__}): it may still be at work, or "
                    f"be done with it; {unheard}",
                    Exit.AWAY,
                ) from None
            raise Failed(
                f"{service} does not answer at {url}: {type(error).__name__}; is it running, and does "
                "ENTENTE_SERVICES name the right place?",
                Exit.AWAY,
            ) from None
        if answer.status_code == 404 and answer.headers.get("content-type", "").startswith(PROBLEM):
            return None
        if answer.status_code >= 400 and answer.status_code != 404:
            raise Failed(f"{service}: {_worded(answer)}", Exit.AWAY if answer.status_code >= 500 else Exit.REFUSED)
        if answer.is_success:
            with contextlib.suppress(ValueError):
                said = answer.json()
                if fits(method, path, said):
                    return said
        raise self.stranger(service)

    async def setup(self, service: str) -> dict[str, Any]:
        """How the service is set up, in its own words. Misplaced where something else answers in its place."""
        said: dict[str, Any] | None = await self(service, "GET", "/operations/setup")
        if said is None:
            raise self.stranger(service)
        if said["service"] != service:
            raise Misplaced(self._settings.services[service], service, str(said["service"]))
        return said

    async def all_there(self, services: Iterable[str]) -> None:
        """Misplaced where one of them does not answer as itself: what it does not know says nothing."""
        for service in services:
            await self.setup(service)

    async def setup_here(self, service: str) -> dict[str, Any]:
        """As `setup`; Failed (usage) where the service works on another database than the one this terminal reads."""
        setup, ours = await self.setup(service), self._settings.databases[service]
        if (told := setup["settings"]["database"]) != ours:
            raise Failed(
                f"{service} works on the database {told}, and {variable_of('databases')} names {ours}: "
                "nothing was done",
                Exit.USAGE,
            )
        return setup

    def stranger(self, service: str) -> Failed:
        """The one line where what answers cannot be the service."""
        return Misplaced(self._settings.services[service], service)

    async def _bearer(self) -> str:
        if self._token is None:
            place = f"{self._settings.issuer.rstrip('/')}/tokens"
            try:
                answer = await self._http.post(place, json={"role": "operator", "subject": SUBJECT})
                answer.raise_for_status()
                self._token = str(answer.json()["access_token"])
            except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
                raise Failed(
                    f"no operator's token: set ENTENTE_TOKEN; {place} gave none ({type(error).__name__})", Exit.AWAY
                ) from None
        return self._token


def _worded(answer: httpx.Response) -> str:
    """What a problem says, and how to mend it."""
    try:
        said = answer.json()
        return sentences(str(said.get("detail") or ""), str(said.get("mend") or "")) or str(said["title"])
    except (ValueError, KeyError, AttributeError):
        return f"answered {answer.status_code}"
