"""The three services on real servers, requests that are submitted to them, and what may be asked of it at the end."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from deploy.embedded.stack import SERVICES, Stack
from shared.contracts.topics import TOPICS
from tests.support.copies import BROKER, STORE, Kill, now_ms
from tests.support.eventually import eventually
from tests.support.kills import SETTINGS, at_rest, seed_of_run
from tests.support.load import Load
from tests.support.real_cluster import RealCluster

AWAY_SECONDS = 60.0
PATIENT = 150.0
"""Seconds for which a caller repeats what was not answered: a server away for a minute, and its way back."""


@dataclass
class System:
    """What runs, who calls it, and which servers were killed under it."""

    stack: Stack
    load: Load
    fallen: list[Kill] = field(default_factory=list)

    async def metric(self, service: str, name: str) -> float:
        """The sum of a measure over its labels."""
        return sum((await self.samples(service, name)).values())

    async def samples(self, service: str, name: str) -> dict[str, float]:
        """A measure by its labels, as Prometheus writes them."""
        async with httpx.AsyncClient(timeout=10) as client:
            text = (await client.get(f"{self.stack.urls[service]}/metrics")).text
        rows = [line for line in text.splitlines() if line.startswith(name) and line[len(name)] in "{ "]
        assert rows, f"{service} shows no {name}"
        return {row[len(name) :].rpartition(" ")[0]: float(row.rpartition(" ")[2]) for row in rows}

    async def parked(self) -> float:
        """Events that any service has set aside."""
        return sum([await self.metric(service.name, "entente_events_parked_total") for service in SERVICES])

    async def readiness(self, service: str) -> int:
        """The status of its readiness."""
        async with httpx.AsyncClient(timeout=10) as client:
            return (await client.get(f"{self.stack.urls[service]}/health/ready")).status_code

    def cpu_seconds(self, service: str) -> float:
        """What its process has used of a core so far."""
        fields = Path(f"/proc/{self.stack.children[service].pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    @asynccontextmanager
    async def without(
        self, server: str, kill: Callable[[], object], revive: Callable[[], object]
    ) -> AsyncIterator[None]:
        """BROKER or STORE killed at the beginning of the block and brought back at its end."""
        await asyncio.to_thread(kill)
        at = now_ms()
        try:
            yield
        finally:
            await asyncio.to_thread(revive)
            self.fallen.append(Kill(server, at, now_ms()))

    async def holds_good(self, *, within: float) -> None:
        """Wait for rest; then nothing is lost, doubled, out of order or parked, and each request had its effects."""
        findings, wrong = await at_rest(self.stack, self.load, self.fallen, ready_within=60, within=within)
        sys.stdout.write(f"seed {self.load.seed}: {findings.counts()}, {len(self.load.tally.requests)} requests\n")
        assert not wrong, f"{len(wrong)} wrong (ENTENTE_SEED={self.load.seed}):\n" + "\n".join(wrong[:20])
        assert await self.parked() == 0

    async def killed_under_load(
        self, cluster: RealCluster, victim: Callable[[], str], *, requests: int, within: float
    ) -> None:
        """Kill one server when a fifth of the requests is submitted, bring it back at three fifths; all holds good."""
        submitting = asyncio.create_task(self.load.submit(requests))
        await self.load.tally.reached(requests // 5, patience=PATIENT)
        node = await asyncio.to_thread(victim)

        def kill() -> None:
            assert cluster.kill(node)

        async with self.without(BROKER if node in cluster.brokers else STORE, kill, cluster.revive):
            await self.load.tally.reached(requests * 3 // 5, patience=PATIENT)
        await submitting
        await self.holds_good(within=within)


@asynccontextmanager
async def running(directory: Path, experts: int = 10) -> AsyncIterator[System]:
    """The system with a small world in it, on the servers that the environment names."""
    async with Stack(TOPICS, extra_env=SETTINGS, directory=directory, logs=directory / "logs") as stack:
        load = Load(stack.urls, stack.issuer, seed_of_run(), answered_within=PATIENT)
        load.by_one_person = True
        try:
            await load.open_world(experts)
            yield System(stack, load)
        finally:
            await load.close()
        for child in stack.children.values():
            child.check()


async def for_a_minute(look: Callable[[], Awaitable[None]]) -> None:
    """Look again and again while a server is away."""
    began = time.monotonic()

    async def over() -> bool:
        await look()
        return time.monotonic() - began >= AWAY_SECONDS

    await eventually(over, within=2 * AWAY_SECONDS, what="the minute is over", every=1.0)
