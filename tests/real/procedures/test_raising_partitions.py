"""Scaling: partitions are raised between two cases as the runbook says, and what becomes of a key that was unread."""

from __future__ import annotations

import pytest
from aiokafka.partitioner import murmur2

from deploy.audit.evidence import read_topics
from deploy.services import SERVICES
from shared.contracts.topics import REQUESTS
from tests.real.procedures.rehearsal import Rehearsal, written
from tests.support.eventually import eventually
from tests.support.kills import at_rest
from tests.support.runbook import RUNBOOK

pytestmark = [pytest.mark.real, pytest.mark.long, pytest.mark.stand_ins, pytest.mark.timeout(480)]
BEFORE, RAISED = 6, 12
GROUP = "matching.requests"
LINE = written("Scaling", "kafka-topics.sh")
TO_OFFSET = written("NotReady", "--to-offset").splitlines()[1]
UNREAD = written("Scaling", "unread\n").strip()


async def stop_in_order(it: Rehearsal) -> None:
    """Steps 1 to 3."""
    await it.at_rest()
    await stop_when_read(it, "matching")
    await it.silent(UNREAD)
    await stop_when_read(it, "registration")
    await eventually(lambda: nothing_for(it, "notifications"), within=60, what="notifications have read all", every=0.5)
    await it.stop("notifications")
    while behind := await it.behind():
        for service in behind:
            await it.start(service)
            await stop_when_read(it, service)


async def stop_when_read(it: Rehearsal, service: str) -> None:
    await it.stop(service)
    while not await nothing_for(it, service):
        await it.start(service)
        await eventually(lambda: nothing_for(it, service), within=60, what=f"{service} has read all", every=0.5)
        await it.stop(service)


async def nothing_for(it: Rehearsal, service: str) -> bool:
    return service not in await it.behind()


async def raise_partitions(it: Rehearsal) -> None:
    """Steps 4 and 5, without the start."""
    said = await it.done(LINE)
    assert "rror" not in said, said
    await it.told(RAISED)
    assert await it.done("entente topics plan") == "11 topics, 0 differences\n"


def partition_of(key: str, partitions: int) -> int:
    """Where a client of ours puts it."""
    return int(murmur2(key.encode()) & 0x7FFFFFFF) % partitions


async def test_partitions_are_raised_between_two_cases_and_nothing_is_missed(rehearsal: Rehearsal) -> None:
    await rehearsal.load.submit(3)
    await rehearsal.load.whole_cases(2)
    await rehearsal.at_rest()
    await rehearsal.done("entente backup --to older")
    assert f"--partitions {RAISED}" in LINE
    await stop_in_order(rehearsal)
    await raise_partitions(rehearsal)
    await rehearsal.start(*SERVICES)
    await rehearsal.silent(UNREAD)
    assert await rehearsal.parked() == {}
    await rehearsal.load.submit(2, first=3)
    await rehearsal.load.whole_cases(3, first=2)
    await rehearsal.system.holds_good(within=150)
    assert await rehearsal.parked() == {}
    lies = {record.partition for record in await read_topics([rehearsal.stack.kafka]) if record.partition >= BEFORE}
    assert lies, "nothing has come to a new partition"
    await rehearsal.done("entente backup --to newer")
    for older in sorted((rehearsal.shell.folder / "older").iterdir()):
        refused = await rehearsal(f"entente restore {older.relative_to(rehearsal.shell.folder)} --look")
        assert (refused.code, "partitions" in refused.errors) == (4, True), refused
    for newer in sorted((rehearsal.shell.folder / "newer").iterdir()):
        await rehearsal.done(f"entente restore {newer.relative_to(rehearsal.shell.folder)} --look")


async def test_what_was_unread_is_parked_as_a_gap_and_goes_on_with_a_redrive(rehearsal: Rehearsal) -> None:
    """Partitions raised at the wrong moment, and step 6. Which of a key's two partitions is read first is chance: here
    matching is put behind what was unread, so that it meets the successor, and back."""
    it, numbers = rehearsal, iter(range(20))
    await it.at_rest()
    await it.stop("matching")
    while True:
        await it.load.submit(1, first=next(numbers))
        request = list(it.load.tally.requests.values())[-1]
        old = partition_of(request, BEFORE)
        if partition_of(request, RAISED) != old:
            break
    await it.published(*it.load.tally.requests.values())
    (unread,) = [r for r in await read_topics([it.stack.kafka], [REQUESTS.name]) if r.key == request]
    assert unread.partition == old
    await it.stop("registration", "notifications")
    await raise_partitions(it)
    place = {"GROUP": GROUP, "TOPIC": REQUESTS.name, "PARTITION": str(old)}
    await it.done(TO_OFFSET, BEHIND=str(unread.offset + 1), **place)
    await it.start("registration", "notifications")
    await it.approve(request)
    await it.published(request)
    _, moved = [r for r in await read_topics([it.stack.kafka], [REQUESTS.name]) if r.key == request]
    assert moved.partition == partition_of(request, RAISED)

    await it.start("matching")
    await it.silent(UNREAD)
    (parked,) = (await it.parked()).values()
    assert (parked["group"], parked["key"], parked["reason"], parked["waiting"]) == (GROUP, request, "sequence gap", 1)
    await it.stop("matching")
    await it.done(TO_OFFSET, BEHIND="0", **place)  # all on it was unread
    await it.start("matching")
    await it.silent(UNREAD)
    assert [row["waiting"] for row in (await it.parked()).values()] == [2]
    redrive = 'entente parked redrive $PARKED --reason "partitions were raised"'
    assert f"`{redrive}`" in RUNBOOK.read_text()
    assert await it.done(redrive, PARKED=parked["id"]) == "2 handled, 0 left\n"
    _, wrong = await at_rest(it.stack, it.load, ready_within=60, within=120)
    assert wrong == []
