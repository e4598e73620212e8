"""A broker that goes away in the middle of a read, and a group that nobody coordinates: a clear end, not silence."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import GroupCoordinatorNotAvailableError

from deploy.audit.progress import committed_by
from deploy.audit.reading import scan
from deploy.embedded import broker
from deploy.embedded.process import Child, Spec
from shared.contracts.topics import REQUESTS
from shared.messaging import standstill
from shared.messaging.errors import BrokerAway
from shared.messaging.options import KafkaOptions
from shared.messaging.replay import reader_of
from tests.support.terminal import Terminal

pytestmark = [pytest.mark.stand_ins, pytest.mark.timeout(120)]
SECONDS = 2.0
LARGE = b" " * 900_000
"""A fetch brings one such record: the client asks for a megabyte of a partition at a time."""
RECORDS = 4


@pytest.fixture
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Child]:
    """A broker that is this test's to kill."""
    monkeypatch.setattr(standstill, "STANDSTILL_SECONDS", SECONDS)
    child = Child(
        Spec("broker", broker.command([REQUESTS.name]), lambda it: it.announced("kafka") is not None), tmp_path
    )
    child.start()
    child.wait_ready(30)
    yield child
    child.kill()


def address_of(child: Child) -> str:
    address = child.announced("kafka")
    assert address
    return address


async def filled(kafka: str) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=kafka, max_request_size=2_000_000)
    await producer.start()
    for _ in range(RECORDS):
        await producer.send_and_wait(REQUESTS.name, LARGE, key=b"req_1", partition=0)
    await producer.stop()


async def test_an_audit_whose_broker_goes_away_in_the_middle_ends(alone: Child) -> None:
    kafka = address_of(alone)
    await filled(kafka)
    read: list[int] = []

    def keep(record: Any) -> None:
        read.append(record.offset)
        alone.kill()

    began = time.monotonic()
    with pytest.raises(BrokerAway, match=r"registration\.requests: no record for 2 s"):
        await scan([kafka], [REQUESTS.name], keep)
    assert 0 < len(read) < RECORDS
    assert time.monotonic() - began < 20 * SECONDS


async def test_a_rebuild_whose_broker_goes_away_in_the_middle_ends(alone: Child) -> None:
    kafka = address_of(alone)
    await filled(kafka)
    read: list[int] = []

    async def rebuild() -> None:
        async for batch in reader_of(KafkaOptions(addresses=(kafka,), client_id="sample"))(REQUESTS):
            read.append(len(batch))
            alone.kill()

    with pytest.raises(BrokerAway, match=r"registration\.requests: no record for 2 s"):
        await rebuild()
    assert 0 < sum(read) < RECORDS


async def test_a_group_that_nobody_coordinates_is_asked_no_longer(
    alone: Child, monkeypatch: pytest.MonkeyPatch
) -> None:
    kafka = address_of(alone)
    assert await committed_by([kafka], "matching.requests", REQUESTS.name) == {}

    async def nobody(*_: Any) -> None:
        raise GroupCoordinatorNotAvailableError

    monkeypatch.setattr(AIOKafkaClient, "coordinator_lookup", nobody)
    with pytest.raises(BrokerAway, match=r"how far matching\.requests has come: no answer for 2 s"):
        await committed_by([kafka], "matching.requests", REQUESTS.name)
    code, line = await Terminal({"ENTENTE_KAFKA": kafka, "ENTENTE_MONGODB": "mongodb://127.0.0.1:9"}).refused("audit")
    assert code == 3
    assert "not reachable" in line


class Ahead:
    """A clock that the reader's own work moves on."""

    def __init__(self) -> None:
        self.by = 0.0

    def monotonic(self) -> float:
        return time.monotonic() + self.by


async def test_a_read_that_is_kept_by_its_reader_does_not_stand_still(
    alone: Child, monkeypatch: pytest.MonkeyPatch
) -> None:
    kafka, clock = address_of(alone), Ahead()
    await filled(kafka)
    monkeypatch.setattr(standstill, "time", clock)
    read = 0
    async for batch in reader_of(KafkaOptions(addresses=(kafka,), client_id="sample"))(REQUESTS):
        clock.by += 2 * SECONDS
        read += len(batch)
    assert read == RECORDS
