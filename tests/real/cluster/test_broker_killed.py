"""One of three brokers killed with -9 while 300 requests run, and brought back.

The store is a stand-in here: it is not what dies, and three brokers leave an emulated one no processor.
"""

from __future__ import annotations

import random
from functools import partial
from pathlib import Path

import pytest

from tests.real.system import running
from tests.support.real_cluster import RealCluster

pytestmark = [pytest.mark.real, pytest.mark.timeout(420)]
REQUESTS = 300


async def test_a_broker_killed_while_requests_run(
    three_brokers: RealCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two brokers of three confirm what comes, and the third catches up."""
    monkeypatch.setenv("ENTENTE_KAFKA", three_brokers.kafka)
    monkeypatch.delenv("ENTENTE_MONGODB")
    async with running(tmp_path) as system:
        dying = partial(random.Random(system.load.seed).choice, three_brokers.brokers)
        await system.killed_under_load(three_brokers, dying, requests=REQUESTS, within=200)
