"""Logs carry ids: whatever happens to the mails of a whole case, no line names a person or an address."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import timedelta

import pytest

from services.notifications.application.ports import Mail
from tests.component.notifications.world import CAST, World
from tests.support.logs import logged
from tests.support.notified_events import SAMPLES


@pytest.fixture
def out() -> Iterator[io.StringIO]:
    """What the service logs, at its most talkative, as in production."""
    with logged(level="debug") as stream:
        yield stream


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
