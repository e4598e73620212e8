"""Where something else answers in the place of a service, or the terminal looks elsewhere, nothing is made of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from typer.testing import Result

from deploy.embedded.process import free_port
from deploy.services import SERVICES
from deploy.terminal.backups import restoring, taking
from deploy.terminal.backups.file import FORMAT, Head
from deploy.terminal.failing import Failed, Misplaced
from deploy.terminal.looks.services import look_at_services, readiness
from deploy.terminal.settings import TerminalSettings
from tests.support.stranger import serving, stranger
from tests.support.terminal import entente, pairs


@contextmanager
def answering(service: str, database: str) -> Iterator[str]:
    """Its URL; it tells who it is and on which database it works."""

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            bodies: dict[str, Any] = {
                "/health/live": {"service": service, "status": "alive", "checks": []},
                "/health/ready": {"service": service, "status": "ready", "checks": []},
                "/operations/setup": {
                    "service": service,
                    "settings": {"database": database, "kafka_partitions": "6"},
                    "indexes": [{"collection": "sample", "fields": ["a"]}],
                    "consumes": [],
                    "announces": [],
                },
            }
            known = self.path in bodies
            body = json.dumps(bodies.get(self.path, {"title": "Not found"})).encode()
            self.send_response(200 if known else 404)
            self.send_header("Content-Type", "application/json" if known else "application/problem+json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
            """Silent."""

    with serving(Answers) as url:
        yield url


@pytest.fixture
def swapped(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """The services' URLs, those of registration and matching in each other's place."""
    with ExitStack() as stack:
        urls = {name: stack.enter_context(answering(name, name)) for name in SERVICES}
        urls["registration"], urls["matching"] = urls["matching"], urls["registration"]
        told(monkeypatch, urls)
        yield urls


def told(monkeypatch: pytest.MonkeyPatch, urls: dict[str, str]) -> None:
    monkeypatch.delenv("ENTENTE_FROM", raising=False)
    monkeypatch.setenv("ENTENTE_KAFKA", f"127.0.0.1:{free_port()}")
    monkeypatch.setenv("ENTENTE_MONGODB", f"mongodb://127.0.0.1:{free_port()}")
    monkeypatch.setenv("ENTENTE_TOKEN", "sample")
    monkeypatch.setenv("ENTENTE_SERVICES", pairs(urls))


def refused(done: Result, code: int, said: str, place: Path | None = None) -> None:
    assert done.exit_code == code, done.output
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert said in done.stderr
    assert place is None or names(place) == [], "and no file is there"


def names(place: Path) -> list[str]:
    return [found.name for found in place.iterdir()]


def test_no_backup_is_taken_of_another_service(swapped: dict[str, str], tmp_path: Path) -> None:
    said = f"what answers at {swapped['registration']} is matching, not registration: correct ENTENTE_SERVICES"
    refused(entente("backup", "registration", "--to", str(tmp_path)), 3, said, tmp_path)


def test_no_backup_is_taken_of_another_database(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with answering("matching", "entente_matching") as url:
        told(monkeypatch, dict.fromkeys(SERVICES, url))
        done = entente("backup", "matching", "--to", str(tmp_path))
    said = "matching works on the database entente_matching, and ENTENTE_DATABASES names matching"
    refused(done, 2, said, tmp_path)


class Elsewhere:
    """Another deployment: it has a database of that name, and nothing of the service in it."""

    def __getitem__(self, name: str) -> Elsewhere:
        return self

    async def list_collection_names(self) -> list[str]:
        return ["other"]


async def test_no_backup_is_taken_of_another_deployment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    head = Head(
        format=FORMAT,
        service="matching",
        database="m",
        taken_at="2027-03-01T00:00:00+00:00",
        groups={},
        ends={},
        announces=[],
    )

    async def asked(*_: Any) -> Any:
        return head, {"positions", "teams"}

    async def closed(_: Any) -> None: ...

    monkeypatch.setattr(taking, "_head", asked)
    monkeypatch.setattr(taking, "connect", lambda *_, **__: Elsewhere())
    monkeypatch.setattr(taking, "close", closed)
    told(monkeypatch, dict.fromkeys(SERVICES, "http://127.0.0.1:1"))
    with pytest.raises(Failed, match="m at ENTENTE_MONGODB holds no collection of matching"):
        await taking.take(TerminalSettings(), "matching", tmp_path)
    assert names(tmp_path) == []


def test_no_view_is_rebuilt_by_another_service(swapped: dict[str, str]) -> None:
    said = f"what answers at {swapped['matching']} is registration, not matching: correct ENTENTE_SERVICES"
    refused(entente("rebuild", "roster", "--status"), 3, said)


async def test_status_and_doctor_say_who_answers_there(swapped: dict[str, str]) -> None:
    settings = TerminalSettings()
    found = {one.service: (one.red, one.why) for one in await readiness(settings)}
    assert found["notifications"] == ((), "")
    assert found["matching"] == (None, f"what answers at {swapped['matching']} is registration, not matching")
    findings, setups = await look_at_services(settings)
    wrong = [f for f in findings if f.area == "matching"]
    assert [f.state.value for f in wrong] == ["away"]
    assert "correct ENTENTE_SERVICES" in wrong[0].mend
    assert not any("ENTENTE_TOKEN" in f.mend for f in findings)
    assert list(setups) == ["notifications"]


@pytest.mark.parametrize("status", [502, 503, 504])
async def test_a_proxy_that_finds_nobody_tells_that_the_service_is_stopped(
    status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with stranger(status, b'{"title": "Away", "status": 503}') as url:
        told(monkeypatch, dict.fromkeys(SERVICES, url))
        await restoring._stopped(TerminalSettings(), "matching")


async def test_whoever_answers_is_not_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    with answering("matching", "m") as url:
        told(monkeypatch, dict.fromkeys(SERVICES, url))
        with pytest.raises(Failed, match=f"matching still runs at {url}: stop every replica"):
            await restoring._stopped(TerminalSettings(), "matching")
        with pytest.raises(Misplaced, match=f"what answers at {url} is matching, not registration"):
            await restoring._stopped(TerminalSettings(), "registration")
    with stranger(404) as url:
        told(monkeypatch, dict.fromkeys(SERVICES, url))
        with pytest.raises(Misplaced, match=f"what answers at {url} is not matching"):
            await restoring._stopped(TerminalSettings(), "matching")
