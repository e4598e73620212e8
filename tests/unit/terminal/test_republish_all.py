"""`entente republish --all TYPE`: every state a topic keeps, one by one; one that fails keeps no other back."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from typer.testing import Result

from deploy.terminal.asking import Asking
from deploy.terminal.failing import Exit, Failed
from deploy.terminal.looks import announced
from deploy.terminal.looks.announced import announced_on
from deploy.terminal.settings import TerminalSettings
from shared.contracts.topics import CONTACTS, EXPERTS
from tests.support.terminal import entente

SETTINGS = {"ENTENTE_KAFKA": "127.0.0.1:1", "ENTENTE_MONGODB": "mongodb://127.0.0.1:1"}
ROWS = (("experts", EXPERTS.name), ("experts", CONTACTS.name), ("contacts", CONTACTS.name))
SETUP = {
    "settings": {"database": "registration"},
    "announces": [{"collection": collection, "topic": topic} for collection, topic in ROWS],
}


class Service:
    """Says again what it is asked to, but for those of which `faults` tells otherwise."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, ids: list[str]) -> None:
        self.asked: list[str] = []
        self.faults: dict[str, Failed | None] = {}
        self._ids = ids
        monkeypatch.setattr(Asking, "setup", self._setup)
        monkeypatch.setattr(Asking, "__call__", lambda _, *call, **more: self._said(*call, **more))
        monkeypatch.setattr(announced, "announced_on", self._announced)

    async def _setup(self, _: str) -> dict[str, Any]:
        return SETUP

    async def _announced(self, *_: Any) -> list[str]:
        return self._ids

    async def _said(self, service: str, method: str, path: str, *, json: Any, unheard: str) -> Any:
        assert (service, method, path) == ("registration", "POST", "/operations/republish")
        assert "no harm" in unheard
        self.asked.append(json["aggregate"])
        fault = self.faults.get(json["aggregate"], {"aggregate": json["aggregate"], "said": []})
        if isinstance(fault, Failed):
            raise fault
        return fault


@pytest.fixture
def of(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], Service]:
    return lambda number: Service(monkeypatch, [f"con_{n:04}" for n in range(number)])


def called(*arguments: str) -> Result:
    return entente(*arguments, **SETTINGS)


def test_each_is_said_once_and_progress_is_told(of: Callable[[int], Service]) -> None:
    service = of(1_000)
    done = called("republish", "--all", "contact")
    assert done.exit_code == 0, done.output
    assert service.asked == [f"contact/con_{n:04}" for n in range(1_000)]
    assert done.stdout.splitlines() == [
        "contact: 400 of 1000",
        "contact: 800 of 1000",
        "contact: 1000 of 1000 said again",
    ]


def test_one_that_fails_keeps_no_other_back_and_one_that_is_gone_is_no_failure(of: Callable[[int], Service]) -> None:
    service = of(20)
    service.faults = {"contact/con_0003": Failed("registration: no room"), "contact/con_0004": None}
    done = called("republish", "--all", "contact")
    assert done.exit_code == 1
    assert len(service.asked) == 20
    assert done.stdout.splitlines() == [
        "    con_0003: registration: no room",
        "contact: 18 of 20 said again, 1 failed, 1 gone; call again: to say a state twice does no harm",
    ]
    told = json.loads(called("--json", "republish", "--all", "contact").stdout)
    assert told == {
        "type": "contact",
        "announced": 20,
        "said": 18,
        "gone": 1,
        "failed": [{"aggregate": "con_0003", "why": "registration: no room"}],
        "left": 0,
    }


def test_a_service_that_goes_away_in_the_middle_is_not_asked_a_thousand_times(of: Callable[[int], Service]) -> None:
    service = of(1_000)
    away = Failed("registration does not answer", Exit.AWAY)
    service.faults = {f"contact/con_{n:04}": away for n in range(16, 1_000)}
    told = json.loads(called("--json", "republish", "--all", "contact").stdout)
    assert len(service.asked) == 24
    assert (told["said"], len(told["failed"]), told["left"]) == (16, 8, 976)


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        ((), "give either an aggregate or --all TYPE; see 'entente republish --help'"),
        (("exp_1", "--all", "expert"), "give either an aggregate or --all TYPE; see 'entente republish --help'"),
        (
            ("--all", "request"),
            "request: give institution, contact, expert; what lives on a topic that is kept for ever is not said again",
        ),
    ],
)
def test_a_wrong_call_is_one_line(arguments: tuple[str, ...], line: str) -> None:
    done = called("republish", *arguments)
    assert (done.exit_code, done.stderr) == (2, line + "\n")


def test_another_database_than_the_services_is_not_read(
    of: Callable[[int], Service], monkeypatch: pytest.MonkeyPatch
) -> None:
    service = of(3)
    monkeypatch.setitem(SETTINGS, "ENTENTE_DATABASES", "registration=old,matching=m,notifications=n")
    done = called("republish", "--all", "contact")
    assert (done.exit_code, service.asked) == (2, [])
    assert "registration works on the database registration, and ENTENTE_DATABASES names old" in done.stderr


class Collection:
    def __init__(self, rows: list[dict[str, Any]]) -> None:
        self._rows = rows

    async def find(self, where: Any, fields: Any) -> AsyncIterator[dict[str, Any]]:
        assert (where, fields) == ({"state": {"$ne": None}}, {"sequences": 1})
        for row in self._rows:
            yield row


async def test_only_what_was_announced_there_is_said_again(monkeypatch: pytest.MonkeyPatch) -> None:
    said, draft = {CONTACTS.name: 2}, dict[str, int]()
    collections = {
        "contacts": Collection([{"_id": "con_2", "sequences": said}, {"_id": "con_3", "sequences": draft}]),
        "experts": Collection([{"_id": "exp_1", "sequences": {**said, EXPERTS.name: 1}}]),
    }

    async def closed(_: Any) -> None: ...

    monkeypatch.setattr(announced, "connect", lambda *_, **__: {"registration": collections})
    monkeypatch.setattr(announced, "close", closed)
    settings = TerminalSettings(kafka=["127.0.0.1:1"], mongodb="mongodb://127.0.0.1:1")
    assert await announced_on(settings, CONTACTS, SETUP) == ["con_2", "exp_1"]
    assert await announced_on(settings, EXPERTS, SETUP) == ["exp_1"]
