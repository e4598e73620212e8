"""`entente backup` and `restore`: a database lost and put back, with what was asked of the service since."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient

from deploy.audit.evidence import read_topics
from deploy.audit.rest import Watch
from deploy.embedded.process import ChildError, free_port
from deploy.embedded.stack import Stack
from deploy.terminal.backups import restoring
from deploy.terminal.backups.file import Writing, check, documents_of
from shared.store.unmarked import MARK
from tests.support.eventually import eventually
from tests.support.load import Load
from tests.support.terminal import Terminal, pairs

pytestmark = pytest.mark.embedded
EXPERTS, REQUESTS = "registration.experts", "registration.requests"


async def backed_up(terminal: Terminal, service: str, to: Path) -> Path:
    (row,) = await terminal.json("backup", service, "--to", str(to))
    assert row["documents"] == sum(row["collections"].values()) > 0
    return Path(row["file"])


async def twice(system: Stack) -> list[tuple[str, str, int]]:
    """Sequences of an aggregate that two different events bear."""
    ids: dict[tuple[str, str, int], set[str]] = {}
    bodies: dict[str, set[str]] = {}
    for record in await read_topics(system.kafka.split(",")):
        ids.setdefault((record.topic, record.key, record.sequence), set()).add(record.event_id)
        bodies.setdefault(record.event_id, set()).add(repr(record.event))
    return [place for place, found in ids.items() if len(found) > 1 or any(len(bodies[i]) > 1 for i in found)]


async def nobody_works_on_it(system: Stack, terminal: Terminal, file: Path) -> None:
    """Half restored, the database is told by doctor, and registration does not start on it."""
    said = f"half restored: a restore of {file.name} has not ended"
    findings = (await terminal.json("doctor", exit_code=3))["findings"]
    assert [found["state"] for found in findings if said in found["what"]] == ["wrong"]
    with pytest.raises(ChildError, match=said) as ended:
        await system.restart("registration")
    assert "run `entente restore` again to its end" in str(ended.value)
    system.children["registration"].expected_to_run = False


def of_another_life(lasts: dict[str, list[str | None]]) -> dict[str, list[str | None]]:
    return {topic: [told and "evt_of_another_life" for told in all_] for topic, all_ in lasts.items()}


def of_other_topics(file: Path, *, own: bool) -> Path:
    """The same backup, of topics that held other events: the service's own, or those it consumes."""
    head = check(file).head
    consumed = {group: of_another_life(lasts) for group, lasts in head.lasts.items()}
    changed = {"own_lasts": of_another_life(head.own_lasts)} if own else {"lasts": consumed}
    assert head.model_copy(update=changed) != head
    writing = Writing(file.with_name(f"other-{own}.backup"), head.model_copy(update=changed))
    for collection, document in documents_of(file):
        writing.document(collection, document)
    writing.end()
    return writing.path


def of_an_older_release(file: Path, group: str, view: str) -> Path:
    """The same backup, taken before there was the group, and so without the view that it makes."""
    head = check(file).head
    assert group in head.groups
    known = {name: {g: of for g, of in getattr(head, name).items() if g != group} for name in ("groups", "lasts")}
    writing = Writing(file.with_name(f"before-{group}.backup"), head.model_copy(update=known))
    for collection, document in documents_of(file):
        if collection != view:
            writing.document(collection, document)
    writing.end()
    return writing.path


