"""However a call of the terminal ends, it says so in one line and by its exit code, never by a traceback."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from deploy.embedded.process import free_port
from deploy.terminal import asking
from deploy.terminal.app import app
from tests.support.stranger import stranger

PARKED = "parked_" + "0" * 32


def entente(*arguments: str) -> Result:
    """One call; what it prints on stderr is in `stderr`."""
    return CliRunner().invoke(app, list(arguments))


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("KAFKA", "MONGODB", "FROM"):
        monkeypatch.delenv(f"ENTENTE_{name}", raising=False)


def test_missing_settings_are_named_with_their_variables() -> None:
    done = entente("topics", "plan")
    assert done.exit_code == 2
    assert "ENTENTE_KAFKA is not set" in done.stderr
    assert "ENTENTE_MONGODB is not set" in done.stderr


@pytest.mark.parametrize("content", [None, "no json", "{}", "[]"])
def test_a_file_that_is_not_from_make_dev_is_refused_in_one_line(tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "dev.json"
    if content is not None:
        file.write_text(content)
    done = entente("--from", str(file), "topics", "plan")
    assert done.exit_code == 2
    assert len(done.stderr.splitlines()) == 1
    assert "is not a file written by 'make dev'" in done.stderr


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


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("nonsense",), "No such command 'nonsense'; see 'entente"),
        (("--nonsense", "doctor"), "No such option: --nonsense; see 'entente"),
        (("topics", "nonsense"), "No such command 'nonsense'; see 'entente"),
        (("topics", "plan", "--nonsense"), "No such option: --nonsense; see 'entente"),
        (("trace",), "Missing argument 'correlation'; see 'entente trace --help'"),
        (("trace", "a", "b"), "Got unexpected extra argument(s) (b); see"),
        (("parked", "redrive", PARKED), "Missing option '--reason'; see 'entente parked redrive --help'"),
        (("topics", "apply", "--replication", "x"), "Invalid value for '--replication'"),
    ],
)
def test_a_wrong_call_is_one_line(arguments: tuple[str, ...], told: str) -> None:
    done = entente(*arguments)
    assert done.exit_code == 2
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert told in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize(("arguments", "code"), [((), 2), (("topics",), 2), (("--help",), 0), (("trace", "-h"), 0)])
def test_help_is_shown_whole(arguments: tuple[str, ...], code: int) -> None:
    done = entente(*arguments)
    assert (done.exit_code, "Usage" in done.output) == (code, True)


@pytest.fixture
def _nobody_there(monkeypatch: pytest.MonkeyPatch) -> None:
    port = free_port()
    monkeypatch.setenv("ENTENTE_KAFKA", f"127.0.0.1:{port}")
    monkeypatch.setenv("ENTENTE_MONGODB", "mongodb://127.0.0.1:1")
    monkeypatch.setenv("ENTENTE_ISSUER", f"http://127.0.0.1:{port}")
    monkeypatch.setenv(
        "ENTENTE_SERVICES",
        ",".join(f"{s}=http://127.0.0.1:{port}" for s in ("registration", "matching", "notifications")),
    )


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
    return ",".join(f"{service}={url}" for service in ("registration", "matching", "notifications"))


@pytest.mark.usefixtures("_nobody_there")
@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("MONGODB", "mongodb://h:notaport"),
        ("SERVICES", everything_at("http://h:1/?a=b")),
        ("SERVICES", everything_at("http://h:notaport")),
        ("SERVICES", everything_at("h")),
        ("ISSUER", "http://h:99999"),
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
    ("status", "body"), [(404, b"<html>not here</html>"), (200, b"<html>hello</html>"), (200, b"[]"), (302, b"")]
)
def test_something_else_in_the_place_of_a_service_is_called_so(
    status: int, body: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENTENTE_TOKEN", "sample")
    with stranger(status, body) as url:
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
