"""Every fence of the architecture catches the violation it names: a planted import breaks exactly that contract."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]

PLANTED = [
    ("rooms", "services/registration/domain/planted.py", "import services.registration.application"),
    ("rooms", "services/matching/application/planted.py", "import services.matching.entrypoints"),
    ("rooms", "services/notifications/adapters/planted.py", "import services.notifications.entrypoints"),
    ("services-apart", "services/notifications/domain/planted.py", "import services.registration.domain"),
    ("shared-knows-no-service", "shared/messaging/planted.py", "import services.matching.domain"),
    ("services-know-no-deployment", "services/matching/adapters/planted.py", "import deploy.embedded"),
    ("deployment-outside", "deploy/audit/planted.py", "import services.registration.domain"),
    ("pure-domain", "services/matching/domain/planted.py", "import pymongo"),
    ("pure-domain", "services/registration/domain/planted.py", "import shared.store"),
    ("application-without-technology", "services/registration/application/planted.py", "import fastapi"),
    ("kernel", "shared/store/planted.py", "import shared.messaging"),
    ("kernel", "shared/contracts/planted.py", "import shared.store"),
]


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The code alone, in a place where it may be spoiled."""
    place = tmp_path_factory.mktemp("fences")
    for folder in ("services", "shared", "deploy"):
        shutil.copytree(ROOT / folder, place / folder, ignore=shutil.ignore_patterns("__pycache__", "*.json", "*.csv"))
    shutil.copy(ROOT / "pyproject.toml", place / "pyproject.toml")
    return place


def lint(place: Path, *contracts: str) -> subprocess.CompletedProcess[str]:
    """Run import-linter as `make check` does."""
    chosen = [argument for contract in contracts for argument in ("--contract", contract)]
    program = Path(sys.executable).with_name("lint-imports")
    return subprocess.run(
        [str(program), "--cache-dir", str(place / ".cache"), *chosen],
        cwd=place,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_house_stands(copy: Path) -> None:
    done = lint(copy)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(("contract", "file", "line"), PLANTED)
def test_a_planted_violation_is_caught(copy: Path, contract: str, file: str, line: str) -> None:
    planted = copy / file
    planted.write_text(line + "\n")
    try:
        done = lint(copy, contract)
    finally:
        planted.unlink()
    assert done.returncode == 1, done.stdout
    assert "BROKEN" in done.stdout
