"""A real cluster of three for tests: the one that ENTENTE_CLUSTER says is up (its directory), or one of their own."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient

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

    It believes in its office for another 10 s or so. At the end of the block it falls silent; the others elect without
    what it alone knows, and it comes back to them. They are killed first and start anew: a process that was merely
    stopped would still take in what its sockets hold. Returns when all three are up.
    """
    primary = primary_beside_first(cluster)
    others = [member for member in cluster.members if member != primary]
    try:
        with cluster.hanging(*others):
            try:
                yield
            finally:
                cluster.send(primary, signal.SIGSTOP)
                for member in others:
                    cluster.kill(member)
        cluster.revive()
        assert cluster.primary() != primary
        cluster.kill(primary)
    finally:
        cluster.revive()


def primary_beside_first(cluster: RealCluster) -> str:
    """The primary, made another than the first member: the start script asks that one, and would wait for it in vain.

    Call it before a client connects that must reach the primary while it is cut off: one that still knows a former
    primary sends its write there.
    """
    member = cluster.members[0]
    for _ in range(5):
        if (primary := cluster.primary()) != member:
            return primary
        with MongoClient[dict[str, Any]](cluster.mongodb) as client:
            client.admin.command("replSetStepDown", 30, secondaryCatchUpPeriodSecs=10)
    raise AssertionError(f"{member} stays the primary")
