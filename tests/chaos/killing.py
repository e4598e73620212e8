"""The kills: two lanes, services and servers, each in the order and at the pace of the plan."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from deploy.embedded.stack import Stack
from tests.chaos import servers
from tests.chaos.cases import Cases
from tests.chaos.plan import Kill, Plan, service_of
from tests.support import copies
from tests.support.eventually import eventually
from tests.support.real_cluster import RealCluster

AHEAD = 3
"""Kills that may be due and not have fallen before new cases wait for them."""
READY_WITHIN = 150.0


@dataclass(slots=True)
class Fallen:
    """What was killed, and in which states cases were then."""

    services: Counter[str] = field(default_factory=Counter)
    servers: Counter[str] = field(default_factory=Counter)
    moments: list[copies.Kill] = field(default_factory=list)
    kills_by_state: Counter[str] = field(default_factory=Counter)
    """state -> kills that fell while at least one case was in it"""
    cases_by_state: Counter[str] = field(default_factory=Counter)
    """state -> cases that were in it, over all kills"""
    log: list[dict[str, Any]] = field(default_factory=list)


class Killer:
    """Kills with -9 and brings back."""

    def __init__(self, plan: Plan, stack: Stack, cluster: RealCluster, cases: Cases) -> None:
        self.fallen = Fallen()
        self._stack, self._cluster, self._cases = stack, cluster, cases
        self._services, self._servers = plan.of_services(), plan.of_servers()
        self._returns: set[asyncio.Task[None]] = set()

    def keeps_pace(self) -> bool:
        """Whether the kills that are due have fallen, but for a few."""
        due = sum(kill.at <= self._cases.steps for kill in self._services)
        return due - self.fallen.services.total() <= AHEAD

    async def run(self) -> None:
        """All kills of the plan; returns when everything is back."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._lane(self._services, self._service))
            group.create_task(self._lane(self._servers, self._server))
        if self._returns:
            await asyncio.gather(*self._returns)
        await servers.whole(self._cluster)

    async def _lane(self, kills: Sequence[Kill], strike: Any) -> None:
        for kill in kills:
            async with self._cases.stepped:
                await self._cases.stepped.wait_for(lambda at=kill.at: self._cases.steps >= at)  # type: ignore[misc]
            await asyncio.sleep(kill.after)
            await strike(kill)
            async with self._cases.stepped:
                self._cases.stepped.notify_all()

    async def _service(self, kill: Kill) -> None:
        """Only one that is ready is worth a kill: one that starts has nothing in hand."""
        child = self._stack.children[kill.victim]

        async def ready() -> bool:
            child.check()
            return child.running and await self._stack.is_ready(kill.victim)

        await eventually(ready, within=READY_WITHIN, what=f"{kill.victim} ready", every=0.2)
        states = self._cases.states_now()
        self._stack.kill(kill.victim)
        self.fallen.moments.append(copies.Kill(service_of(kill.victim), copies.now_ms()))
        self._note(self.fallen.services, service_of(kill.victim), kill, states)
        self._later(self._bring_back(kill))

    async def _bring_back(self, kill: Kill) -> None:
        await asyncio.sleep(kill.down)
        await self._stack.restart(kill.victim, ready=False)

    async def _server(self, kill: Kill) -> None:
        await servers.whole(self._cluster)
        node = await servers.node_of(self._cluster, kill.victim)
        states = self._cases.states_now()
        if not self._cluster.kill(node):
            raise AssertionError(f"{node} was down before its kill")
        at, broker = copies.now_ms(), node in self._cluster.brokers
        self._note(self.fallen.servers, "kafka" if broker else kill.victim, kill, states)
        try:
            await asyncio.sleep(kill.down)
            await asyncio.to_thread(self._cluster.revive)
        finally:
            victim = copies.BROKER if broker else copies.STORE
            self.fallen.moments.append(copies.Kill(victim, at, copies.now_ms()))

    def _note(self, among: Counter[str], kind: str, kill: Kill, states: Counter[str]) -> None:
        """A kill that has fallen, and the states that cases were in just before."""
        among[kind] += 1
        self.fallen.kills_by_state.update(states.keys())
        self.fallen.cases_by_state.update(states)
        self.fallen.log.append({"at_step": self._cases.steps, "victim": kill.victim, "states": dict(states)})

    def _later(self, coroutine: Any) -> None:
        task = asyncio.get_running_loop().create_task(coroutine)
        self._returns.add(task)
        task.add_done_callback(self._returns.discard)
