"""What the smoke test of compose decides by: work of replicas, sizes over the base, mails out of mailpit."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from deploy.compose.project import ComposeError, Project, over_base
from deploy.compose.replicas import Work, idle, work_of
from deploy.demo.interfaces import Unexpected
from deploy.demo.mailpit import PAGE, Mailpit
from deploy.demo.stage import Given
from deploy.embedded.process import ROOT
from tests.support.eventually import eventually
from tests.support.processes import is_running

METRICS = """# HELP entente_events_handled_total Events whose effects were applied
entente_events_handled_total{group="matching.requests",topic="registration.requests"} 3.0
entente_events_handled_total{group="matching.experts",topic="registration.experts"} 1.2e+01
entente_http_requests_total{method="GET",route="/health/ready",status="200"} 40.0
entente_http_requests_total{method="GET",route="/metrics",status="200"} 1.0
entente_http_requests_total{method="POST",route="/offers/{id}/acceptance",status="200"} 2.0
"""


def test_work_of_a_replica_is_read_from_its_metrics_without_its_probes() -> None:
    assert work_of("a", METRICS) == Work("a", requests=2, events=15)


def test_a_replica_that_nobody_reached_is_told() -> None:
    work = [Work("a", 2, 3), Work("b", 0, 3), Work("c", 1, 0)]
    assert idle(work, 3) == ["b answered no caller", "c handled no event"]
    assert idle(work[:1], 3) == ["1 replicas run instead of 3"]
    assert idle([Work(n, 1, 1) for n in "abc"], 3) == []


def test_layers_below_the_first_of_ours_belong_to_the_base() -> None:
    rows: list[dict[str, Any]] = [
        {"CreatedBy": "COPY /app /app", "Size": "300"},
        {"CreatedBy": "RUN /bin/sh -c useradd --uid 10001 entente", "Size": "20"},
        {"CreatedBy": "the base", "Size": "4000"},
    ]
    assert over_base("\n".join(map(json.dumps, rows))) == 320
    with pytest.raises(ValueError, match="no image of ours"):
        over_base(json.dumps(rows[2]))


class FakeMailpit(httpx.AsyncBaseTransport):
    """The two paths of mailpit's interface that are used, over `count` mails; the newest first, as there."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.read: list[str] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/api/v1/messages":
            start, limit = int(request.url.params["start"]), int(request.url.params["limit"])
            newest_first = [self._listed(n) for n in reversed(range(self.count))]
            return httpx.Response(200, json={"messages": newest_first[start : start + limit]})
        id_ = request.url.path.split("/")[4]
        self.read.append(id_)
        return httpx.Response(200, content=f"Subject: {id_}\r\n\r\nbody\r\n".encode())

    def _listed(self, n: int) -> dict[str, str]:
        return {"ID": f"m{n:04}", "Created": f"2026-01-02T03:{n // 60:02}:{n % 60:02}.25Z"}


def kept(directory: Path) -> list[Path]:
    """The mails of a directory; nothing else lies there."""
    files = sorted(directory.iterdir())
    assert all(file.suffix == ".eml" for file in files)
    return files


async def test_every_mail_is_copied_once_in_the_order_of_arrival_with_its_time(tmp_path: Path) -> None:
    there = FakeMailpit(PAGE + 5)
    copier = Mailpit("http://mailpit.invalid", tmp_path)
    async with httpx.AsyncClient(transport=there) as client:
        await copier.copy(client)
        assert there.read == [f"m{n:04}" for n in range(PAGE + 5)]
        there.count += 2
        await copier.copy(client)
    assert len(there.read) == len(set(there.read)) == PAGE + 7
    first, *rest = kept(tmp_path)
    assert len(rest) == PAGE + 6
    assert first.read_text().startswith("Subject: m0000")
    assert first.stat().st_mtime % 60 == 0.25


def test_a_file_that_names_no_system_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "empty.json").write_text("{}")
    with pytest.raises(Unexpected, match=r"empty\.json does not say where a system is: KeyError 'services'"):
        Given.read(tmp_path / "empty.json", tmp_path)
    with pytest.raises(Unexpected, match=r"none\.json does not say where a system is"):
        Given.read(tmp_path / "none.json", tmp_path)


def test_without_docker_it_says_so_and_ends_with_3(tmp_path: Path) -> None:
    made = subprocess.run(
        [sys.executable, "-m", "deploy.compose"],
        cwd=ROOT, env={"PATH": str(tmp_path)}, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert made.returncode == 3
    assert made.stderr.startswith("compose-smoke cannot run: there is no docker command: install Docker")


def test_it_never_touches_a_system_that_somebody_has_running(tmp_path: Path) -> None:
    one, other = (Project("entente-smoke", tmp_path / "log", {}) for _ in range(2))
    usual = {8000, 8001, 8002, 8003, 8025, 9092, 27017}
    assert len({*one.ports.values(), *other.ports.values(), *usual}) == 14 + 7


async def test_a_command_that_fails_is_told_with_the_end_of_what_it_said(tmp_path: Path) -> None:
    project = Project("entente-smoke", tmp_path / "log", {})
    assert await project.run("echo", "all well") == "all well\n"
    with pytest.raises(ComposeError, match=r"(?s)ended with 7:.*no such thing.*not found"):
        await project.run("sh", "-c", "echo not found; echo no such thing >&2; exit 7")


async def test_a_command_runs_in_the_folder_and_with_the_numbers_it_is_given(tmp_path: Path) -> None:
    project = Project("entente-smoke", tmp_path / "log", {"MATCHING_REPLICAS": "1"})
    project.mean("matching", 3)
    said = await project.run("sh", "-c", "pwd; echo $MATCHING_REPLICAS", folder=tmp_path)
    assert said.split() == [str(tmp_path), "3"]
    assert "export MATCHING_REPLICAS=3\n" in project.exports()


async def test_a_command_ends_with_whoever_waits_for_it(tmp_path: Path) -> None:
    project, told = Project("entente-smoke", tmp_path / "log", {}), tmp_path / "pid"
    running = asyncio.create_task(project.run("sh", "-c", f"echo $$ > {told}; exec tail -f /dev/null"))
    await eventually(lambda: told.exists() and told.read_text().strip(), within=20, what="a running command")
    process = int(told.read_text())
    assert is_running(process)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert not is_running(process)
