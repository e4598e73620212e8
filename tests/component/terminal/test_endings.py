"""However a call of the terminal ends, it says so in one line and by its exit code, never by a traceback."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from pymongo.errors import InvalidName

from deploy.embedded.process import free_port
from deploy.services import SERVICES
from deploy.terminal import asking
from deploy.terminal.failing import Exit
from deploy.terminal.showing import Shown
from shared.contracts.topics import INSTITUTIONS
from shared.messaging.topics import Found, Topics, compare, refused
from tests.support.stranger import stranger
from tests.support.terminal import entente, pairs

PARKED = "parked_" + "0" * 32


def test_a_broker_that_does_not_answer_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENTENTE_KAFKA", f"127.0.0.1:{free_port()}")
    monkeypatch.setenv("ENTENTE_MONGODB", "mongodb://127.0.0.1:1")
    done = entente("topics", "plan")
    assert done.exit_code == 3
    assert "The broker is not reachable" in done.stderr


def test_an_audit_of_nothing_reachable_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENTENTE_KAFKA", f"127.0.0.1:{free_port()}")
    monkeypatch.setenv("ENTENTE_MONGODB", "mongodb://127.0.0.1:1")
    done = entente("audit")
    assert done.exit_code == 3
    assert len(done.stderr.splitlines()) == 1
    assert "does not answer" in done.stderr


@pytest.mark.usefixtures("_nobody_there")
def test_without_an_issuer_a_token_is_asked_for_in_one_line() -> None:
    done = entente("republish", "exp_1")
    assert done.exit_code == 3
    assert done.stderr.startswith("no operator's token: set ENTENTE_TOKEN")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.usefixtures("_nobody_there")
def test_a_service_that_does_not_answer_is_named_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENTENTE_TOKEN", "sample")
    done = entente("republish", "expert/exp_1")
    assert done.exit_code == 3
    assert "registration does not answer at http://127.0.0.1:" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def everything_at(url: str) -> str:
    return pairs(dict.fromkeys(SERVICES, url))


@pytest.mark.usefixtures("_nobody_there")
@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("MONGODB", "mongodb://h:notaport"),
        ("SERVICES", everything_at("http://h:1/?a=b")),
        ("SERVICES", everything_at("http://h:notaport")),
        ("SERVICES", everything_at("h")),
        ("ISSUER", "http://h:99999"),
        ("DATABASES", "registration=a b.c,matching=matching,notifications=notifications"),
    ],
)
@pytest.mark.parametrize("arguments", [("doctor",), ("parked", "list")])
def test_an_address_that_is_none_is_a_wrong_setting(
    variable: str, value: str, arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"ENTENTE_{variable}", value)
    done = entente(*arguments)
    assert done.exit_code == 2, done.output
    assert f"ENTENTE_{variable} is wrong" in done.output


@pytest.mark.usefixtures("_nobody_there")
@pytest.mark.parametrize(
    ("status", "body", "of"),
    [
        (404, b"<html>not here</html>", "text/html"),
        (404, b'{"title": "Not Found"}', "application/problem+json"),
        (200, b"<html>hello</html>", "text/html"),
        (200, b"[]", "application/json"),
        (302, b"", "text/html"),
    ],
)
def test_something_else_in_the_place_of_a_service_is_called_so(
    status: int, body: bytes, of: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENTENTE_TOKEN", "sample")
    with stranger(status, body, of=of) as url:
        monkeypatch.setenv("ENTENTE_SERVICES", everything_at(url))
        done = entente("parked", "list")
    assert done.exit_code == 3, done.output
    assert f"what answers at {url} is not registration" in done.output


@pytest.mark.usefixtures("_nobody_there")
@pytest.mark.parametrize(
    ("arguments", "look"),
    [
        (("rebuild", "roster"), "look with entente rebuild roster --status"),
        (("republish", "expert/exp_1"), "call again: to say a state twice does no harm"),
        (("parked", "redrive", PARKED, "--reason", "a sample"), f"look with entente parked show {PARKED}"),
    ],
)
def test_a_write_that_is_not_answered_in_time_may_still_be_at_work(
    arguments: tuple[str, ...], look: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENTENTE_TOKEN", "sample")
    monkeypatch.setattr(asking, "SECONDS", 0.2)
    with stranger(200, b"[]", writes_wait=True) as url:
        monkeypatch.setenv("ENTENTE_SERVICES", everything_at(url))
        done = entente(*arguments)
    assert done.exit_code == 3
    assert len(done.stderr.splitlines()) == 1
    assert "it may still be at work, or be done with it" in done.stderr
    assert look in done.stderr


@pytest.mark.usefixtures("_nobody_there")
@pytest.mark.parametrize(
    ("found", "options", "code"),
    [
        (Found(6, {**INSTITUTIONS.configuration(), "min.compaction.lag.ms": "0"}), (), 1),
        (Found(6, {**INSTITUTIONS.configuration(), "min.compaction.lag.ms": "0"}), ("--enough-to-start",), 0),
        (Found(4, INSTITUTIONS.configuration()), ("--enough-to-start",), 1),
        (None, ("--enough-to-start",), 1),
        (Found(6, INSTITUTIONS.configuration()), (), 0),
    ],
)
def test_what_services_start_with_need_not_stop_them(
    found: Found | None, options: tuple[str, ...], code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As `refused` judges, by which a service refuses to start."""

    async def applied(_: Topics) -> Any:
        return compare([INSTITUTIONS], {INSTITUTIONS.name: found} if found else {}, 6)

    monkeypatch.setattr(Topics, "apply", applied)
    done = entente("topics", "apply", *options)
    assert done.exit_code == code, done.output
    there = {} if found is None else {INSTITUTIONS.name: found}
    stops = bool(refused([INSTITUTIONS], there, 6))
    assert ("services start with them all the same" in done.stdout) is (not stops and "1 difference;" in done.stdout)
    if "--enough-to-start" in options:
        assert (code == 1) is stops


