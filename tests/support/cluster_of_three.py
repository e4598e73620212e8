"""A real cluster of three for tests: the one that ENTENTE_CLUSTER says is up (its directory), or one of their own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.eventually import eventually
from tests.support.real_cluster import RealCluster, start_script
from tests.support.wired import make_topic


@pytest.fixture(scope="session")
def cluster_of_three(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealCluster]:
    """Three brokers and three store members, all of them up when the first test begins."""
    script = start_script()
    assert script is not None, "ENTENTE_STACK names no start script"
    if running := os.environ.get("ENTENTE_CLUSTER"):
        cluster = RealCluster(script, Path(running), brokers=3, members=3)
        cluster.revive()
        yield cluster
        cluster.revive()
        return
    with RealCluster(script, tmp_path_factory.mktemp("cluster") / "stack", brokers=3, members=3) as cluster:
        yield cluster


async def topic_on_all_brokers(cluster: RealCluster, prefix: str) -> list[str]:
    """Make the topic of evaluations under the test's prefix; the brokers' addresses when all have heard of it."""
    addresses = cluster.kafka.split(",")

    async def made() -> bool:
        await make_topic(addresses, prefix)
        return True

    await eventually(made, within=30, what="all brokers have heard of the topic", every=0.3)
    return addresses


@contextmanager
def primary_cut_off(cluster: RealCluster) -> Iterator[None]:
    """The store's primary alone, as a cut in the network leaves it: its members take connections and answer nothing.

    It believes in its office for another 10 s or so. At the end of the block it dies with what it alone knows; the
    others go on and elect; and it comes back to them. Returns when all three are up.
    """
    primary = cluster.primary()
    try:
        with cluster.hanging(*(member for member in cluster.members if member != primary)):
            try:
                yield
            finally:
                cluster.kill(primary)
        cluster.primary()
    finally:
        cluster.revive()
