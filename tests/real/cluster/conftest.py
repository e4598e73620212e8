"""Clusters as large as a test needs: three brokers and no store, or one broker with three members."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.real_cluster import RealCluster, start_script


@pytest.fixture
def three_brokers(tmp_path: Path) -> Iterator[RealCluster]:
    """Two of them confirm what is published; any one may die."""
    yield from _up(tmp_path, brokers=3, members=0)


@pytest.fixture
def three_members(tmp_path: Path) -> Iterator[RealCluster]:
    """Two of them confirm what is written and elect a primary; any one may die."""
    yield from _up(tmp_path, brokers=1, members=3)


def _up(place: Path, *, brokers: int, members: int) -> Iterator[RealCluster]:
    script = start_script()
    assert script is not None, "collected only where ENTENTE_STACK names one"
    with RealCluster(script, place / "stack", brokers=brokers, members=members) as cluster:
        yield cluster
