"""What goes into an image, read from the Dockerfile and the lists: one service, `shared`, what they need; no more."""

from __future__ import annotations

import re
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import grimp
import pytest
from docker.utils.build import exclude_paths

from deploy.embedded.process import ROOT
from deploy.images.closure import EXTRAS, list_of, packages_of, text_of
from deploy.images.pick import blocks, picked
from deploy.services import SERVICES

DOCKERFILE = (ROOT / "deploy" / "Dockerfile").read_text()
LOCK = (ROOT / "requirements.lock").read_text()
CODE = {
    **{name: {"shared", "services/__init__.py", f"services/{name}"} for name in SERVICES},
    "terminal": {
        "shared",
        "deploy/__init__.py",
        "deploy/plain.py",
        "deploy/services.py",
        "deploy/audit",
        "deploy/terminal",
    },
    "identity": {
        "shared",
        "deploy/__init__.py",
        "deploy/identity",
        "deploy/embedded/__init__.py",
        "deploy/embedded/leash.py",
    },
}
OPTIONAL = {"motor"}
"""Imported where a setting asks for it; not in an image."""


def stages() -> dict[str, list[str]]:
    """Stage of the Dockerfile -> its instructions, FROM first."""
    found: dict[str, list[str]] = {}
    for line in DOCKERFILE.splitlines():
        if started := re.fullmatch(r"FROM (\S+) AS (\S+)", line):
            found[started[2]] = [line]
            name = started[2]
        elif found and line and not line.startswith("#"):
            found[name].append(line)
    return found


def copied(target: str) -> set[str]:
    """Paths of the repository that a target's image holds."""
    rows = [line.split()[1:-1] for line in stages()[f"{target}-packages"] if line.startswith("COPY ")]
    return {path for row in rows for path in row if not path.startswith("deploy/images/")}


@cache
def imports() -> grimp.ImportGraph:
    return grimp.build_graph(
        "services", "shared", "deploy", include_external_packages=True, exclude_type_checking_imports=True,
        cache_dir=None,
    )  # fmt: skip


def modules(paths: set[str]) -> set[str]:
    """The modules of some paths."""
    names = {path.removesuffix(".py").removesuffix("/__init__").replace("/", ".") for path in paths}
    whole = {path.replace("/", ".") for path in paths if not path.endswith(".py")}
    return {m for m in imports().modules if m in names or any(m.startswith(f"{name}.") for name in whole)}


@pytest.mark.parametrize("target", EXTRAS)
def test_an_image_holds_one_service_and_shared(target: str) -> None:
    assert copied(target) == CODE[target]
    assert all((ROOT / path).exists() for path in copied(target))


def test_whatever_is_copied_reaches_the_builder() -> None:
    """A path that `.dockerignore` keeps back ends every build, and no other test but `make compose-smoke` builds."""
    ignored = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and not line.startswith("#")]
    context = set(exclude_paths(str(ROOT), ignored))
    rows = (
        line.split()[1:-1] for line in DOCKERFILE.splitlines() if line.startswith("COPY ") and "--from=" not in line
    )
    assert {path for row in rows for path in row} - context == set()


@pytest.mark.parametrize("target", EXTRAS)
def test_everything_its_code_imports_is_inside(target: str) -> None:
    inside, graph, distributions = modules(copied(target)), imports(), packages_distributions()
    needed = {found for module in inside for found in graph.find_modules_directly_imported_by(module)}
    ours = {m for m in needed if m.split(".")[0] in ("services", "shared", "deploy")}
    assert ours - inside == set()
    packages = {m.split(".")[0] for m in needed - ours} & distributions.keys() - OPTIONAL
    names = {name.lower().replace("_", "-") for package in packages for name in distributions[package][:1]}
    assert len(names) > 5
    assert names - set(packages_of(target)) == set()


@pytest.mark.parametrize("target", EXTRAS)
def test_its_list_is_what_pyproject_asks_for_and_every_package_is_locked_by_hash(target: str) -> None:
    assert list_of(target).read_text() == text_of(target), "run 'make docs'"
    lock = picked(list_of(target).read_text(), LOCK)
    assert set(blocks(lock)) == set(packages_of(target))
    assert all("--hash=sha256:" in block for block in blocks(lock).values())


def test_nothing_of_the_stand_ins_the_tests_or_another_service_is_in_a_list() -> None:
    lists = {target: set(packages_of(target)) for target in EXTRAS}
    for target, names in lists.items():
        assert not names & {"pytest", "mypy", "ruff", "confluent-kafka", "nx-27017", "testcontainers", "motor"}, target
    assert "holidays" in lists["matching"] - lists["registration"] - lists["notifications"]
    assert {"jinja2", "aiosmtplib"} <= lists["notifications"] - lists["registration"] - lists["matching"]
    assert "typer" in lists["terminal"] - lists["registration"]


def test_a_package_that_is_not_locked_ends_the_build(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"not in requirements\.lock: unheard-of"):
        picked("fastapi\nunheard-of\n", LOCK)


@pytest.mark.parametrize("target", EXTRAS)
def test_an_image_is_made_from_hashes_and_runs_as_nobody_in_particular(target: str) -> None:
    built, run = stages()[f"{target}-packages"], stages()[target]
    assert any(f"pick.py {target} && $INSTALL -r /build/{target}.lock" in line for line in built)
    (install,) = (line for line in stages()["tools"] if line.startswith("ENV INSTALL"))
    assert "--require-hashes" in install
    assert "--only-binary :all:" in install
    assert "--no-deps" not in install, "pip must see that nothing is missing"
    parent = stages()[run[0].split()[1]]
    users = [line for line in [*parent, *run] if line.startswith("USER")]
    assert users == ["USER 10001:10001"]
    assert not any(line.startswith(("COPY", "ADD")) and "--from" not in line for line in run)
