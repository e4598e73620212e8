"""`make dev`: everything up, everything said in one file, everything gone after Ctrl-C."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from deploy.embedded.alone import alone
from deploy.embedded.process import ROOT
from tests.support.eventually import eventually
from tests.support.processes import children_of, is_running, is_taken, python

pytestmark = [pytest.mark.embedded, pytest.mark.stand_ins]

ENDS_WITHIN = 15.0
"""Seconds from Ctrl-C until nothing is left."""


@pytest.mark.timeout(180)
async def test_a_developer_is_told_everything_and_ctrl_c_ends_everything(tmp_path: Path) -> None:
    file = tmp_path / "dev.json"
    dev = python("-m", "deploy.dev", "--to", str(file), PYTHONUNBUFFERED="1")
    try:
        await eventually(lambda: file.exists() or dev.poll() is not None, within=120, what="dev.json")
        said = json.loads(file.read_text())
        processes = children_of(dev.pid)
        services = [service["url"] for service in said["services"].values()]
        places = [*services, said["identity"]["url"], said["kafka"], said["mongodb"], said["smtp"]]
        assert len(processes) >= 7
        assert (tmp_path / "dev" / "mail") == Path(said["mailbox"])
        assert all(is_taken(place) for place in places)
        await _everything_said_is_so(said)

        dev.send_signal(signal.SIGINT)
        assert dev.wait(ENDS_WITHIN) == 0
        assert not any(is_running(process) for process in processes)
        assert not any(is_taken(place) for place in places)
        assert not file.exists()
        output = dev.stdout.read().decode() if dev.stdout else ""
        for words in ("/tokens", "eight hours", "contact_id", "thrown away"):
            assert words in output
        assert "ins_" not in output, "nobody is registered: a call that is pasted binds to nothing"
    finally:
        dev.kill()
        dev.wait()


def test_a_second_one_says_who_runs_and_touches_nothing(tmp_path: Path) -> None:
    kept = [tmp_path / "dev.json", tmp_path / "dev" / "mail" / "1.eml", tmp_path / "dev" / "logs" / "matching.log"]
    with alone(tmp_path / "dev"):
        for file in kept:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text("of the first")
        command = [sys.executable, "-m", "deploy.dev", "--to", str(kept[0])]
        second = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert (second.returncode, second.stdout) == (1, "")
        assert second.stderr == f"make dev already runs here (pid {os.getpid()})\n"
        assert [file.read_text() for file in kept] == ["of the first"] * 3
        assert (tmp_path / "dev" / "lock").read_text() == str(os.getpid())
    with alone(tmp_path / "dev"):
        assert (tmp_path / "dev" / "lock").read_text() == str(os.getpid())


async def _everything_said_is_so(said: dict[str, dict[str, dict[str, str]]]) -> None:
    assert set(said) >= {"services", "identity", "kafka", "mongodb", "mailbox", "tokens"}
    assert set(said["services"]) == {"registration", "matching", "notifications"}
    assert set(said["tokens"]) == {"institution", "expert", "officer", "operator"}
    matching = said["services"]["matching"]["url"]
    async with httpx.AsyncClient(timeout=10) as http:
        for service in said["services"].values():
            assert (await http.get(service["docs"])).status_code == 200
        statuses = {
            role: (await http.get(f"{matching}/positions", headers={"Authorization": f"Bearer {token}"})).status_code
            for role, token in said["tokens"].items()
        }
        assert statuses == {"officer": 200, "institution": 403, "expert": 403, "operator": 403}, "none is bound to one"
        wanted = {"role": "expert", "subject": "sample-somebody", "expert_id": "exp_sample"}
        token = (await http.post(f"{said['identity']['url']}/tokens", json=wanted)).json()["access_token"]
        offers = await http.get(f"{matching}/offers", headers={"Authorization": f"Bearer {token}"})
        assert offers.json() == {"items": [], "next": None}
