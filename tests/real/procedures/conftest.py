"""The three services on a real Kafka whose own tools are at hand, beside a shell as the runbook prepares it."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.real.procedures.rehearsal import Rehearsal
from tests.real.system import running
from tests.support import kafka_tools, servers
from tests.support.real_cluster import RealCluster, start_script
from tests.support.real_servers import ByScript
from tests.support.shell import missing


@pytest.fixture
def cluster() -> RealCluster:
    """The servers of this run, whose files and processes are ours to touch."""
    if not isinstance(servers._started, ByScript):
        pytest.skip("no servers of a start script (ENTENTE_STACK): a broker's disk cannot be spoilt here")
    return servers._started.cluster


@pytest.fixture
def tools_first(tmp_path: Path) -> str:
    """A PATH on which Kafka's own tools are found."""
    path, script = os.environ["PATH"], start_script()
    if isinstance(servers._started, ByScript) and script is not None:
        own = servers._started.cluster
        made = kafka_tools.of_the_start_script(script, own.directory, own.kafka, tmp_path / "tools")
        if made is not None:
            return f"{made}{os.pathsep}{path}"
    if lacking := kafka_tools.lacking():
        pytest.skip(f"no {', '.join(lacking)} on the PATH: this procedure of the runbook was not rehearsed")
    return path


@pytest.fixture
async def rehearsal(tools_first: str, tmp_path: Path) -> AsyncIterator[Rehearsal]:
    if lacking := missing():
        pytest.skip(f"no {', '.join(lacking)} here: this procedure of the runbook was not rehearsed")
    async with running(tmp_path, experts=20) as system:
        yield await Rehearsal.beside(system, tmp_path / "clone", tools_first)
