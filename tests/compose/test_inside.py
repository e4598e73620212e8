"""The images as they were built: what lies inside, how large, as whom they run. `make compose-smoke` runs it.

Needs a Docker engine and images built from what lies here, so it runs only behind the build of `make compose-smoke`,
which sets ENTENTE_IMAGES and where it fails without them; elsewhere it is skipped, and says so.
"""

from __future__ import annotations

import json
import os
import subprocess
from functools import cache
from typing import Any

import pytest

from deploy.compose.project import over_base, why_not
from deploy.images.closure import EXTRAS, packages_of

LARGEST = {"matching": 300e6}
"""Bytes over the base; the others have 200 MB."""

CODE = {
    "registration": {"services": {"__init__.py", "registration"}},
    "matching": {"services": {"__init__.py", "matching"}},
    "notifications": {"services": {"__init__.py", "notifications"}},
    "terminal": {"deploy": {"__init__.py", "audit", "plain.py", "services.py", "terminal"}},
    "identity": {"deploy": {"__init__.py", "embedded", "identity"}},
}

LIST = """
import importlib.metadata as m, json, os, sys
from pathlib import Path
app = Path("/app")
seen = {p.name: sorted(c.name for c in p.glob("*") if c.name != "__pycache__") for p in app.iterdir()}
venv = [d for d in m.distributions() if str(d.locate_file("")).startswith("/opt/entente")]
print(json.dumps({
    "app": seen,
    "other": sorted({p.suffix for p in app.rglob("*") if p.is_file()}),
    "packages": sorted({d.metadata["Name"].lower().replace("_", "-").replace(".", "-") for d in venv}),
    "user": [os.getuid(), os.getgid()],
    "writable": sorted(d for d in ("/app", "/opt/entente", "/etc", "/usr", "/var/lib", "/") if os.access(d, os.W_OK)),
}))
"""


@cache
def missing() -> str | None:
    """Why nothing can be looked into here; None where all images are there."""
    if (reason := why_not()) is not None:
        return reason
    for target in EXTRAS:
        made = subprocess.run(["docker", "image", "inspect", f"entente/{target}:dev"], capture_output=True, check=False)
        if made.returncode:
            return f"there is no image entente/{target}:dev: docker compose build"
    return None


@pytest.fixture(autouse=True)
def _images() -> None:
    demand_images()


def demand_images() -> None:
    """Skips where nobody has built them; fails where they were to be built and cannot be looked into."""
    if not os.environ.get("ENTENTE_IMAGES"):
        pytest.skip("images were not looked into: make compose-smoke builds them first, and then looks")
    if (reason := missing()) is not None:
        pytest.fail(f"images cannot be looked into: {reason}")


def docker(*arguments: str) -> str:
    return subprocess.run(["docker", *arguments], capture_output=True, text=True, timeout=60, check=True).stdout


@cache
def inside(target: str) -> dict[str, Any]:
    said = docker("run", "--rm", "--network=none", "--entrypoint=python", f"entente/{target}:dev", "-c", LIST)
    found: dict[str, Any] = json.loads(said)
    return found


@pytest.mark.parametrize("target", EXTRAS)
def test_an_image_holds_its_service_shared_and_nothing_else_of_ours(target: str) -> None:
    app = inside(target)["app"]
    assert set(app) == {"shared", *CODE[target]}
    for room, names in CODE[target].items():
        assert set(app[room]) == names
    if target == "identity":
        said = docker("run", "--rm", "--entrypoint=ls", f"entente/{target}:dev", "deploy/embedded")
        assert set(said.split()) - {"__pycache__"} == {"__init__.py", "leash.py"}


@pytest.mark.parametrize("target", EXTRAS)
def test_its_packages_are_those_of_its_list(target: str) -> None:
    found = set(inside(target)["packages"])
    wanted = set(packages_of(target))
    assert found - wanted == set()
    assert wanted - found <= {"async-timeout", "typing-extensions"}, "a marker may leave out what Python has itself"


@pytest.mark.parametrize("target", EXTRAS)
def test_it_runs_as_nobody_in_particular_and_owns_nothing_it_runs(target: str) -> None:
    assert inside(target)["user"] == [10001, 10001]
    assert inside(target)["writable"] == []


@pytest.mark.parametrize("target", EXTRAS)
def test_it_is_small(target: str) -> None:
    history = docker("history", "--no-trunc", "--human=false", "--format", "{{json .}}", f"entente/{target}:dev")
    assert 10e6 < over_base(history) < LARGEST.get(target, 200e6)


@pytest.mark.parametrize("target", ["registration", "matching", "notifications"])
def test_it_starts_on_a_file_system_it_cannot_write_without_any_capability(target: str) -> None:
    said = subprocess.run(
        ["docker", "run", "--rm", "--read-only", "--cap-drop=ALL", "--network=none", f"entente/{target}:dev"],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert said.returncode == 2
    assert "ENTENTE_KAFKA is not set" in said.stderr, "everything was imported, and only the settings are missing"
