"""Is the process alive, and is it ready: named checks, each bounded in time, red ones with the instant they turned."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter
from pydantic import AwareDatetime, BaseModel, Field
from starlette.responses import JSONResponse, Response

from shared.clock import Clock, SystemClock
from shared.errors import Problem
from shared.runtime.http.answers import shows
from shared.runtime.http.problems import problem_response
from shared.runtime.logging import get_logger

Check = Callable[[], Awaitable[str | None]]
"""Returns None while all is well, and otherwise the reason in a few words. Raising counts as red."""

LONGEST_SECONDS = 1.0
"""A check that takes longer is red: a probe must answer before its own deadline."""


class CheckState(BaseModel):
    """One check as it stands."""

    name: str
    ok: bool
    reason: str | None = Field(None, description="why it is red")
    since: AwareDatetime | None = Field(None, description="since when it is red (UTC), as seen by this process")
    gates: bool = Field(True, description="whether the service is not ready while it is red; otherwise it is only told")


class Health(BaseModel):
    """Answer to a probe."""

    service: str = Field(description="who answers", examples=["matching"])
    status: str = Field(examples=["ready"])
    checks: list[CheckState] = Field(default_factory=list)


class NotReady(Problem):
    """A part this service needs is not there yet, or not any more."""

    status, kind, title = 503, "not-ready", "Not ready"


@dataclass(slots=True)
class _Red:
    reason: str
    since: datetime


class Checks:
    """The named checks of one service. `clock` gives the instants shown."""

    def __init__(self, clock: Clock | None = None, *, longest: float = LONGEST_SECONDS) -> None:
        self._clock = clock or SystemClock()
        self._longest = longest
        self._checks: dict[str, Check] = {}
        self._told: set[str] = set()
        self._red: dict[str, _Red] = {}
        self._running: asyncio.Task[list[CheckState]] | None = None
        self._log = get_logger("health")

    def add(self, name: str, check: Check, *, gates: bool = True) -> None:
        """Register a check. One that does not gate is shown and measured as any other, and the service is ready though
        it is red. ValueError where the name is taken."""
        if name in self._checks:
            raise ValueError(f"a check named {name} is registered already")
        self._checks[name] = check
        if not gates:
            self._told.add(name)

    async def run(self) -> list[CheckState]:
        """All checks side by side, in the order they were added; probes that meet share one run."""
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self._run())
        return await asyncio.shield(self._running)

    async def _run(self) -> list[CheckState]:
        reasons = await asyncio.gather(*(self._one(check) for check in self._checks.values()))
        return [self._note(name, reason) for name, reason in zip(self._checks, reasons, strict=True)]

    async def _one(self, check: Check) -> str | None:
        task = asyncio.ensure_future(check())
        done, _ = await asyncio.wait({task}, timeout=self._longest)
        if not done:
            task.cancel()
            return f"no answer within {self._longest:g} s"
        if task.cancelled():
            return "the check was cancelled"
        error = task.exception()
        return task.result() if error is None else type(error).__name__

    def _note(self, name: str, reason: str | None) -> CheckState:
        gates = name not in self._told
        if reason is None:
            if self._red.pop(name, None) is not None:
                self._log.info("check is green again", check=name)
            return CheckState(name=name, ok=True, gates=gates)
        if name not in self._red:
            self._red[name] = _Red(reason, self._clock.now())
            self._log.warning("check is red", check=name, reason=reason)
        red = self._red[name]
        red.reason = reason
        return CheckState(name=name, ok=False, reason=reason, since=red.since, gates=gates)


def health_router(service: str, checks: Checks) -> APIRouter:
    """/health/live answers while the event loop turns; /health/ready tells whether every check that gates is green."""
    router = APIRouter(tags=["health"])

    @router.get(
        "/health/live",
        summary="Is the process alive?",
        description="Answers while the event loop turns. A process that does not answer is to be restarted.",
        responses=shows({"service": service, "status": "alive", "checks": []}, etag=False),
    )
    async def live() -> Health:
        return Health(service=service, status="alive")

    @router.get(
        "/health/ready",
        summary="Is the service ready?",
        description=(
            "503 with a problem that names each red check and since when. A red check that does not gate, such as a "
            "partition that cannot be read, is told in the body alone: the answer stays 200."
        ),
        responses=shows(
            {"service": service, "status": "ready", "checks": [{"name": "store", "ok": True}]}, 503, etag=False
        ),
        response_model=Health,
    )
    async def ready() -> Response:
        states = await checks.run()
        told = [state.model_dump(mode="json") for state in states]
        red = [state for state in states if not state.ok]
        if not any(state.gates for state in red):
            return JSONResponse({"service": service, "status": "ready", "checks": told})
        said = "; ".join(f"{s.name} is red since {s.since:%Y-%m-%dT%H:%M:%SZ}: {s.reason}" for s in red)
        return problem_response(NotReady(said, mend="Wait, and ask again."), extra={"service": service, "checks": told})

    return router
