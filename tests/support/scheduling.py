"""Which worker of a run takes which tests."""

from __future__ import annotations

import os

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

ONE_AFTER_ANOTHER = ("tests/real/cluster/", "tests/e2e/test_kill.py", "tests/e2e/test_demo.py")
"""Files that fill both cores by themselves on real servers, where MongoDB is emulated: 405 of the 930 s of processor
that the whole run takes alone. With three of them side by side it took 1,640: what answers too late is asked again."""


class ByFile(LoadFileScheduling):  # type: ignore[misc]
    """A worker takes a file whole, and one of them takes all that are to run one after another."""

    def _split_scope(self, nodeid: str) -> str:
        return "one after another" if nodeid.startswith(ONE_AFTER_ANOTHER) else str(super()._split_scope(nodeid))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByFile | None:
    """On stand-ins xdist's own: nothing is emulated there, and three workers end sooner."""
    real = os.environ.get("ENTENTE_SERVERS", "embedded") != "embedded"
    return ByFile(config, log) if real and config.option.dist == "loadfile" else None
