"""Completion names the commands, and needs no settings for it."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from deploy.terminal.app import app


@pytest.mark.parametrize(
    ("typed", "offered"),
    [("entente pa", {"parked"}), ("entente parked re", {"redrive"}), ("entente t", {"topics", "trace"})],
)
def test_the_tab_key_completes_commands(typed: str, offered: set[str]) -> None:
    words = {"COMP_WORDS": typed, "COMP_CWORD": str(typed.count(" "))}
    done = CliRunner(env={"_ENTENTE_COMPLETE": "complete_bash", **words}).invoke(app, [], prog_name="entente")
    assert done.exit_code == 0, done.output
    assert set(done.stdout.split()) == offered
