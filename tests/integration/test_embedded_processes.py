"""A child of the embedded stack never outlives its supervisor; the stand-ins work on their own."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pymongo import MongoClient

from deploy.embedded import broker
from deploy.embedded.process import Child, Spec, free_port
from tests.support.eventually import eventually
from tests.support.processes import is_running, is_taken, python

STARTED = {"broker", "store", "mailbox", "issuer", "fake"}


pytestmark = pytest.mark.stand_ins


@pytest.fixture(autouse=True)
def _stand_ins_only(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if "kafka_address" not in request.fixturenames:
        monkeypatch.delenv("ENTENTE_KAFKA", raising=False)
        monkeypatch.delenv("ENTENTE_MONGODB", raising=False)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
async def test_no_orphan_whatever_ends_the_supervisor(tmp_path: Path, number: signal.Signals) -> None:
    supervisor = python("-m", "tests.support.run_stack", str(tmp_path))
    try:
        assert supervisor.stdout
        said = json.loads(await asyncio.to_thread(supervisor.stdout.readline))
    finally:
        supervisor.send_signal(number)
        await asyncio.to_thread(supervisor.communicate)
    assert set(said["processes"]) == STARTED
    try:
        await eventually(lambda: not any(map(is_running, said["processes"].values())), what="all children to be gone")
        await eventually(lambda: not any(map(is_taken, said["places"])), what="all ports to be free")
    finally:
        for process in filter(is_running, said["processes"].values()):
            os.kill(process, signal.SIGKILL)


@pytest.fixture
def lonely(tmp_path: Path) -> Iterator[Child]:
    """A broker as a child of its own."""
    topics = tmp_path / "topics"
    topics.write_text("from.file\n\n")
    command = (*broker.command(["from.arguments"]), "--topics-file", str(topics))
    child = Child(Spec("broker", command, lambda it: it.announced("kafka") is not None), tmp_path)
    yield child
    child.kill()


def test_the_broker_makes_its_topics_and_stops_cleanly(lonely: Child) -> None:
    lonely.start()
    lonely.wait_ready(20)
    address = lonely.announced("kafka")
    assert address
    broker.touch_topics([address], ["later"])
    topics = broker.client(**{"bootstrap.servers": address}).list_topics(timeout=5).topics
    assert set(topics) == {"from.file", "from.arguments", "later"}
    lonely.terminate()
    assert lonely.wait(5) == 0


async def test_without_the_kernels_help_a_leash_still_holds(tmp_path: Path) -> None:
    """The way of systems other than Linux: the leash stays in front, hands on SIGTERM, notices a dead parent."""
    leash = (
        "import os, sys; sys.path.insert(0, '.'); from deploy.embedded import leash; "
        "leash._ask_the_kernel = lambda: False; sys.exit(leash.main([str(os.getppid()), *sys.argv[1:]]))"
    )
    sleeper = "import os, time; open(os.environ['PLACE'], 'w').write(str(os.getpid())); time.sleep(600)"
    outer = "import subprocess, sys; sys.exit(subprocess.call(sys.argv[1:]))"
    place = tmp_path / "pid"
    parent = python("-c", outer, sys.executable, "-c", leash, sys.executable, "-c", sleeper, PLACE=str(place))
    process = int(await eventually(lambda: place.exists() and place.read_text(), what="the command to run"))
    parent.kill()
    parent.communicate()
    await eventually(lambda: not is_running(process), what="the command to end with its parent")


def test_ports_are_free_and_never_given_twice() -> None:
    ports = [free_port() for _ in range(50)]
    assert len(set(ports)) == 50
    assert not any(is_taken(f"127.0.0.1:{port}") for port in ports[:5])


async def test_fixtures_give_working_servers(
    kafka_address: list[str], mongodb_uri: str, database_name: str, topic_prefix: str
) -> None:
    broker.touch_topics(kafka_address, [topic_prefix + "requests"])
    with MongoClient[dict[str, object]](mongodb_uri) as client:
        client[database_name + "_registration"]["things"].insert_one({"_id": 1})
