"""A store that is away for a minute while requests come: what callers hear, what the services do, and how it heals."""

from __future__ import annotations

import asyncio
import signal
import sys
import time
from functools import partial
from pathlib import Path

import pytest

from deploy.demo.interfaces import Interfaces
from deploy.demo.office import OFFICER
from deploy.embedded.stack import SERVICES
from shared.messaging.consumer import ConsumerPolicy
from shared.messaging.relay_policy import RelayPolicy
from tests.real.system import AWAY_SECONDS, PATIENT, System, for_a_minute, running
from tests.support.attempts import most_attempts
from tests.support.copies import STORE
from tests.support.eventually import eventually
from tests.support.real_servers import Servers

pytestmark = [pytest.mark.real, pytest.mark.timeout(300)]

NAMES = tuple(service.name for service in SERVICES)
AT_WORK = 0.5
"""Share of a core that a service uses at most while it waits: one that asks in a loop takes all it can have."""

REQUESTS = 15
TRIED = "entente_store_away_total"


def allowed(where: str, seconds: float) -> float:
    """Attempts that the pauses leave room for: a consumer waits with each key in hand, of which there are no more than
    requests; the relay with each document, and once with each sweep."""
    relay, consumer = RelayPolicy(), ConsumerPolicy()
    if "relay" in where:
        return relay.side_by_side * most_attempts(relay.away, seconds) + seconds / relay.every.total_seconds()
    return min(REQUESTS, consumer.side_by_side) * most_attempts(consumer.away, seconds)


async def test_store_away_for_a_minute(servers_of_this_run: Servers, tmp_path: Path) -> None:
    """503 with Retry-After at the caller, readiness red, no busy loop, nothing parked; then all is done, once."""
    async with running(tmp_path) as system:
        submitting = asyncio.create_task(system.load.submit(REQUESTS))
        await system.load.tally.reached(5, patience=PATIENT)
        kill = partial(servers_of_this_run.send, "store", signal.SIGKILL)
        async with system.without(STORE, kill, partial(servers_of_this_run.revive, "store")):
            for name in NAMES:
                await eventually(partial(_red, system, name), within=20, what=f"{name} is red")
            before = {name: system.cpu_seconds(name) for name in NAMES}
            tried, began = {name: await system.samples(name, TRIED) for name in NAMES}, time.monotonic()
            once = Interfaces(system.stack.urls, system.stack.issuer)  # the load's own repeats what it hears
            heard: list[tuple[int, int]] = []
            ready: list[int] = []

            async def look() -> None:
                answers = (
                    await once.call(OFFICER, "POST", "registration", "/staff", json=STAFF, key="away"),
                    await once.call(OFFICER, "GET", "matching", "/positions"),
                )
                heard.extend((answer.status_code, int(answer.headers.get("Retry-After", 0))) for answer in answers)
                ready.extend([await system.readiness(name) for name in NAMES])

            await for_a_minute(look)
            await once.close()
            used = {name: system.cpu_seconds(name) - before[name] for name in NAMES}
            now, seconds = {name: await system.samples(name, TRIED) for name in NAMES}, time.monotonic() - began
            again = {where: n - tried[name][where] for name in NAMES for where, n in now[name].items()}
            sys.stdout.write(f"cores {used}, attempts {again}\n")
            assert {status for status, _ in heard} == {503}
            assert min(after for _, after in heard) > 0
            assert set(ready) == {503}
            assert max(used.values()) < AT_WORK * AWAY_SECONDS, used
            assert max(again.values()) > 0
            assert {where: n for where, n in again.items() if n > allowed(where, seconds)} == {}
        await submitting
        await system.holds_good(within=90)


async def _red(system: System, name: str) -> bool:
    return await system.readiness(name) == 503


STAFF = {
    "given_name": "Sample",
    "family_name": "Away",
    "email": "away@example.org",
    "languages": ["en"],
    "functions": ["finance"],
}
