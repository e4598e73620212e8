"""A run ends with a report whatever becomes of its audit, and a kill counts when it has fallen."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from pymongo.errors import AutoReconnect

from deploy.embedded.stack import Stack
from tests.chaos import run, servers
from tests.chaos.cases import Cases
from tests.chaos.killing import Killer
from tests.chaos.plan import PRIMARY, Kill, Plan, replicas
from tests.support.copies import STORE
from tests.support.real_cluster import RealCluster


class Cluster:
    """Of one store member, which is there or not."""

    brokers = ("kafka-1",)
    kafka = mongodb = "unused:1"

    def __init__(self, *, there: bool = True) -> None:
        self.there = there

    def kill(self, _node: str) -> bool:
        return self.there

    def revive(self) -> None:
        self.there = True


class Idle(SimpleNamespace):
    """A load without a case."""

    def states_now(self) -> Counter[str]:
        return Counter({"approved": 2})


async def nothing(*_: object) -> None:
    """Return at once."""


@pytest.fixture
def killer(monkeypatch: pytest.MonkeyPatch) -> Killer:
    async def primary(*_: object) -> str:
        return "mongo-1"

    monkeypatch.setattr(servers, "whole", nothing)
    monkeypatch.setattr(servers, "node_of", primary)
    return Killer(Plan(1), cast("Stack", None), cast("RealCluster", Cluster()), cast("Cases", Idle(steps=3)))


KILL = Kill(at=1, after=0.0, victim=PRIMARY, down=0.0)


async def test_a_server_that_was_killed_counts_with_its_instant_and_that_of_its_return(killer: Killer) -> None:
    await killer._server(KILL)
    assert killer.fallen.servers == {PRIMARY: 1}
    (kill,) = killer.fallen.moments
    assert kill.victim == STORE
    assert 0 < kill.at <= kill.back
    assert killer.fallen.log[0]["states"] == {"approved": 2}


async def test_a_kill_that_did_not_fall_is_an_error_and_counts_for_nothing(killer: Killer) -> None:
    killer._cluster = cast("RealCluster", Cluster(there=False))
    with pytest.raises(AssertionError, match="mongo-1 was down before its kill"):
        await killer._server(KILL)
    assert killer.fallen.servers.total() == 0
    assert killer.fallen.moments == []
    assert killer.fallen.log == []


async def test_an_audit_that_does_not_end_is_told_in_the_report(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async def away(*_: object) -> Any:
        raise AutoReconnect("connection closed")

    class NoStack:
        issuer = "http://unused"
        urls = dict.fromkeys(replicas(), "http://unused")

        async def __aenter__(self) -> NoStack:
            return self

        async def __aexit__(self, *_: object) -> None:
            await asyncio.sleep(0)

    monkeypatch.setattr(run, "os", SimpleNamespace(environ={}))
    monkeypatch.setattr(run, "eventually", lambda *_, **__: nothing())
    monkeypatch.setattr(run, "stack_of_replicas", lambda _: NoStack())
    monkeypatch.setattr(Cases, "open_world", nothing)
    monkeypatch.setattr(servers, "whole", nothing)
    monkeypatch.setattr(servers, "writes_so_far", nothing)

    async def no_fire(*_: object) -> list[str]:
        return []

    monkeypatch.setattr(run, "_under_fire", no_fire)
    monkeypatch.setattr(run, "_at_rest", away)
    report = await run.run(Plan(1, requests=1, kills=0), cast("RealCluster", Cluster()), tmp_path, lambda _: None)
    assert report["why_no_pass"][0] == "the audit did not end: AutoReconnect: connection closed"
    assert not report["ok"]
    assert report["figures"]["calls"] == 0
