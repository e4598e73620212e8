"""How the members of groups are asked for on a real broker, whose answer for several groups aiokafka misreads."""

from __future__ import annotations

from typing import Any, Self

import pytest
from aiokafka.errors import GroupCoordinatorNotAvailableError
from aiokafka.protocol.admin import DescribeGroupsResponse_v2, DescribeGroupsResponse_v3

from deploy.audit.expectations import GROUPS
from deploy.terminal.looks import consumers


def group(name: str) -> tuple[Any, ...]:
    """A group with one member, as version 3 tells it."""
    return (0, name, "Stable", "consumer", "roundrobin", [("m", "c", "/h", b"", b"")], -2147483648)


class FakeAdmin:
    """A broker that answers in version 3, read the way aiokafka 0.14 reads it."""

    def __init__(self, addresses: list[str]) -> None:
        del addresses

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None: ...

    async def describe_consumer_groups(self, names: list[str]) -> list[Any]:
        told = DescribeGroupsResponse_v3(0, [group(name) for name in names]).encode()
        return [DescribeGroupsResponse_v2.decode(told)]


async def test_every_group_is_told_with_its_members(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumers, "Admin", FakeAdmin)
    assert await consumers._membership(["kafka:9092"]) == dict.fromkeys(GROUPS, (1, "Stable"))


async def test_several_groups_at_once_would_be_misread() -> None:
    with pytest.raises(ValueError, match="underrun"):
        await FakeAdmin([]).describe_consumer_groups(list(GROUPS))


class NewKafka(FakeAdmin):
    """A broker that nobody has used yet: the first answers name no coordinator, by an error or by a code."""

    left = 0

    async def describe_consumer_groups(self, names: list[str]) -> list[Any]:
        NewKafka.left -= 1
        if NewKafka.left == 1:
            raise GroupCoordinatorNotAvailableError
        answers = await super().describe_consumer_groups(names)
        if NewKafka.left == 0:
            told = [(GroupCoordinatorNotAvailableError.errno, *group(names[0])[1:])]
            return [DescribeGroupsResponse_v2.decode(DescribeGroupsResponse_v3(0, told).encode())]
        return answers


async def test_a_kafka_that_makes_its_topic_of_offsets_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumers, "Admin", NewKafka)
    monkeypatch.setattr(NewKafka, "left", 2)
    assert await consumers._membership(["kafka:9092"]) == dict.fromkeys(GROUPS, (1, "Stable"))


async def test_one_that_never_has_a_coordinator_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumers, "Admin", NewKafka)
    monkeypatch.setattr(NewKafka, "left", 2)
    monkeypatch.setattr(consumers, "MADE_WITHIN", 0)
    with pytest.raises(GroupCoordinatorNotAvailableError):
        await consumers._membership(["kafka:9092"])
