"""A broker that is away for a minute while requests come: nobody hears of it, and what waited goes out in order."""

from __future__ import annotations

import signal
from functools import partial
from pathlib import Path

import pytest

from tests.real.system import System, for_a_minute, running
from tests.support.copies import BROKER
from tests.support.eventually import eventually
from tests.support.real_servers import Servers

pytestmark = [pytest.mark.real, pytest.mark.timeout(300)]


async def test_broker_away_for_a_minute(servers_of_this_run: Servers, tmp_path: Path) -> None:
    """Requests are taken as ever and the outbox grows; when Kafka is back it drains, each case in order."""
    async with running(tmp_path) as system:
        await system.load.submit(5)
        repeated = system.load.repeated
        kill = partial(servers_of_this_run.send, "broker", signal.SIGKILL)
        async with system.without(BROKER, kill, partial(servers_of_this_run.revive, "broker")):
            await system.load.submit(12, first=5)
            assert system.load.repeated == repeated, "no caller heard of it"
            depth: list[float] = []

            async def look() -> None:
                depth.append(await system.metric("registration", "entente_outbox_depth"))

            await for_a_minute(look)
            assert depth[-1] >= 12, depth
        await system.holds_good(within=90)
        await eventually(partial(empty, system), within=30, what="the depth, measured every 10 s, is 0 again")


async def empty(system: System) -> bool:
    """Nothing of registration waits for Kafka."""
    return await system.metric("registration", "entente_outbox_depth") == 0
