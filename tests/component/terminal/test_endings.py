"""However a call of the terminal ends, it says so in one line and by its exit code, never by a traceback."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from deploy.embedded.process import free_port
from deploy.terminal.app import app


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


@pytest.mark.parametrize("arguments", [("nonsense",), ("topics", "plan", "--nonsense"), ("topics",)])
def test_a_wrong_call_is_a_usage_error(arguments: tuple[str, ...]) -> None:
    done = entente(*arguments)
    assert done.exit_code == 2
    assert "Traceback" not in done.output


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
