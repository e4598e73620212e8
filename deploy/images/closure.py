"""Which packages an image needs: pyproject.toml's dependencies with one extra, and everything they need in turn."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from deploy.embedded.process import ROOT

EXTRAS: dict[str, str | None] = {
    "registration": "registration",
    "matching": "matching",
    "notifications": "notifications",
    "terminal": "terminal",
    "identity": None,
}
"""Target of deploy/Dockerfile -> the extra of pyproject.toml it has beside the common dependencies."""

MACHINES = ("x86_64", "aarch64")
"""Images are for Linux on either. What only one of them needs is in the list; its marker in the lock then decides."""


def packages_of(target: str) -> list[str]:
    """The packages of an image, sorted. KeyError for an unknown target; LookupError where one is not installed here."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extra = EXTRAS[target]
    wanted = [*project["dependencies"], *(project["optional-dependencies"][extra] if extra else ())]
    return sorted(_closure(map(Requirement, wanted)))


def list_of(target: str) -> Path:
    """The committed list of a target."""
    return Path(__file__).with_name(f"{target}.txt")


def text_of(target: str) -> str:
    """The list as it should be."""
    return "\n".join(packages_of(target)) + "\n"


def _closure(wanted: Iterable[Requirement]) -> set[str]:
    found: set[tuple[str, frozenset[str]]] = set()
    open_ = list(wanted)
    while open_:
        requirement = open_.pop()
        place = (canonicalize_name(requirement.name), frozenset(requirement.extras))
        if place not in found:
            found.add(place)
            open_ += _needed(requirement)
    return {name for name, _ in found}


def _needed(requirement: Requirement) -> Iterator[Requirement]:
    """What one package needs on Linux, with the extras it is asked for."""
    try:
        rows = requires(requirement.name) or []
    except PackageNotFoundError:
        raise LookupError(f"{requirement.name} is not installed: run 'make setup'") from None
    for needed in map(Requirement, rows):
        marker = needed.marker
        environments = [_environment(machine, extra) for machine in MACHINES for extra in ("", *requirement.extras)]
        if marker is None or any(marker.evaluate(environment) for environment in environments):
            yield needed


def _environment(machine: str, extra: str) -> dict[str, str]:
    here = {name: str(value) for name, value in default_environment().items()}
    linux = {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix", "platform_machine": machine}
    python = {"python_version": "3.11", "python_full_version": "3.11.0", "implementation_name": "cpython"}
    return {**here, **linux, **python, "platform_python_implementation": "CPython", "extra": extra}
