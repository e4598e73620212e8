"""A store that is away for a minute while requests come: what callers hear, what the services do, and how it heals."""

from __future__ import annotations

import asyncio
import signal
from functools import partial
from pathlib import Path

import pytest

from deploy.demo.office import OFFICER
from deploy.embedded.stack import SERVICES
from tests.real.system import AWAY_SECONDS, PATIENT, System, for_a_minute, running
from tests.support.eventually import eventually
from tests.support.real_servers import Servers

pytestmark = [pytest.mark.real, pytest.mark.timeout(300)]

NAMES = tuple(service.name for service in SERVICES)
AT_WORK = 0.5
"""Share of a core that a service uses at most while it waits: one that asks in a loop takes all it can have."""


async def test_store_away_for_a_minute(servers_of_this_run: Servers, tmp_path: Path) -> None:
    """503 with Retry-After at the caller, readiness red, no busy loop, nothing parked; then all is done, once."""
    async with running(tmp_path) as system:
        submitting = asyncio.create_task(system.load.submit(15))
        await system.load.tally.reached(5, patience=PATIENT)
        await asyncio.to_thread(servers_of_this_run.send, "store", signal.SIGKILL)
        try:
            for name in NAMES:
                await eventually(partial(_red, system, name), within=20, what=f"{name} is red")
            before = {name: system.cpu_seconds(name) for name in NAMES}
            heard: list[tuple[int, int]] = []
            ready: list[int] = []

            async def look() -> None:
                answers = (
                    await system.load._api.call(OFFICER, "POST", "registration", "/staff", json=STAFF, key="away"),
                    await system.load._api.call(OFFICER, "GET", "matching", "/positions"),
                )
                heard.extend((answer.status_code, int(answer.headers.get("Retry-After", 0))) for answer in answers)
                ready.extend([await system.readiness(name) for name in NAMES])

            await for_a_minute(look)
            used = {name: system.cpu_seconds(name) - before[name] for name in NAMES}
            assert {status for status, _ in heard} == {503}
            assert min(after for _, after in heard) > 0
            assert set(ready) == {503}
            assert max(used.values()) < AT_WORK * AWAY_SECONDS, used
        finally:
            await asyncio.to_thread(servers_of_this_run.revive, "store")
        await submitting
        await system.holds_good(servers=1, within=90)


async def _red(system: System, name: str) -> bool:
    return await system.readiness(name) == 503


STAFF = {
    "given_name": "Sample",
    "family_name": "Away",
    "email": "away@example.org",
    "languages": ["en"],
    "functions": ["finance"],
}
