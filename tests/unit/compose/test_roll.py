"""Replicas are replaced one after another, a new one healthy before an old one stops; and what the smoke decides by."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from deploy.compose.callers import ASKED, Calls, called_during
from deploy.compose.replicas import not_replaced
from deploy.demo.interfaces import Interfaces
from deploy.embedded.process import ROOT
from deploy.services import SERVICES
from tests.support.eventually import eventually
from tests.support.runbook import sections

SCRIPT = ROOT / "deploy" / "compose" / "roll.sh"
DOCKER = '''#!{python}
"""What of Docker the script calls, over the containers in a file: name -> healthy, unhealthy, starting or ended."""
import json, sys
from pathlib import Path

file, log = Path("{state}"), Path("{log}")
there = json.loads(file.read_text())
words = [word for word in sys.argv[1:] if not word.startswith("--")]
said = ""
if words[:2] == ["compose", "ps"]:
    said = "\\n".join(name for name, is_ in there.items() if is_ != "ended" or "--all" in sys.argv)
elif words[:2] == ["compose", "rm"]:
    there = {{name: is_ for name, is_ in there.items() if is_ != "ended"}}
elif words[:2] == ["compose", "up"]:
    assert {{"--detach", "--no-deps", "--no-build", "--no-recreate"}} < set(sys.argv)
    assert "--wait" not in sys.argv, "it waits for the old ones as well"
    assert "paused" not in there.values(), "cannot start a paused container, try unpause instead"
    wanted = int(words[2].partition("=")[2])
    assert wanted > len(there), "Docker would choose whom to take away"
    for n in range(wanted - len(there)):
        there[f"new{{sum(name.startswith('new') for name in there) + 1}}"] = "starting"
elif words[0] == "inspect":
    is_ = there[words[2]]
    status, restarts, health = {{"crashed": ("restarting", 1, "starting"), "paused": ("paused", 0, "healthy")}}.get(
        is_, ("running", 0, is_)
    )
    said = f"{{status}} {{restarts}} {{health}}" if ".RestartCount" in words[1] else f"{{status}} {{health}}"
    if is_ == "starting":
        there[words[2]] = "{becomes}"
elif words[0] == "unpause":
    there[words[1]] = "healthy"
elif words[0] == "stop":
    assert there[words[1]] != "ended"
    there[words[1]] = "ended"
elif words[0] == "rm":
    del there[words[1]]
file.write_text(json.dumps(there))
log.open("a").write(" ".join([*words[:2], "->", *(name for name, is_ in there.items() if is_ == "healthy")]) + "\\n")
print(said)
sys.exit(words[:2] == ["compose", "up"] and {fails})
'''
pytestmark = pytest.mark.skipif(shutil.which("bash") is None, reason="no bash here: the script was not run")


def rolled(
    folder: Path, containers: dict[str, str], *more: str, becomes: str = "healthy", fails: bool = False
) -> tuple[int, dict[str, str], list[str]]:
    """Exit code, what is there afterwards, and each call of Docker with what was healthy behind it."""
    state, log = folder / "state.json", folder / "log"
    state.write_text(json.dumps(containers))
    log.touch()
    docker = folder / "docker"
    docker.write_text(DOCKER.format(python=sys.executable, state=state, log=log, becomes=becomes, fails=int(fails)))
    docker.chmod(0o755)
    environment = {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"}
    made = subprocess.run(
        [SCRIPT, "matching", *more], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    (folder / "said").write_text(made.stderr)
    return made.returncode, json.loads(state.read_text()), log.read_text().splitlines()


def at_work(calls: list[str]) -> list[int]:
    """How many were healthy behind each start and stop."""
    return [len(call.partition("-> ")[2].split()) for call in calls if call.startswith(("inspect", "stop"))]


def test_one_after_another_and_never_fewer_than_there_were(tmp_path: Path) -> None:
    code, after, calls = rolled(tmp_path, {"a": "healthy", "b": "healthy", "c": "ended"})
    assert (code, list(after)) == (0, ["new1", "new2"])
    assert min(at_work(calls)) == 2
    assert max(at_work(calls)) == 3


def test_a_single_one_is_stopped_once_there_is_another(tmp_path: Path) -> None:
    _, after, calls = rolled(tmp_path, {"a": "healthy"})
    assert list(after) == ["new1"]
    assert "stop a -> new1" in calls


def test_one_that_is_not_healthy_is_replaced_like_any_other_and_first(tmp_path: Path) -> None:
    code, after, calls = rolled(tmp_path, {"a": "healthy", "b": "unhealthy", "c": "crashed", "d": "paused"})
    assert (code, list(after)) == (0, ["new1", "new2", "new3", "new4"])
    assert [call.split()[1] for call in calls if call.startswith("stop")] == ["b", "c", "d", "a"]
    assert min(at_work(calls)) == 1, "as many as there were"


@pytest.mark.parametrize(("becomes", "fails"), [("unhealthy", False), ("crashed", False), ("starting", True)])
def test_one_that_does_not_come_up_is_taken_away_and_what_ran_goes_on(
    tmp_path: Path, becomes: str, fails: bool
) -> None:
    there = {"a": "healthy", "b": "unhealthy"}
    code, after, calls = rolled(tmp_path, there, becomes=becomes, fails=fails)
    assert (code, after) == (1, there)
    assert not [call for call in calls if call.startswith("stop")]
    assert "no new replica of matching comes up; what ran goes on" in (tmp_path / "said").read_text()


@pytest.mark.parametrize("more", ["three", "0", "-1", "1.5", "", "1 2"])
def test_a_number_that_is_none_is_refused_and_nothing_is_touched(tmp_path: Path, more: str) -> None:
    code, after, calls = rolled(tmp_path, {"a": "healthy"}, more)
    assert (code, after, calls) == (2, {"a": "healthy"}, [])
    assert (tmp_path / "said").read_text() == "usage: deploy/compose/roll.sh SERVICE [REPLICAS, at least 1]\n"


@pytest.mark.parametrize("more", [(), ("2",)])
def test_where_none_runs_it_says_so_and_takes_nothing_away(tmp_path: Path, more: tuple[str, ...]) -> None:
    code, after, calls = rolled(tmp_path, {"a": "ended"}, *more)
    assert (code, after, [call for call in calls if not call.startswith("compose ps")]) == (1, {"a": "ended"}, [])
    assert "no replica of matching runs: start it with docker compose up" in (tmp_path / "said").read_text()


def test_broken_off_behind_a_start_it_ends_with_the_number_it_is_given(tmp_path: Path) -> None:
    code, after, _ = rolled(tmp_path, {"a": "healthy", "b": "healthy", "half": "starting"}, "2")
    assert (code, list(after)) == (0, ["new1", "new2"])


@pytest.mark.parametrize(("there", "wanted"), [(3, 1), (3, 2), (1, 3), (2, 3)])
def test_it_ends_with_the_number_it_is_given(tmp_path: Path, there: int, wanted: int) -> None:
    code, after, calls = rolled(tmp_path, {f"old{n}": "healthy" for n in range(there)}, str(wanted))
    assert code == 0, (tmp_path / "said").read_text()
    assert len(after) == wanted
    assert all(name.startswith("new") for name in after)
    assert min(at_work(calls)) >= min(there, wanted)


def test_the_runbook_calls_it_for_every_service() -> None:
    (block,) = (it for section in sections() for it in section.commands if SCRIPT.name in it)
    assert (
        "for service in registration matching notifications; do deploy/compose/roll.sh $service || break; done" in block
    )
    assert block.startswith("docker compose build\n"), "it starts the image that is there"


THERE = {service: f"http://{service}" for service in SERVICES}


class Answering(httpx.AsyncBaseTransport):
    """An issuer, and services that answer one status."""

    def __init__(self, status: int) -> None:
        self.status, self.asked = status, 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/tokens":
            return httpx.Response(200, json={"access_token": "sample"})
        self.asked += 1
        await asyncio.sleep(0)
        if not self.status:
            raise httpx.ReadError("gone")
        return httpx.Response(self.status, json={})


async def called(status: int) -> Calls:
    there = Answering(status)
    api = Interfaces(THERE, "http://issuer", httpx.AsyncClient(transport=there))

    async def doing() -> None:
        await eventually(lambda: there.asked >= 4, within=10, what="callers")

    return await called_during(doing(), api)


@pytest.mark.parametrize(("status", "said"), [(0, "ReadError"), (503, "503"), (400, "400")])
async def test_callers_repeat_nothing_and_count_every_error(status: int, said: str) -> None:
    calls = await called(status)
    assert calls.answered == 0
    assert len(calls.errors) >= 4
    assert all(said in error for error in calls.wrong())


async def test_callers_that_were_answered_have_nothing_to_tell() -> None:
    calls = await called(201)
    assert calls.answered >= 4
    assert calls.wrong() == []
    assert Calls().wrong() == ["nobody called while replicas were replaced"]


async def test_what_fails_while_they_call_is_told_as_it_is() -> None:
    async def failing() -> Any:
        raise ValueError("no docker")

    api = Interfaces(THERE, "http://issuer", httpx.AsyncClient(transport=Answering(200)))
    with pytest.raises(ValueError, match="no docker"):
        await called_during(failing(), api)


def test_a_replica_that_is_still_there_was_not_replaced() -> None:
    assert not_replaced(["a", "b"], ["c", "d"]) == []
    assert not_replaced(["a", "b"], ["b"]) == ["b was not replaced", "1 replicas run instead of 2"]


def test_callers_ask_every_service_and_write_too() -> None:
    assert {service for _, service, _ in ASKED} == set(SERVICES)
    assert {method for method, _, _ in ASKED} == {"GET", "POST"}
