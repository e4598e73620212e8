"""How the members of groups are asked for on a real broker, whose answer for several groups aiokafka misreads."""

from __future__ import annotations

from typing import Any, Self

import pytest
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
