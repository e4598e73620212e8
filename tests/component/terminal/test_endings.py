"""However a call of the terminal ends, it says so in one line and by its exit code, never by a traceback."""

from __future__ import annotations

import re
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from aiokafka.errors import InvalidReplicationFactorError
from pymongo.errors import InvalidName
from typer.testing import CliRunner, Result

from deploy.embedded.process import free_port
from deploy.terminal import asking
from deploy.terminal.app import app
from deploy.terminal.failing import Exit
from deploy.terminal.showing import Shown
from shared.contracts.topics import INSTITUTIONS
from shared.messaging.topics import Found, Topics, compare, refused
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
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert "ENTENTE_KAFKA is not set" in done.stderr
    assert "ENTENTE_MONGODB is not set" in done.stderr


CALLS = [("doctor",), ("status",), ("parked", "list"), ("trace", "req_1"), ("audit",), ("backup",), ("topics", "plan")]
"""One of each way to come to the settings."""


@pytest.mark.parametrize("arguments", CALLS, ids=" ".join)
def test_without_settings_every_command_says_where_to_name_a_file(arguments: tuple[str, ...]) -> None:
    done = entente(*arguments)
    assert (done.exit_code, "name a file with --from" in done.output) == (2, True)


@pytest.mark.parametrize("arguments", CALLS, ids=" ".join)
def test_where_the_named_file_is_not_there_a_stack_may_not_run(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    file = tmp_path / "dev.json"
    done = entente("--from", str(file), *arguments)
    assert (done.exit_code, done.stderr) == (2, f"there is no {file}: is `make dev` running?\n")


@pytest.mark.parametrize("content", ["no json", "{}", "[]"])
def test_a_file_that_is_not_from_make_dev_is_refused_in_one_line(tmp_path: Path, content: str) -> None:
    file = tmp_path / "dev.json"
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
        (("status", "--json"), "No such option: --json; put it before the command: entente --json status\n"),
        (("parked", "list", "--from", "x"), "put it before the command: entente --from FILE parked list\n"),
        (("--from",), "Option '--from' requires an argument; see 'entente --help'"),
    ],
)
def test_a_wrong_call_is_one_line(arguments: tuple[str, ...], told: str) -> None:
    done = entente(*arguments)
    assert done.exit_code == 2
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert told in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize("rich", [True, False])
@pytest.mark.parametrize(
    ("arguments", "code"),
    [((), 2), (("topics",), 2), (("parked",), 2), (("--help",), 0), (("trace", "-h"), 0), (("rebuild", "-h"), 0)],
)
def test_help_is_shown_whole(
    arguments: tuple[str, ...], code: int, rich: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("typer.core.HAS_RICH", rich)
    done = entente(*arguments)
    assert (done.exit_code, "Usage" in done.output) == (code, True)
    assert len(done.output.splitlines()) > 5
    assert "bool" not in done.output, "a flag takes no value"


def test_the_version_is_that_of_the_package() -> None:
    done = entente("--version")
    assert (done.exit_code, done.stdout) == (0, f"entente {version('entente')}\n")


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


@pytest.mark.usefixtures("_nobody_there")
@pytest.mark.parametrize("token", ["", "abc\r", "two words", "ü"])
@pytest.mark.parametrize("command", [("republish", "expert/exp_1"), ("parked", "list")], ids=" ".join)
def test_a_token_that_no_header_can_carry_is_named(
    token: str, command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENTENTE_TOKEN", token)
    done = entente(*command)
    assert done.exit_code == 2
    assert done.stderr.startswith("ENTENTE_TOKEN is wrong: ")
    assert "visible ASCII" in done.stderr
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


@pytest.mark.usefixtures("_nobody_there")
@pytest.mark.parametrize("name", ["a b.c", "", "x" * 64])
def test_a_database_that_can_be_none_is_a_wrong_call(name: str) -> None:
    done = entente("restore", "sample.backup", "--into", name)
    assert done.exit_code == 2
    assert done.stderr == f"--into {name}: a database name has 1 to 60 letters, digits, - or _\n"


@pytest.mark.usefixtures("_nobody_there")
def test_more_copies_than_brokers_are_a_wrong_call(monkeypatch: pytest.MonkeyPatch) -> None:
    async def refused(_: Topics) -> Any:
        raise InvalidReplicationFactorError("matching.teams: 5 cannot be reached with 1 broker")

    monkeypatch.setattr(Topics, "apply", refused)
    done = entente("topics", "apply", "--replication", "5")
    assert done.exit_code == 2
    assert len(done.stderr.splitlines()) == 1
    assert "--replication 5: give at most as many copies as there are brokers" in done.stderr
    assert "does not answer" not in done.stderr


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
