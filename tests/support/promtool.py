"""Prometheus' own checker, where there is one: `promtool` on the PATH, or named by PROMTOOL."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest


def run_promtool(*command: str, cwd: Path) -> None:
    """Run it; fails with what it said, and where PROMTOOL names one that is not there. Skips the test, saying what was
    not tried, where there is none."""
    promtool = os.environ.get("PROMTOOL") or shutil.which("promtool")
    if promtool is None:
        pytest.skip(
            "no promtool here (go install github.com/prometheus/prometheus/cmd/promtool@latest; PROMTOOL or PATH): "
            "rules and expressions were read, not run"
        )
    ran = subprocess.run([promtool, *command], cwd=cwd, capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
