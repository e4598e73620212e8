"""A run that insists on real servers and has none ends with exit code 3 and the line that mends it."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from deploy.embedded.process import ROOT
from tests.support.real_cluster import NoServer
from tests.support.real_servers import KAFKA_IMAGE, MEND, NO_IMAGE, ByContainers

NOBODY = "tcp://127.0.0.1:9"


@pytest.mark.parametrize("workers", ["0", "3"])
@pytest.mark.parametrize(
    ("given", "line"), [({}, MEND), ({"ENTENTE_STACK": sys.executable}, "ended with")], ids=["none", "a bad script"]
)
def test_it_ends_at_once_and_says_what_to_do(workers: str, given: dict[str, str], line: str) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ENTENTE_", "PYTEST_", "COV_"))}
    made = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-n",
            workers,
            "-p",
            "no:cacheprovider",
            "tests/unit/house/test_header.py",
        ],
        cwd=ROOT,
        env={**kept, "ENTENTE_SERVERS": "real", "DOCKER_HOST": NOBODY, **given},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert made.returncode == 3, made.stdout + made.stderr
    assert line in made.stdout + made.stderr
    assert (made.stdout + made.stderr).count("Not properly terminated") <= 1


def test_an_engine_without_the_images_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    from docker.errors import ImageNotFound

    def not_found(_: object) -> None:
        raise ImageNotFound(f"No such image: {KAFKA_IMAGE}")

    monkeypatch.setattr(ByContainers, "_start", not_found)
    with pytest.raises(NoServer) as refused:
        ByContainers()
    assert str(refused.value).startswith(NO_IMAGE)
