"""Every subscriber is at-least-once, raw and bounded; the planted ones, as FastStream would have them, are caught."""

from __future__ import annotations

from pathlib import Path

import pytest
from faststream.kafka import KafkaBroker
from faststream.middlewares import AckPolicy
from pydantic import BaseModel

from shared.clock import ManualClock
from shared.contracts import topics
from shared.messaging.broker import make_broker
from shared.messaging.options import KafkaOptions
from shared.messaging.part import Messaging
from shared.store import MemoryDocuments
from tests.support.house_rules import SLEEPERS, broker_faults, sleep_faults, source_faults
from tests.support.messages import START, Effects, evaluations

OPTIONS = KafkaOptions(addresses=("kafka-1:9092", "kafka-2:9092", "kafka-3:9092"), client_id="matching")


class Model(BaseModel):
    n: int


def built() -> Messaging:
    messaging = Messaging("matching", OPTIONS, MemoryDocuments("parked"), ManualClock(START))
    messaging.listen(evaluations(Effects().handle, "one"), evaluations(Effects().handle, "two"))
    return messaging


def test_what_messaging_builds_keeps_the_rules() -> None:
    assert broker_faults(built().broker, "matching") == []


def test_two_subscriptions_of_one_concern_are_refused() -> None:
    with pytest.raises(ValueError, match="two subscriptions"):
        built().listen(evaluations(Effects().handle, "one"))


def test_three_addresses_stay_three() -> None:
    assert built().broker._connection_kwargs["bootstrap_servers"] == ["kafka-1:9092", "kafka-2:9092", "kafka-3:9092"]
    with pytest.raises(ValueError, match="comma list"):
        KafkaOptions(addresses=("kafka-1:9092,kafka-2:9092",), client_id="x")


def test_the_default_acknowledgement_is_caught() -> None:
    broker = KafkaBroker(["kafka:9092"], acks="all", enable_idempotence=True, allow_auto_create_topics=False)

    @broker.subscriber(topics.REQUESTS.name, group_id="matching.requests")
    async def planted(record: bytes) -> None: ...

    told = " | ".join(broker_faults(broker, "matching"))
    for fault in ("acknowledges by", "commits by itself", "earliest", "replies", "no batch subscriber", "raw records"):
        assert fault in told


def test_a_typed_batch_subscriber_is_caught() -> None:
    broker = make_broker(OPTIONS)

    @broker.subscriber(
        topics.REQUESTS.name,
        group_id="matching.requests",
        batch=True,
        max_records=200,
        ack_policy=AckPolicy.MANUAL,
        auto_offset_reset="earliest",
        no_reply=True,
    )
    async def planted(records: list[Model]) -> None: ...

    told = " | ".join(broker_faults(broker, "matching"))
    assert "does not take raw records" in told
    assert "typed" in told


def test_a_broker_with_kafkas_defaults_is_caught() -> None:
    told = " | ".join(broker_faults(KafkaBroker(["kafka:9092"]), "matching"))
    assert "idempotently" in told
    assert "makes topics" in told


@pytest.mark.parametrize(
    ("place", "line", "fault"),
    [
        ("services/matching/application/planted.py", "await broker.publish(b'')", ".publish()"),
        ("services/matching/entrypoints/planted.py", "await message.ack()", ".ack()"),
        ("shared/runtime/planted.py", "await consumer.commit()", ".commit()"),
        ("services/matching/adapters/planted.py", "AsyncMongoClient('mongodb://x')", "AsyncMongoClient()"),
        ("services/matching/planted.py", "faststream.kafka.KafkaBroker()", "KafkaBroker()"),
        ("shared/store/planted.py", "time.sleep(1)", "time.sleep()"),
        ("services/matching/application/planted.py", "datetime.now(UTC)", "datetime.now()"),
        ("services/matching/domain/planted.py", "date.today()", "date.today()"),
        ("services/matching/domain/planted.py", "new_id('x')", "new_id()"),
        ("shared/store/planted.py", "\n" * 300, "300 lines"),
    ],
)
def test_a_planted_source_is_caught(tmp_path: Path, place: str, line: str, fault: str) -> None:
    planted = tmp_path / place
    planted.parent.mkdir(parents=True)
    planted.write_text(line)
    assert [found for found in source_faults(tmp_path) if fault in found]


def test_the_sources_keep_the_rules() -> None:
    assert source_faults(Path(__file__).resolve().parents[3]) == []


@pytest.mark.parametrize(
    "line", ["await asyncio.sleep(0.01)", "time.sleep(1)", "await sleep(delay)", "await asyncio.sleep(delay=1)"]
)
def test_a_test_that_sleeps_is_caught(tmp_path: Path, line: str) -> None:
    unit = tmp_path / "tests" / "unit"
    unit.mkdir(parents=True)
    (unit / "test_calm.py").write_text("await asyncio.sleep(0)")
    assert [found for found in sleep_faults(tmp_path) if "test_calm" in found] == []
    (unit / "test_planted.py").write_text(line)
    assert [found for found in sleep_faults(tmp_path) if found.startswith("tests/unit/test_planted.py:1: ")]


def test_an_exception_that_nobody_needs_is_told(tmp_path: Path) -> None:
    assert sleep_faults(tmp_path) == [f"{place} does not sleep any more" for place in SLEEPERS]


def test_no_test_sleeps() -> None:
    assert sleep_faults(Path(__file__).resolve().parents[3]) == []
