"""NotReady, `partitions …`: a batch that a disk has spoilt is given up with Kafka's own tools, as the runbook says."""

from __future__ import annotations

import re
import signal
from collections import defaultdict
from pathlib import Path

import pytest

from deploy.audit.evidence import Record, read_topics
from shared.contracts.topics import REQUESTS
from tests.real.procedures.rehearsal import Rehearsal, gone, written
from tests.support.eventually import eventually
from tests.support.real_cluster import RealCluster

pytestmark = [pytest.mark.real, pytest.mark.long, pytest.mark.stand_ins, pytest.mark.timeout(480)]
BROKER, GROUP = "kafka-1", "matching.requests"
DUMP, TO_OFFSET = written("NotReady", "--to-offset").splitlines()
FROM_BATCH_TO_RECORDS = 61
"""Bytes of a batch before its first record; the checksum covers what is behind it."""


async def published_one_by_one(it: Rehearsal) -> tuple[Record, Record]:
    """Two requests that lie one behind the other on a partition, each in a batch of its own."""
    places: dict[int, list[Record]] = defaultdict(list)
    for number in range(7):  # on six partitions
        await it.load.submit(1, first=number)
        request = it.load.tally.requests[number]
        await it.published(request)
        (record,) = [r for r in await read_topics([it.stack.kafka], [REQUESTS.name]) if r.key == request]
        places[record.partition].append(record)
        if len(places[record.partition]) == 2:
            first, behind = places[record.partition]
            return first, behind
    raise AssertionError("seven requests on six partitions")


async def spoil(it: Rehearsal, cluster: RealCluster, log: Path, offset: int) -> None:
    """A bit of the batch at that offset turns over while its broker is down. The broker ends in order: after a crash it
    would look through its last segment and cut it off at the first batch that is not whole."""
    said = await it.done(DUMP.partition("|")[0], LOG=str(log))
    (position,) = re.findall(rf"^baseOffset: {offset} .*\bposition: (\d+) ", said, flags=re.MULTILINE)
    assert cluster.send(BROKER, signal.SIGTERM)
    await eventually(lambda: cluster.pid(BROKER) is None, within=60, what="the broker has ended", every=0.1)
    with log.open("r+b") as file:
        file.seek(int(position) + FROM_BATCH_TO_RECORDS)
        (byte,) = file.read(1)
        file.seek(-1, 1)
        file.write(bytes([byte ^ 1]))
    cluster.revive()


async def test_a_spoilt_batch_is_given_up_and_what_lies_behind_it_is_read(
    rehearsal: Rehearsal, cluster: RealCluster
) -> None:
    it = rehearsal
    await it.at_rest()
    await it.stop("matching")
    spoilt, behind = await published_one_by_one(it)
    await it.stop("registration", "notifications")  # with all of it read
    log = cluster.directory / BROKER / f"{REQUESTS.name}-{spoilt.partition}" / f"{0:020}.log"
    await spoil(it, cluster, log, spoilt.offset)
    await it.start("registration", "matching", "notifications")
    place = rf"cannot read {REQUESTS.name}, partition {spoilt.partition}, from offset {spoilt.offset} on"

    async def told() -> bool:
        said = (await it("ready $MATCHING")).out
        return bool(re.search(rf"^partitions {GROUP} \| {place}: CorruptRecordException", said, flags=re.MULTILINE))

    await eventually(told, within=60, what="matching says which partition it cannot read", every=0.5)
    assert await it.stack.is_ready("matching")
    assert await it.behind() == {"matching"}

    (bad,) = (await it.done(DUMP, LOG=str(log))).splitlines()
    base, last = (int(re.findall(rf"\b{name}: (\d+)", bad)[0]) for name in ("baseOffset", "lastOffset"))
    assert base == spoilt.offset
    names = {"GROUP": GROUP, "TOPIC": REQUESTS.name, "PARTITION": str(spoilt.partition), "BEHIND": str(last + 1)}
    refused = await it(TO_OFFSET, **names)
    assert "inactive" in refused.out + refused.errors, "a group with members is left alone"
    await it.stop("matching")
    await it.done(TO_OFFSET, **names)
    await it.start("matching")
    await it.silent("unread")
    await it.silent("ready $MATCHING")
    assert await it.parked() == {}

    audit = await it.terminal.json("audit", exit_code=1)
    (unreadable,) = audit["findings"]["unreadable"]
    assert f"{REQUESTS.name} {spoilt.partition}/{spoilt.offset}" in unreadable
    lost = [line for line in audit["findings"]["lost"] if line == gone(spoilt)]
    assert len(lost) == 1
    assert not [line for line in audit["findings"]["lost"] if behind.key in line]
    for request in (spoilt.key, behind.key):
        await it.approve(request)
        await it.published(request)
    await it.silent("unread")
    (parked,) = (await it.parked()).values()
    assert (parked["group"], parked["key"], parked["reason"]) == (GROUP, spoilt.key, "sequence gap")
