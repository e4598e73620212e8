"""The runbook's commands as written: on a system in order, then where its alerts would speak."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient

from deploy.embedded.stack import Stack
from shared.contracts.topics import TOPICS, Retention
from tests.support.eventually import eventually
from tests.support.load import Load
from tests.support.runbook import PREPARED, Section, sections
from tests.support.shell import Said, Shell, missing
from tests.support.spoilt import spoil
from tests.support.terminal import Terminal
from tests.support.unheard import expert_unheard

pytestmark = [
    pytest.mark.embedded,
    pytest.mark.stand_ins,  # about words and commands: 80 s of processor that a run on real servers spends better
    pytest.mark.timeout(240),
    pytest.mark.skipif(bool(missing()), reason=f"no {', '.join(missing())} here: the runbook's commands were not run"),
]
PAGE = {it.title: it for it in sections()}
GIVEN = ("$PARKED", "$DELIVERY", "$CONTACT", "$KEY")
"""What the reader fills in, mostly from what was shown before."""


def look(title: str) -> str:
    """The first block of an alert: what to look at."""
    return PAGE[title].commands[0]


@pytest.fixture
async def shell(system: Stack, tmp_path: Path) -> Shell:
    return await Shell.beside(system, tmp_path)


@pytest.fixture
async def calm(terminal: Terminal) -> None:
    await terminal.calm()


@pytest.mark.usefixtures("calm")
async def test_on_a_system_in_order_every_command_runs_and_finds_nothing(shell: Shell) -> None:
    troubles: dict[str, Said] = {}
    for line in dict.fromkeys(line for section in PAGE.values() for line in _complete(section)):
        said = await shell(line)
        ends_well = said.code == 0 or "grep" in line  # grep finds nothing, and says so with 1
        if said.errors or not ends_well or "not in order" in said.out:
            troubles[line] = said
    assert troubles == {}


@pytest.mark.usefixtures("calm")
async def test_a_service_that_is_down_is_seen_and_started_again(system: Stack, shell: Shell) -> None:
    system.kill("matching")
    try:
        said, unread = await shell(look("ServiceDown")), await shell("unread")
    finally:
        await system.restart("matching")
    assert (unread.code, unread.out, unread.errors) == (0, "", ""), "Kafka is asked, not the service"
    assert "matching does not answer" in said.out
    assert "curl: (7)" in said.errors or "Connection refused" in said.errors
    assert '"service": "matching"' in said.out or '"service":"matching"' in said.out, "the end of its log"


@pytest.mark.usefixtures("calm")
async def test_a_consumer_that_lags_is_seen(system: Stack, terminal: Terminal, shell: Shell, load: Load) -> None:
    await load.open_world(1)
    async with expert_unheard(system, terminal):
        said = await shell(look("ConsumerLagging"))
        unread = await shell("unread")
    assert unread.out == "matching.roster 1\n"
    assert [line for line in said.out.splitlines() if "matching.roster" in line and " 1 " in line], said.out


@pytest.mark.usefixtures("calm")
async def test_a_store_that_is_away_is_seen(system: Stack, shell: Shell) -> None:
    system.pause("store")
    try:
        said = await shell(look("StoreAway"))
    finally:
        system.resume("store")
    assert re.search(r"^away +mongodb +does not answer", said.out, flags=re.MULTILINE), said.out
    assert "HTTP/1.1 503" in said.out


@pytest.mark.usefixtures("calm")
async def test_an_outbox_that_does_not_drain_is_seen(system: Stack, shell: Shell, load: Load) -> None:
    await load.open_world(1)
    system.pause("broker")
    try:
        await load.submit(1, first=1)
        status, _, rest = look("OutboxOld").partition("\n")  # status waits 8 s for a broker that is frozen

        async def seen() -> bool:
            said = await shell(rest)
            return bool(re.search(r'entente_outbox_depth\{.*collection="requests".*\} 1', said.out))

        await eventually(seen, within=30, what="the outbox to be shown")
    finally:
        system.resume("broker")
    assert status == "entente status"


@pytest.mark.usefixtures("calm")
async def test_a_notice_that_failed_or_waits_is_shown_and_sent_as_the_page_says(
    system: Stack, shell: Shell, load: Load
) -> None:
    await load.open_world(1)
    await load.submit(1)
    with MongoClient[dict[str, Any]](system.mongodb) as client:
        kept = client[system.databases["notifications"]]["deliveries"]
        await eventually(lambda: kept.count_documents({"keys.state": "sent"}) >= 2, within=60, what="two mails")
        failing, late = kept.find({"keys.state": "sent"}).limit(2)

        def put(delivery: dict[str, Any], **values: Any) -> None:
            changed = {f"state.{name}": value for name, value in {"sent_at": None, **values}.items()}
            changed |= {f"keys.{name}": value for name, value in values.items() if name in delivery["keys"]}
            kept.update_one({"_id": delivery["_id"]}, {"$set": changed, "$inc": {"revision": 1}})

        def sent(delivery: dict[str, Any]) -> bool:
            return kept.count_documents({"_id": delivery["_id"], "keys.state": "sent"}) == 1

        put(failing, state="failed", failure="550 sample")
        assert failing["_id"] in (await shell(look("NoticesFailing"))).out
        again = await shell(PAGE["NoticesFailing"].commands[1], DELIVERY=failing["_id"])
        assert (again.code, again.errors) == (0, "")
        await eventually(lambda: sent(failing), within=20, what="the mail to be sent again")

        put(failing, state="failed", failure="554 5.7.1 Relay access denied")
        many = await shell(PAGE["NoticesFailing"].commands[2])
        assert (many.code, many.errors) == (0, "")
        assert '"queued":1' in many.out.replace(" ", "")
        await eventually(lambda: sent(failing), within=20, what="the mail to be sent again with others")

        put(late, state="waiting", waiting_for=late["keys"]["recipient"])
        assert late["_id"] in (await shell(look("NoticesWaiting"))).out
        said = await shell(PAGE["NoticesWaiting"].commands[1], CONTACT=late["keys"]["recipient"])
        assert (said.code, said.errors) == (0, "")
        await eventually(lambda: sent(late), within=20, what="the notice to go out by itself")


@pytest.mark.usefixtures("calm")
async def test_every_state_on_a_compacted_topic_is_said_again(system: Stack, shell: Shell, load: Load) -> None:
    await load.open_world(3)
    loop = next(it for it in PAGE["Kafka is away"].commands if "republish" in it)
    kept = {name for name, topic in TOPICS.items() if topic.retention is Retention.COMPACTED}
    with MongoClient[dict[str, Any]](system.mongodb) as client:
        registration = client[system.databases["registration"]]

        def issued() -> dict[tuple[str, str], int]:
            return {
                (document["_id"], topic): last
                for name in registration.list_collection_names()
                for document in registration[name].find({"state": {"$ne": None}}, {"sequences": 1})
                for topic, last in document.get("sequences", {}).items()
                if topic in kept
            }

        before = issued()
        said = await shell(loop)
        assert (said.code, said.errors) == (0, "")
        assert len(before) > 3
        assert issued() == {place: last + 1 for place, last in before.items()}
    assert re.findall(r"^\w+: (\d+) of \1 said again$", said.out, flags=re.MULTILINE), said.out


@pytest.mark.usefixtures("calm")
async def test_a_parked_event_is_found_and_what_waits_behind_it_stays(system: Stack, shell: Shell, load: Load) -> None:
    """Last: it leaves keys parked, so that the system is calm no more."""
    await load.open_world(1)
    await spoil(system, load)
    with MongoClient[dict[str, Any]](system.mongodb) as client:
        lots = client[system.databases["registration"]]["parked"]
        await eventually(lambda: lots.count_documents({}) >= 2, within=60, what="registration has parked it")
        parked = lots.find_one({"state.group": "registration.timeline-request"})
    assert parked
    said = await shell(look("EventsParked"), PARKED=parked["_id"])
    assert said.errors == ""
    assert "keys parked" in said.out
    assert "blocked by   unreadable" in said.out
    again = await shell(PAGE["EventsParked"].commands[1], PARKED=parked["_id"])
    assert "0 handled, 2 left" in again.out
    discarded = await shell(PAGE["ConsumerPaused"].commands[1].splitlines()[1], PARKED=parked["_id"])
    assert discarded.code == 0, discarded.errors
    assert "1 waiting" in discarded.out


def _complete(section: Section) -> list[str]:
    """The lines of its blocks that leave nothing to the reader, without comments; the preparation is part of every
    call."""
    blocks = [block for block in section.rehearsed if block != PREPARED]
    lines = [re.sub(r"\s+# .*", "", line) for block in blocks for line in block.replace("\\\n", "").splitlines()]
    return [line for line in lines if not any(name in line for name in GIVEN)]
