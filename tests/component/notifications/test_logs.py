"""Logs carry ids: whatever happens to the mails of a whole case, no line names a person or an address."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from datetime import timedelta

import pytest
import structlog

from services.notifications.application.ports import Mail
from shared.runtime.logging import configure
from tests.component.notifications.world import CAST, World
from tests.support.notified_events import SAMPLES


@pytest.fixture
def out() -> Iterator[io.StringIO]:
    """What the service logs, at its most talkative, as in production."""
    root = logging.getLogger()
    before = (root.handlers[:], root.level)
    stream = io.StringIO()
    configure("json", "debug", stream=stream)
    yield stream
    root.handlers[:], root.level = before
    structlog.reset_defaults()


async def test_no_line_names_a_person_whatever_happens(out: io.StringIO, world: World) -> None:
    await world.recorded(*CAST)
    send = world.mailer.send
    world.mailer.refused.add("per_manager@people.example")

    async def breaks(mail: Mail) -> None:
        if mail.to_address.startswith("per_pool"):
            raise RuntimeError(f"{mail.to_address} cannot be encoded")
        await send(mail)

    world.mailer.send = breaks  # type: ignore[method-assign]
    for event in SAMPLES:
        await world.happens(event)
    await world.settled()
    world.mailer.down = True
    for _ in range(6):
        await world.later(timedelta(minutes=6))
    await world.erased("exp_2")
    async with world.client() as client:
        await client.get("/inbox", headers=world.headers("expert", "exp_1", expert_id="exp_1"))

    said = out.getvalue()
    assert {"delivery.failed", "delivery.error"} <= {json.loads(line)["message"] for line in said.splitlines()}
    assert [person.name for person in CAST if person.name in said] == []
    assert "people.example" not in said
