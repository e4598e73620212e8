"""A running system with staff, institutions and a roster, made through the public interfaces; sample data."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from rich.console import Console

from benchmarks.figures import cpu_seconds
from deploy.demo import bodies
from deploy.demo.interfaces import Interfaces, until
from deploy.demo.office import Case, Office, enter_roster, open_office, register_institution
from deploy.demo.telling import Teller
from deploy.embedded.process import ROOT
from deploy.embedded.stack import Stack
from deploy.services import SERVICES
from shared.contracts.topics import TOPICS
from shared.store.client import close, connect

CLEARANCE = "20 seconds"
"""A case is at rest only when the officer has been told that its clearance is late: nothing clears it yet."""
ALWAYS = {"kind": "available", "from_days": 0, "to_days": 6 * 365, "modes": ["on_site", "remote"]}
"""Everybody could come at any time: cases that follow one another must not run out of people."""


@dataclass
class World:
    """The stack, its interfaces, and who was entered."""

    stack: Stack
    api: Interfaces
    cases: list[Case]
    office: Office = field(default_factory=Office)

    async def draft(self, number: int) -> tuple[Case, str]:
        """A request ready to be submitted: its case and id."""
        case = self.cases[number % len(self.cases)]
        body = bodies.request(case.example, case.contacts)
        answer = await self.api.ask(case.focal_point, "POST", "registration", "/requests", json=body)
        return case, answer["id"]

    async def submit(self, case: Case, request_id: str) -> tuple[float, float]:
        """Submit it: the instant of the call (Unix seconds) and the milliseconds until it was answered."""
        wall, began = time.time(), time.perf_counter()
        await self.api.ask(case.focal_point, "POST", "registration", f"/requests/{request_id}/submission")
        return wall, (time.perf_counter() - began) * 1000

    def cpu_seconds(self) -> dict[str, float]:
        """User and system time of each process of the stack so far, by its name."""
        return {name: cpu_seconds(child.pid) for name, child in self.stack.children.items()}


@asynccontextmanager
async def running() -> AsyncIterator[World]:
    """Start everything, and enter the people."""
    settings = {"matching": {"ENTENTE_CLEARANCE": CLEARANCE}}
    place = ROOT / "build" / "bench"
    stack = Stack(TOPICS, extra_env=settings, directory=place, logs=place / "logs")
    async with stack:
        api = Interfaces(stack.urls, stack.issuer)
        try:
            today = datetime.now(UTC).date()
            world = World(stack, api, [Case(example) for example in bodies.cases(today)])
            silent = Teller(Console(quiet=True))
            world.office = await open_office(api, silent, world.cases)
            for case in world.cases:
                await register_institution(api, silent, case)
            samples = [{**sample, "availability": [ALWAYS]} for sample in bodies.sample_experts()]
            await enter_roster(api, silent, world.office, today, samples)
            await until(lambda: _at_rest(world), "everybody entered and told", within=90, every=0.5)
            yield world
        finally:
            await api.close()


async def _at_rest(world: World) -> bool:
    """No outbox holds anything and no delivery waits to be sent."""
    for service in SERVICES:
        text = (await world.api._client.get(f"{world.stack.urls[service]}/metrics")).text
        if any(_value(line) for line in text.splitlines() if line.startswith("entente_outbox_depth{")):
            return False
    await asyncio.sleep(0)
    return True


async def mails_sent(world: World) -> None:
    """Return when no mail waits to be sent: what an earlier load left behind would count against the next."""

    async def none_queued() -> bool:
        where = {"keys.state": "queued"}
        return not await documents(world, "notifications", "deliveries", where, fields=("_id",), limit=1)

    await until(none_queued, "every mail sent", within=120, every=0.5)


def _value(line: str) -> float:
    return float(line.rsplit(" ", 1)[1])


async def documents(
    world: World,
    service: str,
    collection: str,
    where: dict[str, Any],
    *,
    fields: tuple[str, ...] | None = None,
    limit: int = 0,
) -> list[dict[str, Any]]:
    """Documents of one service, read from its database; whole, or these fields only; all, or so many."""
    client = connect(world.stack.mongodb, timeout_ms=30_000)
    try:
        rows = client[world.stack.databases[service]][collection]
        found: list[dict[str, Any]] = await rows.find(where, fields).limit(limit).to_list(None)
        return found
    finally:
        await close(client)
