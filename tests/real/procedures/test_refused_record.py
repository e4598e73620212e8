"""OutboxRefused: a record that Kafka refuses for its size goes once the runbook's line has raised the topic's limit.

What is met here is a low limit and not a large record; `tests/real/test_too_large.py` has one over the usual limit.
"""

from __future__ import annotations

import pytest

from deploy.audit.evidence import read_topics
from shared.contracts.topics import INSTITUTIONS, REQUESTS
from tests.real.procedures.rehearsal import PAGE, Rehearsal, written
from tests.support.eventually import eventually

pytestmark = [pytest.mark.real, pytest.mark.long, pytest.mark.stand_ins, pytest.mark.timeout(300)]
LINE = written("OutboxRefused", "max.message.bytes")
LIMIT, BELOW_ANY_EVENT = "17825792", "100"


async def test_a_refused_record_is_named_and_goes_once_its_topic_takes_it(rehearsal: Rehearsal) -> None:
    assert LIMIT in LINE
    await rehearsal.done(LINE.replace(LIMIT, BELOW_ANY_EVENT), TOPIC=REQUESTS.name)
    await rehearsal.load.submit(1)
    (request,) = rehearsal.load.tally.requests.values()
    look = PAGE["OutboxRefused"].commands[0]

    async def named() -> bool:
        said = (await rehearsal(look)).out
        return f"requests/{request} on {REQUESTS.name}: " in said and "MessageSizeTooLargeError" in said

    await eventually(named, within=30, what="readiness names the document", every=0.5)
    (refused,) = rehearsal.logged("registration", "relay.refused")
    assert request in refused
    assert REQUESTS.name in refused
    assert "request.submitted" in refused
    others = [INSTITUTIONS.name]
    before = len(await read_topics([rehearsal.stack.kafka], others))
    said: int = (await rehearsal.terminal.json("republish", "--all", "institution"))["said"]
    assert said

    async def past_it() -> bool:
        return len(await read_topics([rehearsal.stack.kafka], others)) == before + said

    await eventually(past_it, within=30, what="what others say goes past it", every=0.5)
    assert not rehearsal.logged("registration", "relay.accepted"), "it still waits"
    await rehearsal.silent("unread")

    await rehearsal.done(LINE, TOPIC=REQUESTS.name)
    await eventually(
        lambda: rehearsal.logged("registration", "relay.accepted"), within=60, what="it goes within half a minute"
    )
    await rehearsal.silent("ready $REGISTRATION")
    await rehearsal.system.holds_good(within=120)
