"""The primary of three store members killed with -9 while 100 requests run, and brought back.

ENTENTE_REQUESTS=300 makes it the size of the other kill tests.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.real.system import running
from tests.support.real_cluster import REQUESTS, RealCluster

SETTLED_WITHIN = 3.0 * REQUESTS
pytestmark = [pytest.mark.real, pytest.mark.timeout(int(120 + 2 * SETTLED_WITHIN))]


async def test_the_primary_killed_while_requests_run(
    three_members: RealCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """During the election a caller may hear 503 and repeats with the same Idempotency-Key: none lost, none doubled."""
    monkeypatch.setenv("ENTENTE_KAFKA", three_members.kafka)
    monkeypatch.setenv("ENTENTE_MONGODB", three_members.mongodb)
    async with running(tmp_path) as system:
        await system.killed_under_load(three_members, three_members.primary, requests=REQUESTS, within=SETTLED_WITHIN)
