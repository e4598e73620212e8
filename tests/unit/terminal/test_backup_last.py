"""The last record before an offset: by it a topic that was made anew is told, however long it has become."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiokafka import TopicPartition

from deploy.terminal.backups import last, offsets, restoring
from deploy.terminal.backups.file import FORMAT, Head, Whole
from deploy.terminal.backups.last import lasts_before, other, told_by
from deploy.terminal.failing import Failed
from deploy.terminal.settings import TerminalSettings
from shared.messaging import reading

KAFKA, GROUP, TOPIC = ["kafka:9092"], "notifications.teams", "matching.teams"


@dataclass
class Record:
    offset: int = 0
    key: bytes | None = b"team_1"
    value: bytes | None = b"{}"
    headers: list[tuple[str, bytes]] = field(default_factory=list)


def said(offset: int) -> Record:
    return Record(offset, headers=[("event_id", f"evt_{offset}".encode())])


class Consumer:
    """Of one topic whose partitions hold these records; counts what it hands out."""

    def __init__(self, partitions: list[list[Record]], beginnings: list[int]) -> None:
        self._partitions, self._beginnings = partitions, beginnings
        self._client = self
        self._at: dict[TopicPartition, int] = {}
        self.read = 0

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    async def set_topics(self, _: Any) -> None: ...

    def partitions_for_topic(self, _: str) -> set[int]:
        return set(range(len(self._partitions)))

    async def beginning_offsets(self, places: list[TopicPartition]) -> dict[TopicPartition, int]:
        return {place: self._beginnings[place.partition] for place in places}

    async def end_offsets(self, places: list[TopicPartition]) -> dict[TopicPartition, int]:
        return dict.fromkeys(places, 9)

    def assign(self, places: list[TopicPartition]) -> None:
        self._at = dict.fromkeys(places, 0)

    def seek(self, place: TopicPartition, at: int) -> None:
        self._at[place] = at

    async def position(self, place: TopicPartition) -> int:
        return self._at[place]

    async def getmany(self, *places: TopicPartition, timeout_ms: int, max_records: int) -> dict[Any, list[Record]]:
        for place in places:
            if found := [r for r in self._partitions[place.partition] if r.offset >= self._at[place]][:max_records]:
                self._at[place] = found[-1].offset + 1
                self.read += len(found)
                return {place: found}
        return {}


async def test_one_record_of_each_partition_tells_it(monkeypatch: pytest.MonkeyPatch) -> None:
    compacted = [said(1), said(7)]
    consumer = Consumer([[said(n) for n in range(9)], compacted, [said(8)], [said(n) for n in range(9)]], [0, 0, 8, 0])
    monkeypatch.setattr(last, "AIOKafkaConsumer", lambda *_, **__: consumer)
    assert await lasts_before(KAFKA, {TOPIC: [5, 5, 5, 0]}) == {TOPIC: ["evt_4", None, None, None]}
    assert consumer.read == 2


async def test_a_record_that_does_not_come_is_waited_for_no_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    async def nothing(*_: Any) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(reading, "arrival", nothing)
    monkeypatch.setattr(last, "READ_WITHIN", 0.0)
    monkeypatch.setattr(last, "AIOKafkaConsumer", lambda *_, **__: Consumer([[]], [0]))
    assert await lasts_before(KAFKA, {TOPIC: [9]}) == {TOPIC: [None]}


def test_a_record_is_told_by_its_event_else_by_what_is_in_it() -> None:
    assert told_by(said(3)) == "evt_3"
    different = [Record(), Record(key=b"team_2"), Record(value=b"[]"), Record(value=None), Record(key=None)]
    assert len({told_by(record) for record in different}) == len(different)
    assert told_by(Record(offset=1)) == told_by(Record(offset=2))


def test_only_what_is_known_on_both_sides_is_compared() -> None:
    assert other(["a", "b", None, "d", None], ["a", "x", "c", None, None]) == [1]


@pytest.fixture
def topic(monkeypatch: pytest.MonkeyPatch) -> list[str | None]:
    """The topic as it is now: longer than ever, with these records before the offsets."""
    now: list[str | None] = ["evt_1", "evt_2"]

    async def ends_now(*_: Any) -> dict[str, list[int]]:
        return {TOPIC: [90, 90]}

    async def lasts_now(*_: Any) -> dict[str, list[str | None]]:
        return {TOPIC: now}

    monkeypatch.setattr(offsets, "ends_of", ends_now)
    monkeypatch.setattr(offsets, "lasts_before", lasts_now)
    return now


async def places_checked(*kept: str | None) -> None:
    lasts = {GROUP: {TOPIC: list(kept)}} if kept else {}
    await offsets.check_places(KAFKA, {GROUP: {TOPIC: [7, 4]}}, lasts)


async def test_a_topic_that_was_made_anew_and_is_longer_now_is_refused(topic: list[str | None]) -> None:
    topic[1] = "evt_of_another_life"
    with pytest.raises(Failed, match=r"another record before offset 4 of partition 1, .*made anew.*runbook"):
        await places_checked("evt_1", "evt_2")


async def test_what_cannot_be_compared_is_accepted_on_the_lengths(topic: list[str | None]) -> None:
    await places_checked("evt_1", "evt_2")
    await places_checked("evt_1", None)
    topic[0] = None
    await places_checked("evt_1", "evt_2")
    topic[0] = "evt_of_another_life"
    await places_checked()


OWN: dict[str, list[int]] = {TOPIC: [7, 4]}


async def test_the_services_own_topic_that_was_made_anew_is_refused_however_long(topic: list[str | None]) -> None:
    await offsets.check_own(KAFKA, OWN, {TOPIC: ["evt_1", "evt_2"]})
    topic[0] = "evt_of_another_life"
    with pytest.raises(Failed, match=r"before offset 7 of partition 0, where it ended when .* taken: .*made anew"):
        await offsets.check_own(KAFKA, OWN, {TOPIC: ["evt_1", "evt_2"]})
    await offsets.check_own(KAFKA, OWN, {})


async def test_the_services_own_topic_that_ends_before_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    async def ends_now(*_: Any) -> dict[str, list[int]]:
        return {TOPIC: [7, 3]}

    monkeypatch.setattr(offsets, "ends_of", ends_now)
    with pytest.raises(Failed, match=r"matching.teams ends at \[7, 3\], before \[7, 4\] where it ended when .*runbook"):
        await offsets.check_own(KAFKA, OWN, {})


@pytest.mark.parametrize("look_only", [True, False])
async def test_a_restore_looks_at_own_and_at_consumed_topics_before_it_changes_anything(
    look_only: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The scenario: nobody of the service consumes registration.experts, and it was deleted and made anew."""
    head = Head(
        format=FORMAT,
        service="registration",
        database="registration",
        taken_at="",
        groups={},
        ends={"registration.experts": [3]},
        own_lasts={"registration.experts": ["evt_3"]},
        announces=[],
    )

    async def asked(_: Any, places: Any) -> Any:
        return {topic: [9] if topic in head.ends else [] for topic in places}

    async def lasts_now(_: Any, places: Any) -> Any:
        return {topic: ["evt_of_another_life"] for topic in places}

    async def stopped(*_: Any) -> None: ...

    monkeypatch.setattr(offsets, "ends_of", asked)
    monkeypatch.setattr(offsets, "lasts_before", lasts_now)
    monkeypatch.setattr(restoring, "check", lambda _: Whole(head=head, counts={}, sha256="0"))
    monkeypatch.setattr(restoring, "documents_of", lambda _: [])
    monkeypatch.setattr(restoring, "_stopped", stopped)
    settings = TerminalSettings(kafka=KAFKA, mongodb="mongodb://127.0.0.1:9")
    with pytest.raises(Failed, match=r"registration\.experts holds another record"):
        await restoring.restore(settings, Path("sample.backup"), None, verify=False, look_only=look_only)
