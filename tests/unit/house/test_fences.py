"""Every fence of the architecture catches the violation it names: a planted import breaks exactly that contract."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]

PLANTED = [
    ("rooms", "services/registration/domain/planted.py", "import services.registration.application"),
    ("rooms", "services/matching/application/planted.py", "import services.matching.entrypoints"),
    ("rooms", "services/notifications/adapters/planted.py", "import services.notifications.entrypoints"),
    ("rooms", "services/matching/entrypoints/planted.py", "import services.matching.adapters"),
    ("rooms", "services/matching/application/planted.py", "import services.matching.settings"),
    ("rooms", "services/matching/entrypoints/planted.py", "import services.matching.main"),
    ("rooms", "services/registration/planted.py", "# a module in no room"),
    ("services-apart", "services/notifications/domain/planted.py", "import services.registration.domain"),
    ("shared-knows-no-service", "shared/messaging/planted.py", "import services.matching.domain"),
    ("services-know-no-deployment", "services/matching/adapters/planted.py", "import deploy.embedded"),
    ("deployment-outside", "deploy/audit/planted.py", "import services.registration.domain"),
    ("pure-domain", "services/matching/domain/planted.py", "import pymongo"),
    ("pure-domain", "services/registration/domain/planted.py", "import shared.store"),
    ("pure-domain", "services/notifications/domain/planted.py", "import shared.clock"),
    ("pure-domain", "services/matching/domain/planted.py", "import random"),
    ("pure-domain", "services/registration/domain/planted.py", "import pathlib"),
    ("application-without-technology", "services/registration/application/planted.py", "import fastapi"),
    ("application-without-technology", "services/matching/application/planted.py", "import shared.messaging.event"),
    ("application-without-technology", "services/notifications/application/planted.py", "import smtplib"),
    ("web-at-the-edge", "services/notifications/adapters/planted.py", "import fastapi"),
    ("web-at-the-edge", "shared/messaging/planted.py", "import starlette"),
    ("kafka-in-messaging", "services/matching/entrypoints/planted.py", "import faststream"),
    ("kafka-in-messaging", "shared/runtime/planted.py", "import aiokafka"),
    ("mongodb-in-store", "services/registration/adapters/planted.py", "import pymongo"),
    ("mongodb-in-store", "shared/messaging/planted.py", "import motor"),
    ("identity-alone", "deploy/identity/planted.py", "import deploy.embedded.stack"),
    ("kernel", "shared/store/planted.py", "import shared.messaging"),
    ("kernel", "shared/contracts/planted.py", "import shared.store"),
    ("kernel", "shared/contracts/planted.py", "import shared.vocabulary"),
    ("kernel", "shared/errors.py", "import shared.store"),
    ("kernel", "shared/planted.py", "# a module without a layer"),
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
    before = planted.read_text() if planted.exists() else None
    planted.write_text(line + "\n")
    try:
        done = lint(copy, contract)
    finally:
        planted.unlink() if before is None else planted.write_text(before)
    assert done.returncode == 1, done.stdout
    assert "BROKEN" in done.stdout or "exhaustive" in done.stdout + done.stderr


def test_every_fence_has_a_planted_violation() -> None:
    told = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    assert {contract["id"] for contract in told} == {contract for contract, _, _ in PLANTED}