@pytest.mark.usefixtures("_nobody_there")
@pytest.mark.parametrize(
    ("error", "code", "told"),
    [
        (InvalidName("database names cannot contain '.'"), 2, "refused as wrong: InvalidName"),
        (KeyError("consumes"), 70, "unexpected KeyError: 'consumes' (ENTENTE_DEBUG=1 shows where)"),
        (KeyboardInterrupt(), 130, "interrupted"),
    ],
)
def test_each_way_to_end_has_its_own_code(
    error: BaseException, code: int, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(_: Topics) -> Any:
        raise error

    monkeypatch.setattr(Topics, "plan", broken)
    done = entente("topics", "plan")
    assert done.exit_code == code
    assert len(done.stderr.splitlines()) == 1
    assert told in done.stderr


@pytest.mark.usefixtures("_nobody_there")
@pytest.mark.parametrize(
    ("error", "code", "told"),
    [
        (KeyError("what"), 70, "unexpected KeyError"),
        (OSError(28, "No space left on device"), 3, "cannot be printed"),
    ],
)
def test_a_result_that_cannot_be_printed_is_one_line(
    error: Exception, code: int, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def sound(_: Topics) -> list[Any]:
        return []

    def broken(*_: Any) -> None:
        raise error

    monkeypatch.setattr(Topics, "plan", sound)
    monkeypatch.setattr(Shown, "line", broken)
    done = entente("topics", "plan")
    assert done.exit_code == code
    assert len(done.stderr.splitlines()) == 1
    assert told in done.stderr


@pytest.mark.usefixtures("_nobody_there")
def test_where_a_fault_lies_is_shown_when_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(_: Topics) -> Any:
        raise KeyError("consumes")

    monkeypatch.setattr(Topics, "plan", broken)
    monkeypatch.setenv("ENTENTE_DEBUG", "1")
    done = entente("topics", "plan")
    assert done.exit_code == 70
    assert "Traceback" in done.stderr
    assert "in broken" in done.stderr


def test_every_exit_code_is_on_the_terminals_page() -> None:
    page = (Path(__file__).resolve().parents[3] / "docs" / "terminal.md").read_text()
    rows = {int(code) for code in re.findall(r"^\| (\d+) \| ", page, flags=re.MULTILINE)}
    assert rows == {int(code) for code in Exit}
