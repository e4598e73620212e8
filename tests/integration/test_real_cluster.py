"""Real servers end with the run that started them, also when it is killed."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from deploy.embedded.process import ROOT
from tests.support.eventually import eventually
from tests.support.processes import is_running

pytestmark = pytest.mark.stand_ins

UP = """#!/bin/sh
mkdir -p "$2"; sleep 600 > "$2/log" 2>&1 & echo $! > "$2/kafka-1.pid"
echo "export ENTENTE_KAFKA=127.0.0.1:1"; echo "export ENTENTE_MONGODB=mongodb://127.0.0.1:1"
"""
DOWN = '#!/bin/sh\nrm -r "$2"\n'
OWNER = """
import os, signal, sys
from pathlib import Path
from tests.support.real_cluster import RealCluster
cluster = RealCluster(Path(sys.argv[1]), Path(sys.argv[2]))
cluster.{begin}()
print(cluster.pid("kafka-1"), flush=True)
{end}
"""


async def run_to_its_end(place: Path, end: str, begin: str = "start") -> int:
    """A process that brings a cluster up and ends like this; the server of it."""
    for name, text in (("up", UP), ("down", DOWN)):
        (place / name).write_text(text)
        (place / name).chmod(0o755)
    owner = await asyncio.create_subprocess_exec(
        sys.executable, "-c", OWNER.format(begin=begin, end=end), str(place / "up"), str(place / "servers"),
        cwd=ROOT, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    said, _ = await asyncio.wait_for(owner.communicate(), 60)
    return int(said)


@pytest.mark.parametrize("end", ["os.kill(os.getpid(), signal.SIGKILL)", "cluster.stop()", "sys.exit(1)"])
async def test_a_server_ends_with_its_run(tmp_path: Path, end: str) -> None:
    process = await run_to_its_end(tmp_path, end)
    await eventually(lambda: not is_running(process), within=20, what="the server has ended")
    await eventually(lambda: not (tmp_path / "servers").exists(), within=20, what="its data is gone")


async def test_one_that_revives_the_cluster_of_another_leaves_it_running(tmp_path: Path) -> None:
    process = await run_to_its_end(tmp_path, "sys.exit(0)", begin="revive")
    try:
        assert is_running(process)
    finally:
        os.kill(process, signal.SIGKILL)
