"""Which worker of a run takes which tests."""

from __future__ import annotations

import os

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

ONE_AFTER_ANOTHER = ("tests/real/cluster/", "tests/e2e/test_kill.py")
"""Files that keep both cores busy on real servers. Side by side they took 300 to 450 s each where one alone takes 50 to
100 (two cores, MongoDB emulated): what answers too late is asked again, and that is more work."""


class ByFile(LoadFileScheduling):  # type: ignore[misc]
    """A worker takes a file whole, and one of them takes all that are to run one after another."""

    def _split_scope(self, nodeid: str) -> str:
        return "one after another" if nodeid.startswith(ONE_AFTER_ANOTHER) else str(super()._split_scope(nodeid))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByFile | None:
    """On stand-ins xdist's own: nothing is emulated there, and three workers end sooner."""
    real = os.environ.get("ENTENTE_SERVERS", "embedded") != "embedded"
    return ByFile(config, log) if real and config.option.dist == "loadfile" else None
