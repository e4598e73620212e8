"""Completion names the commands, and needs no settings for it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from deploy.embedded.process import ROOT
from deploy.terminal.app import app

TYPED = """
eval "$(entente --show-completion)"
COMP_WORDS=(entente pa) COMP_CWORD=1
_entente_completion entente
printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.mark.parametrize(
    ("typed", "offered"),
    [("entente pa", {"parked"}), ("entente parked re", {"redrive"}), ("entente t", {"topics", "trace"})],
)
def test_the_tab_key_completes_commands(typed: str, offered: set[str]) -> None:
    words = {"COMP_WORDS": typed, "COMP_CWORD": str(typed.count(" "))}
    done = CliRunner(env={"_ENTENTE_COMPLETE": "complete_bash", **words}).invoke(app, [], prog_name="entente")
    assert done.exit_code == 0, done.output
    assert set(done.stdout.split()) == offered


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash here: its script was not run")
def test_what_bash_is_given_completes_where_the_terminals_page_has_been_followed() -> None:
    first_lines = (ROOT / "docs" / "terminal.md").read_text().split("```sh\n")[1].split("```")[0]
    (way,) = [line for line in first_lines.splitlines() if line.startswith("export ")]
    bash = ["bash", "--norc", "-c", f"{way}\n{TYPED}"]
    done = subprocess.run(bash, cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=60, check=False)
    assert (done.stdout, done.stderr) == ("parked\n", "")


def environment() -> dict[str, str]:
    """Without this environment's own programs on the path."""
    own = Path(sys.executable).parent
    others = [part for part in os.environ["PATH"].split(os.pathsep) if Path(part) != own]
    return {**os.environ, "PATH": os.pathsep.join(others)}
