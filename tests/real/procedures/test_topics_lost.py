"""Kafka lost its topics: they are made again as the runbook says, a new case works, and the audit says what is lost."""

from __future__ import annotations

import pytest

from deploy.audit.evidence import read_topics
from deploy.services import SERVICES
from shared.contracts.topics import REQUESTS, TOPICS
from tests.real.procedures.rehearsal import GONE, Rehearsal, gone, written
from tests.support.real_servers import empty_topics

pytestmark = [pytest.mark.real, pytest.mark.long, pytest.mark.stand_ins, pytest.mark.timeout(480)]


async def test_topics_that_were_lost_are_made_again_and_a_new_case_works(rehearsal: Rehearsal) -> None:
    it = rehearsal
    await it.load.submit(2)
    await it.load.whole_cases(1)
    await it.at_rest()
    await it.stop("matching")
    await it.load.submit(1, first=2)
    known, unread = it.load.tally.requests[1], it.load.tally.requests[2]
    await it.published(unread)
    before = [record for record in await read_topics([it.stack.kafka]) if TOPICS[record.topic].contiguous]
    assert unread in {record.key for record in before}

    await it.stop("registration", "notifications")
    await empty_topics(it.stack.kafka)
    assert "is missing" in (await it("entente topics plan")).out
    await it.done("entente topics apply")
    await it.start(*SERVICES)
    for line in (await it.done(written("Kafka is away", "republish"))).splitlines():
        count, of = (int(word) for word in line.split() if word.isdigit())
        assert (count, of > 0) == (of, True), line
    await it.silent("unread")
    assert await it.parked() == {}

    await it.load.submit(2, first=3)
    await it.load.whole_cases(2, first=3)
    await it.at_rest()
    assert await it.parked() == {}, "what goes on where it stood has no gap"
    findings = (await it.terminal.json("audit", "--most", "10000", exit_code=1))["findings"]
    assert set(findings) <= {"lost", "pending"}
    assert {line for line in findings["lost"] if GONE in line} == {gone(record) for record in before}

    await it.approve(known)
    await it.approve(unread)
    await it.published(known, unread)
    await it.silent("unread")
    (parked,) = (await it.parked()).values()
    assert (parked["group"], parked["key"], parked["reason"]) == ("matching.requests", unread, "sequence gap")
    taken_up = [r.sequence for r in await read_topics([it.stack.kafka], [REQUESTS.name]) if r.key in (known, unread)]
    assert taken_up == [2, 2]
    await it.done("entente backup --to new")
