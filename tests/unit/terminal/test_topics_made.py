"""A broker that makes topics by itself is a finding: what it makes is not what the contracts want."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, Self

import pytest
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from deploy.terminal.looks import kafka
from deploy.terminal.looks.finding import State
from deploy.terminal.looks.kafka import look_at_kafka, makes_topics
from deploy.terminal.settings import TerminalSettings
from shared.messaging.topics import Topics

ON, OFF = {"auto.create.topics.enable": "true"}, {"auto.create.topics.enable": "false"}


def test_a_broker_that_makes_topics_by_itself_is_told_with_its_mend() -> None:
    assert makes_topics({}) == makes_topics({"1": OFF, "2": {}}) == []
    (told,) = makes_topics({"3": ON, "1": ON, "2": OFF})
    assert told.state is State.WRONG
    assert "auto.create.topics.enable is true on broker 1, 3" in told.what
    assert "auto.create.topics.enable=false" in told.mend


class StockKafka:
    """Two brokers of which each tells its own settings, and the second makes topics."""

    def __init__(self, *_: Any) -> None: ...

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None: ...

    async def describe_cluster(self) -> dict[str, Any]:
        return {"brokers": [{"node_id": 1}, {"node_id": 2}]}

    async def describe_topics(self) -> list[Any]:
        return []

    async def describe_configs(self, asked: list[ConfigResource]) -> list[Any]:
        assert {resource.resource_type for resource in asked} == {ConfigResourceType.BROKER}
        rows = [
            {
                "resource_name": name,
                "error_code": 0,
                "config_entries": [{"config_names": key, "config_value": value} for key, value in settings.items()],
            }
            for name, settings in zip((resource.name for resource in asked), (OFF, ON), strict=True)
        ]
        return [SimpleNamespace(to_object=lambda row=row: {"resources": [row]}) for row in rows]


async def test_each_broker_is_asked_whether_it_does(monkeypatch: pytest.MonkeyPatch) -> None:
    async def sound(_: Topics) -> list[Any]:
        return []

    monkeypatch.setattr(kafka, "Admin", StockKafka)
    monkeypatch.setattr(Topics, "plan", sound)
    found = await look_at_kafka(TerminalSettings(kafka=["kafka:9092"], mongodb="mongodb://127.0.0.1:9"))
    assert [finding.what for finding in found if finding.state is State.WRONG] == [
        makes_topics({"2": ON})[0].what,
    ]
