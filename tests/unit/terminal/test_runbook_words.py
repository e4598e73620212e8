"""What the runbook greps for is what the services log."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.runbook import sections

MESSAGING = Path(__file__).resolve().parents[3] / "shared" / "messaging"
SAID = re.compile(r'log\.\w+\("([a-z_.]+)"')


@pytest.mark.skipif(shutil.which("grep") is None, reason="no grep here")
def test_every_line_about_a_member_that_comes_and_goes_is_shown(tmp_path: Path) -> None:
    names = {
        name
        for file in ("polling", "consumer", "membership")
        for name in SAID.findall((MESSAGING / f"{file}.py").read_text())
        if not name.startswith("event.")
    }
    assert {"commit.failed", "poll.failed", "join.failed", "leave.failed"} <= names
    log = tmp_path / "matching.log"
    log.write_text("".join(f'{{"level": "warning", "message": "{name}"}}\n' for name in sorted(names)))
    look = next(it for it in sections() if it.title == "CommitsFailing").commands[0]
    (line,) = re.findall(r"^(grep .*) \| tail", look, flags=re.MULTILINE)
    shown = subprocess.run(
        line.replace("build/dev/logs/matching.log", str(log)), shell=True, capture_output=True, text=True, check=True
    ).stdout  # fmt: skip
    assert sorted(shown.splitlines()) == sorted(log.read_text().splitlines())