@pytest.mark.long
@pytest.mark.stand_ins  # on real servers: make deep
@pytest.mark.timeout(420)
async def test_registration_is_lost_and_put_back(
    system: Stack, terminal: Terminal, load: Load, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await load.open_world(6)
    await load.submit(2)
    file = await backed_up(terminal, "registration", tmp_path)
    kept = set(load.tally.requests.values())

    await load.submit(2, first=2)
    lost = set(load.tally.requests.values()) - kept
    watch = Watch(system.kafka.split(","), system.mongodb, system.databases, system.mail_directory)
    with MongoClient[dict[str, Any]](system.mongodb) as client:
        live, roster = client[system.databases["registration"]], client[system.databases["matching"]]["roster"]
        expert = live["experts"].find_one({})
        assert expert
        for _ in range(2):
            await terminal.json("republish", f"expert/{expert['_id']}")
        findings, _ = await watch.settled(within=90)
        assert findings.clean, findings.as_json()
        last = expert["sequences"][EXPERTS] + 2

        looked = await terminal.json("restore", str(file), "--look")
        assert {said["aggregate"] for said in looked["lost"] if said["type"] == "request.submitted"} == lost
        assert {(s["aggregate"], s["sequence"]) for s in looked["lost"] if s["type"] == "expert.revised"} == {
            (expert["_id"], last - 1),
            (expert["_id"], last),
        }
        code, line = await terminal.refused("restore", str(file))
        assert code == 4
        assert "registration still runs at" in line

        system.kill("registration")
        code, line = await terminal.refused("restore", str(file))
        assert code == 4
        assert "is not empty" in line
        before = list(live["requests"].find({}, {"_id": 1}))
        assert len(before) == 4, "and it was left alone"

        client.drop_database(live.name)
        for name in ("counts", "experts"):
            live[name].drop()
        with monkeypatch.context() as killed:
            killed.setattr(restoring, "guards", _killed)
            assert (await terminal("restore", str(file))).exit_code == 130
        await nobody_works_on_it(system, terminal, file)
        live["requests"].create_index("keys.state")
        code, line = await terminal.refused("restore", str(file))
        assert code == 4
        assert "a service was started on it since (requests has its indexes)" in line
        live["requests"].drop_indexes()
        done = await terminal.json("restore", str(file), "--verify")
        assert done["documents"] == done["verified"] > 0
        assert done["moved"] >= 1
        assert done["guarded"] >= len(lost)
        assert {said["aggregate"] for said in done["lost"]} == {said["aggregate"] for said in looked["lost"]}
        assert MARK not in live.list_collection_names()
        assert {r["_id"] for r in live["requests"].find({"state": {"$ne": None}})} == kept

        await system.restart("registration")
        said = await terminal.json("republish", f"expert/{expert['_id']}")
        assert [event["sequence"] for event in said["said"]] == [last + 1]

        def taken_in() -> bool:
            document = roster.find_one({"_id": expert["_id"]})
            return bool(document and document["seen"][f"registration-experts/{expert['_id']}"][0] == last + 1)

        await eventually(taken_in, within=60, what="the roster to take in what is said after the restore")
        await load.submit(2, first=20)
        findings, _ = await watch.settled(within=90)
    assert findings.clean, findings.as_json()
    assert await twice(system) == []


@pytest.mark.timeout(420)
async def test_matching_is_lost_and_goes_on_where_the_topics_are(
    system: Stack, terminal: Terminal, load: Load, tmp_path: Path
) -> None:
    await load.open_world(4)
    file = await backed_up(terminal, "matching", tmp_path)
    await load.submit(3, first=10)
    name = system.databases["matching"]
    watch = Watch(system.kafka.split(","), system.mongodb, system.databases, system.mail_directory)
    findings, evidence = await watch.settled(within=90)
    assert findings.clean, findings.as_json()
    told = len(evidence.collection("notifications", "deliveries"))
    with MongoClient[dict[str, Any]](system.mongodb) as client:
        before = {row["_id"] for row in client[name]["searches"].find({"state": {"$ne": None}})}
        system.kill("matching")
        client.drop_database(name)
        for left in client[name].list_collection_names():
            client[name][left].drop()
        for own in (True, False):
            other = str(of_other_topics(file, own=own))
            for arguments in ((other,), (other, "--look")):
                code, line = await terminal.refused("restore", *arguments)
                assert code == 4
                assert "made anew" in line
        assert client[name].list_collection_names() == []
        shown = await terminal("restore", str(file), "--verify")
        assert shown.exit_code == 0, shown.output
        assert "documents read back and found the same" in shown.stdout
        await system.restart("matching")

        def caught_up() -> bool:
            return {row["_id"] for row in client[name]["searches"].find({"state": {"$ne": None}})} >= before

        await eventually(caught_up, within=90, what="matching to consume again what came after the backup")
    findings, evidence = await watch.settled(within=90)
    assert findings.clean, findings.as_json()
    assert len(evidence.collection("notifications", "deliveries")) == told, "nobody is told again"
    assert await twice(system) == []


@pytest.mark.long
@pytest.mark.stand_ins  # on real servers: make deep
async def test_a_view_that_came_with_an_upgrade_since_is_made_from_the_beginning(
    system: Stack, terminal: Terminal, load: Load, tmp_path: Path
) -> None:
    await load.open_world(2)
    await terminal.calm()
    file, name = await backed_up(terminal, "notifications", tmp_path), system.databases["notifications"]
    code, line = await terminal.refused(
        "restore", str(of_an_older_release(file, "notifications.searches", "none")), "--look"
    )
    assert code == 4
    assert "accept that with --tell-again notifications.searches" in line
    older = of_an_older_release(file, "notifications.contacts", "contacts")
    with MongoClient[dict[str, Any]](system.mongodb) as client:

        def contacts() -> dict[str, Any]:
            return {row["_id"]: row["state"] for row in client[name]["contacts"].find({"state": {"$ne": None}})}

        before = contacts()
        assert before
        system.kill("notifications")
        client.drop_database(name)
        for left in client[name].list_collection_names():
            client[name][left].drop()
        done = await terminal.json("restore", str(older), "--verify")
        assert done["from_the_beginning"] == {"notifications.contacts": "registration.contacts"}
        await system.restart("notifications")
        await eventually(lambda: contacts() == before, within=60, what="the view to be made from the beginning")
    watch = Watch(system.kafka.split(","), system.mongodb, system.databases, system.mail_directory)
    findings, _ = await watch.settled(within=90)
    assert findings.clean, findings.as_json()


async def test_what_must_not_be_restored_is_said_in_one_line(terminal: Terminal, tmp_path: Path) -> None:
    file = await backed_up(terminal, "notifications", tmp_path)
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])
    code, line = await terminal.refused("restore", str(file), "--look")
    assert code == 2
    assert "is damaged or not a backup" in line
    code, line = await terminal.refused("restore", str(tmp_path / "none.backup"))
    assert (code, line) == (2, f"{tmp_path / 'none.backup'} is not there\n")
    code, line = await terminal.refused("backup", "delivery")
    assert (code, line) == (2, "delivery is not a service: give any of registration, matching, notifications\n")
    code, line = await terminal.refused("backup", "--to", str(file))
    assert (code, line) == (2, f"{file} is not a directory: give a folder with --to\n")
    services = "registration=http://a,matching=http://127.0.0.1:1,notifications=http://b"
    nowhere = Terminal(terminal.variables | {"ENTENTE_SERVICES": services})
    code, line = await nowhere.refused("backup", "matching", "--to", str(tmp_path))
    assert code == 3
    assert names(tmp_path) == [file.name]


async def test_a_service_that_is_away_keeps_no_other_from_its_backup(
    system: Stack, terminal: Terminal, tmp_path: Path
) -> None:
    services = pairs({**system.urls, "matching": f"http://127.0.0.1:{free_port()}"})
    without = Terminal(terminal.variables | {"ENTENTE_SERVICES": services})
    done = await without("backup", "--to", str(tmp_path))
    assert done.exit_code == 3
    assert [line.partition(":")[0] for line in done.stdout.splitlines()] == ["registration", "notifications"]
    (line,) = done.stderr.splitlines()
    assert line.startswith("no backup of matching: ")
    assert sorted(name.partition("-")[0] for name in names(tmp_path)) == ["notifications", "registration"]
    rows = json.loads((await without("--json", "backup", "--to", str(tmp_path / "more"))).stdout)
    assert [row["service"] for row in rows] == ["registration", "notifications"]


def names(place: Path) -> list[str]:
    return [found.name for found in place.iterdir()]


def _killed(*_: object) -> None:
    raise KeyboardInterrupt
