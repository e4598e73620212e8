"""Many failed mails are tried again by one call: those that are meant, each once per call, a page at a time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from services.notifications.domain.delivery import State
from shared.contracts.events.experts import ExpertActivated
from shared.store import StoreAway
from tests.component.notifications.world import World, expert
from tests.support.notified_events import AT, sample

ACTIVATED = sample(ExpertActivated)
EXPERTS = [f"exp_{n}" for n in range(6)]


@pytest.fixture
async def failed(world: World) -> World:
    """Six mails that the mail server refused, an hour apart; it would take them now."""
    await world.recorded(*(expert(id_) for id_ in EXPERTS))
    world.mailer.refused |= {f"{id_}@people.example" for id_ in EXPERTS}
    for id_ in EXPERTS:
        await world.happens(ACTIVATED.model_copy(update={"expert_id": id_}))
        await world.settled()
        await world.later(timedelta(hours=1))
    world.mailer.refused.clear()
    return world


async def ask(world: World, key: str | None = None, **wanted: Any) -> dict[str, Any]:
    """The answer to one call, once the sender has done what it asks for."""
    headers = {**world.headers(), **({"Idempotency-Key": key} if key else {})}
    async with world.client() as client:
        answer = await client.post("/deliveries/retries", headers=headers, json=wanted)
    await world.settled()
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def sent_to(world: World) -> list[str]:
    """Who has had a mail."""
    return [mail.to_address.partition("@")[0] for mail in world.mailer.mails]


async def test_all_are_tried_again_under_their_old_ids(failed: World) -> None:
    before = {d.id for d in await failed.deliveries(state="failed")}
    answer = await ask(failed)
    assert (answer["looked_at"], answer["queued"], answer["next"]) == (6, 6, None)
    assert {mail.delivery_id for mail in failed.mailer.mails} == before
    assert {d.attempts for d in await failed.deliveries(channel="mail")} == {1}


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({"reason": "NO SUCH mailbox"}, EXPERTS),
        ({"reason": "451"}, []),
        ({"channel": "mail", "type": "expert_activated"}, EXPERTS),
        ({"channel": "inbox"}, []),
        ({"type": "offer"}, []),
        (
            {"since": (AT + timedelta(hours=2)).isoformat(), "until": (AT + timedelta(hours=4)).isoformat()},
            EXPERTS[2:4],
        ),
    ],
)
async def test_only_what_is_meant_is_tried_again(failed: World, wanted: dict[str, Any], expected: list[str]) -> None:
    answer = await ask(failed, **wanted)
    assert answer["queued"] == len(expected)
    assert sorted(sent_to(failed)) == expected


async def test_one_call_looks_at_a_page_and_says_where_the_next_goes_on(failed: World) -> None:
    failed.mailer.refused.add("exp_0@people.example")
    seen, after = [], None
    for _ in range(3):
        answer = await ask(failed, limit=2, **({"after": after} if after else {}))
        seen.append(answer["queued"])
        after = answer["next"]
    assert (seen, after) == ([2, 2, 2], None)
    assert sorted(sent_to(failed)) == EXPERTS[1:]
    (refused,) = await failed.deliveries(state="failed")
    assert refused.recipient == "exp_0"


async def test_a_repeat_under_its_key_tries_nothing_twice(failed: World) -> None:
    failed.mailer.refused.add("exp_0@people.example")
    first = await ask(failed, "k-1")
    attempts = failed.mailer.attempts
    assert await ask(failed, "k-1") == first
    assert failed.mailer.attempts == attempts, "what failed anew is another call's"
    await ask(failed, "k-2")
    assert failed.mailer.attempts == attempts + 1
    assert await ask(failed, "k-1") == first
    assert failed.mailer.attempts == attempts + 1, "also once another call came between"


async def test_a_call_that_was_cut_short_is_completed_by_its_repeat(failed: World) -> None:
    deliveries = failed.documents["deliveries"]
    replace, done = deliveries.replace, []

    async def cut_short(document: dict[str, Any], revision: int) -> bool:
        if document["state"]["state"] == "queued":
            done.append(document["_id"])
        if len(done) == 3:
            deliveries.replace = replace  # type: ignore[method-assign]
            raise StoreAway("cut short")
        return await replace(document, revision)

    deliveries.replace = cut_short  # type: ignore[method-assign]
    headers = {**failed.headers(), "Idempotency-Key": "k-1"}
    async with failed.client() as client:
        first = await client.post("/deliveries/retries", headers=headers, json={})
        again = await client.post("/deliveries/retries", headers=headers, json={})
    await failed.settled()
    assert (first.status_code, again.status_code, again.json()["queued"]) == (503, 200, 6)
    assert sorted(sent_to(failed)) == EXPERTS
    assert {d.state for d in await failed.deliveries(channel="mail")} == {State.SENT}


@pytest.mark.parametrize(
    "wrong", [{"limit": 501}, {"limit": 0}, {"after": "nonsense"}, {"after": ""}, {"channel": "sms"}, {"x": 1}]
)
async def test_a_wrong_call_is_refused(failed: World, wrong: dict[str, Any]) -> None:
    async with failed.client() as client:
        answer = await client.post("/deliveries/retries", headers=failed.headers(), json=wrong)
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json()["faults"]] == [f"/{name}" for name in wrong]
    assert sent_to(failed) == []
