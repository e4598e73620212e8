"""The lines a test run prints first leave out nothing that it does not prove."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from tests.support import servers


def header(**given: str) -> list[str]:
    """Of a run with these ENTENTE_ variables, on servers given by their addresses."""
    config: Any = SimpleNamespace(option=SimpleNamespace(markexpr=""))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(servers, "_started", None)
        patched.setattr(servers, "_of_workers", None)
        for name in ("KAFKA", "MONGODB", "STACK", "CLUSTER"):
            patched.delenv(f"ENTENTE_{name}", raising=False)
        for name, value in given.items():
            patched.setenv(f"ENTENTE_{name}", value)
        return servers.pytest_report_header(config)


def test_clusters_are_told_with_their_stand_in_store_and_their_number_of_requests() -> None:
    real = {"KAFKA": "kafka:9092", "MONGODB": "mongodb://store"}
    (line,) = (it for it in header(**real, STACK="up") if it.startswith("tests/real/cluster: "))
    assert "killed broker keeps documents on the stand-in store" in line
    assert "requests (ENTENTE_REQUESTS; 100 where not set)" in line
    assert not [it for it in header(**real) if it.startswith("tests/real/cluster: ")]
    assert "NOT RUN: tests/real/cluster, which" in " ".join(header(**real))


def test_without_real_servers_it_says_what_stands_in() -> None:
    lines = header()
    assert len([it for it in lines if "embedded stand-in" in it]) == 2
    assert [it for it in lines if it.startswith("NOT RUN: tests/real, which need real servers")]
