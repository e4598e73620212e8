"""A call that cannot be meant is refused in one line that says what is wrong and where to look."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from aiokafka.errors import InvalidReplicationFactorError

from shared.messaging.topics import Topics
from tests.support.terminal import entente

PARKED = "parked_" + "0" * 32


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


def test_a_file_named_in_the_environment_stands_beside_no_other_setting(tmp_path: Path) -> None:
    """Whoever forgot the file would ask, and mend, another system."""
    file, elsewhere = tmp_path / "dev.json", "kafka.example:9092"
    done = entente("doctor", ENTENTE_FROM=str(file), ENTENTE_KAFKA=elsewhere)
    assert (done.exit_code, done.stderr) == (
        2, f"ENTENTE_FROM names {file}, and ENTENTE_KAFKA is set too: unset one of them, or name the file with --from\n"
    )  # fmt: skip
    done = entente("--from", str(file), "doctor", ENTENTE_KAFKA=elsewhere)
    assert (done.exit_code, done.stderr) == (2, f"there is no {file}: is `make dev` running?\n")


@pytest.mark.parametrize("content", ["no json", "{}", "[]"])
def test_a_file_that_is_not_from_make_dev_is_refused_in_one_line(tmp_path: Path, content: str) -> None:
    file = tmp_path / "dev.json"
    file.write_text(content)
    done = entente("--from", str(file), "topics", "plan")
    assert done.exit_code == 2
    assert len(done.stderr.splitlines()) == 1
    assert "is not a file written by 'make dev'" in done.stderr


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


@pytest.mark.usefixtures("_nobody_there")
@pytest.mark.parametrize("name", ["a b.c", "", "x" * 64])
def test_a_database_that_can_be_none_is_a_wrong_call(name: str) -> None:
    done = entente("restore", "sample.backup", "--into", name)
    assert done.exit_code == 2
    assert done.stderr == f"--into {name}: a database name has 1 to 60 letters, digits, - or _\n"


@pytest.mark.usefixtures("_nobody_there")
@pytest.mark.parametrize("at", ["³/17", "3/١٧", "3", "3/", "/17", "-1/17", "3/17/1", "3/17\n", f"3/{'1' * 5000}"])
def test_a_place_that_can_be_none_is_a_wrong_call(at: str) -> None:
    done = entente("parked", "discard", PARKED, "--reason", "a sample", f"--at={at}")
    assert done.exit_code == 2, done.output
    assert done.stderr.startswith("--at ")
    assert done.stderr.endswith(": give PARTITION/OFFSET, such as 3/17\n")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.usefixtures("_nobody_there")
def test_more_copies_than_brokers_are_a_wrong_call(monkeypatch: pytest.MonkeyPatch) -> None:
    async def refused(_: Topics) -> Any:
        raise InvalidReplicationFactorError("matching.teams: 5 cannot be reached with 1 broker")

    monkeypatch.setattr(Topics, "apply", refused)
    none = entente("topics", "apply", "--replication", "0", ENTENTE_KAFKA="127.0.0.1:1", ENTENTE_MONGODB="mongodb://x")
    assert (none.exit_code, "--replication 0: give at most" in none.stderr) == (2, True)
    done = entente("topics", "apply", "--replication", "5")
    assert done.exit_code == 2
    assert len(done.stderr.splitlines()) == 1
    assert "--replication 5: give at most as many copies as there are brokers" in done.stderr
    assert "does not answer" not in done.stderr
