"""A database lost in the middle of a case and restored: a state that agrees with itself, and nobody told twice."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient

from deploy.audit.evidence import Evidence
from deploy.audit.findings import Findings
from deploy.audit.rest import Watch
from deploy.demo import bodies
from deploy.demo.interfaces import Person
from deploy.demo.office import OFFICER, Case
from deploy.embedded.process import stop_all
from deploy.embedded.stack import SERVICE_GRACE, Stack
from shared.contracts.topics import TOPICS
from tests.chaos.cases import fitting
from tests.support.eventually import eventually
from tests.support.load import Load
from tests.support.terminal import Terminal

pytestmark = [pytest.mark.embedded, pytest.mark.long, pytest.mark.stand_ins]  # on real servers: make deep
FEW_ON_A_LIST = {"ENTENTE_MATCH_POLICY": '{"list_length": 2}'}
"""So that everybody on a list has been asked soon."""
SOON_OVER = {"ENTENTE_OFFER_RESPONSE": "4 seconds"}
"""A backup is taken within the time of two offers, one behind the other."""

OF_AN_OFFER = {"assignment.offered", "deadline.approaching", "assignment.expired", "shortlist.exhausted"}
ROSTER = 8
"""Experts, all such as could take a position of the one case: each of its two lists is full."""


class Steps(Load):
    """A case one step at a time."""

    def _candidates(self) -> list[dict[str, Any]]:
        return fitting(super()._candidates(), self.cases[0].example["action"]["positions"])

    def _party(self, number: int, chance: random.Random) -> Case:
        return self.cases[0]

    async def approve(self, number: int) -> str:
        """Approve a submitted request; the id of its terms of reference."""
        request_id = self.tally.requests[number]
        design = bodies.design(self.tally.parties[number].example)
        await self.post(OFFICER, "registration", f"/requests/{request_id}/approval", design)
        return str((await self._seen("registration", "/terms-of-reference", request_id, 1))[0]["id"])

    async def finalise(self, number: int, terms: str) -> list[str]:
        """Finalise them; the ids of the positions, all shortlisted."""
        path = f"/terms-of-reference/{terms}"
        read = f'"{(await self._read("registration", path))["version"]}"'
        await self.post(OFFICER, "registration", f"{path}/finalisation", if_match=read)
        wanted = len(self.tally.parties[number].example["action"]["positions"])
        found = await self._seen("matching", "/positions", self.tally.requests[number], wanted)
        assert {position["state"] for position in found} == {"shortlisted"}
        return [position["position_id"] for position in found]

    async def offered(self, position_id: str) -> dict[str, Any]:
        """Approve the list; the offer that follows."""
        await self.post(OFFICER, "matching", f"/positions/{position_id}/shortlist-approval")
        found: list[dict[str, Any]] = []

        async def there() -> bool:
            found[:] = [o for o in (await self.position(position_id))["offers"] if o["state"] == "offered"]
            return bool(found)

        await eventually(there, within=60, what="an offer")
        return found[0]

    async def accept(self, offer: dict[str, Any]) -> None:
        """As the expert it went to."""
        expert = Person("expert", offer["expert_id"], expert_id=offer["expert_id"])
        await self.post(expert, "matching", f"/offers/{offer['offer_id']}/acceptance")

    async def position(self, position_id: str) -> dict[str, Any]:
        """As an officer reads it."""
        found: dict[str, Any] = await self._read("matching", f"/positions/{position_id}")
        return found

    async def post(self, person: Person, service: str, path: str, body: Any = None, **more: Any) -> Any:
        """Under no key: what is asked again after a restore is asked anew."""
        answer = await self._persist("POST", person, service, path, json=body, **more)
        assert answer.status_code < 400, answer.text
        return answer.json()


@pytest.fixture
async def system(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Stack]:
    """One for each test: what is asked again after a restore stays on the topics for good."""
    told = {"matching": FEW_ON_A_LIST | getattr(request, "param", {})}
    async with Stack(TOPICS, extra_env=told, directory=tmp_path / "system", logs=tmp_path / "logs") as running:
        yield running


@pytest.fixture
async def steps(system: Stack) -> AsyncIterator[Steps]:
    made = Steps(system.urls, system.issuer, seed=5)
    yield made
    await made.close()


async def settled(system: Stack) -> tuple[Findings, Evidence]:
    watch = Watch(system.kafka.split(","), system.mongodb, system.databases, system.mail_directory)
    return await watch.settled(within=120)


async def lost_and_restored(system: Stack, terminal: Terminal, service: str, file: Path) -> dict[str, Any]:
    await stop_all(
        [system.children[service]], SERVICE_GRACE
    )  # one that is killed keeps its groups for a session's time
    with MongoClient[dict[str, Any]](system.mongodb) as client:
        database = client[system.databases[service]]
        for name in database.list_collection_names():
            database[name].drop()
        client.drop_database(database.name)
    done: dict[str, Any] = await terminal.json("restore", str(file), "--verify")
    await system.restart(service)
    return done


async def backed_up(terminal: Terminal, service: str, to: Path) -> Path:
    (row,) = await terminal.json("backup", service, "--to", str(to))
    return Path(row["file"])


def told(evidence: Evidence) -> Counter[str]:
    """Notices by type: mails and inbox together."""
    return Counter(d["state"]["event_type"] for d in evidence.collection("notifications", "deliveries"))


def mails(evidence: Evidence) -> Counter[str]:
    return Counter(mail.message_id for mail in evidence.mails)


def agree(evidence: Evidence, members: dict[str, str | None]) -> None:
    """Position, team and calendars tell the same; `members` is position -> its expert."""
    firm = {
        (hold["position_id"], calendar["_id"])
        for calendar in evidence.collection("matching", "calendars")
        for hold in (calendar["state"] or {}).get("holds", ())
        if hold["state"] == "accepted"
    }
    for id_, expert in members.items():
        (position,) = (d["state"] for d in evidence.collection("matching", "positions") if d["_id"] == id_)
        accepted = [offer["expert_id"] for offer in position["offers"] if offer["state"] == "accepted"]
        assert accepted == ([expert] if expert else [])
        assert {e for p, e in firm if p == id_} == set(accepted)


def joined(system: Stack, positions: list[str]) -> dict[str, str]:
    """position -> expert, as the team has them."""
    with MongoClient[dict[str, Any]](system.mongodb) as client:
        teams = [row["state"] for row in client[system.databases["matching"]]["teams"].find({}) if row["state"]]
    return {m["position_id"]: m["expert_id"] for t in teams for m in t["members"] if m["position_id"] in positions}


@pytest.mark.timeout(540)
async def test_matching_lost_in_the_middle_of_a_case_comes_back_as_it_was_and_goes_on(
    system: Stack, terminal: Terminal, steps: Steps, tmp_path: Path
) -> None:
    await steps.open_world(ROSTER)
    await steps.submit(1)
    positions = await steps.finalise(0, await steps.approve(0))
    file = await backed_up(terminal, "matching", tmp_path)
    for id_ in positions:
        await steps.accept(await steps.offered(id_))
    await steps.submit(3, first=10)
    findings, before = await settled(system)
    assert findings.clean, findings.as_json()
    assert joined(system, positions).keys() == set(positions)
    assert told(before)["team.complete"] > 0

    done = await lost_and_restored(system, terminal, "matching", file)
    asked = Counter(said["type"] for said in done["lost"])
    assert (asked["shortlist.approved"], asked["assignment.accepted"]) == (len(positions), len(positions))
    again = {said["type"] for said in done["followed"] if said["again"]}
    assert "match.completed" in again, "what followed from another service's events follows again"
    assert not again & {"assignment.offered", "team.complete"}, "what followed from lost commands does not"
    findings, after = await settled(system)
    assert findings.clean, findings.as_json()
    assert told(after) == told(before), "nobody is told again"
    assert mails(after) == mails(before)
    agree(after, dict.fromkeys(positions))
    assert joined(system, positions) == {}
    for id_ in positions:
        found = await steps.position(id_)
        assert (found["state"], found["offers"]) == ("shortlisted", []), "as it was when the backup was taken"
    searched = {d["_id"] for d in after.collection("matching", "searches")}
    assert searched >= set(steps.tally.requests.values()), "and what came since was searched for again"

    members: dict[str, str | None] = {}
    for id_ in positions:
        offer = await steps.offered(id_)
        await steps.accept(offer)
        members[id_] = offer["expert_id"]
    findings, evidence = await settled(system)
    agree(evidence, members)
    assert joined(system, positions) == members
    expected = ("was offered it 2 times", "was complete 2 times")
    assert [said for said in findings.duplicates if not said.endswith(expected)] == []
    assert (findings.lost, findings.pending, findings.holds_left, findings.out_of_order) == ([], [], [], [])


@pytest.mark.parametrize("system", [SOON_OVER], indirect=True, ids=["soon-over"])
@pytest.mark.timeout(540)
async def test_what_deadlines_had_decided_since_is_decided_again_and_told_once(
    system: Stack, terminal: Terminal, steps: Steps, tmp_path: Path
) -> None:
    await steps.open_world(ROSTER)
    await steps.submit(1)
    position, *_ = await steps.finalise(0, await steps.approve(0))
    await steps.offered(position)
    file = await backed_up(terminal, "matching", tmp_path)

    async def nobody_left() -> bool:
        return bool((await steps.position(position))["state"] == "searching")

    await eventually(nobody_left, within=180, what="every offer to lapse")
    findings, before = await settled(system)
    assert findings.clean, findings.as_json()
    assert told(before)["assignment.expired"] > 0
    whom = [offer["expert_id"] for offer in (await steps.position(position))["offers"]]
    assert len(whom) == 2, "one behind the other"

    await lost_and_restored(system, terminal, "matching", file)
    await eventually(nobody_left, within=180, what="every offer to lapse again")
    findings, after = await settled(system)
    assert [offer["expert_id"] for offer in (await steps.position(position))["offers"]] == whom
    assert (findings.lost, findings.pending, findings.holds_left, findings.out_of_order) == ([], [], [], [])
    last = max(record.sequence for record in before.on("matching.positions") if record.key == position)
    if any(record.key == position and record.sequence > last for record in after.on("matching.positions")):
        assert told(after) > told(before), "a reminder came this time that had not: what lies behind it is news"
        assert set(told(after) - told(before)) <= OF_AN_OFFER
    else:
        assert findings.clean, findings.as_json()
        assert told(after) == told(before)
        assert mails(after) == mails(before)


@pytest.mark.timeout(540)
async def test_registration_lost_after_an_approval_is_asked_again_and_goes_on(
    system: Stack, terminal: Terminal, steps: Steps, tmp_path: Path
) -> None:
    await steps.open_world(ROSTER)
    await steps.submit(1)
    file = await backed_up(terminal, "registration", tmp_path)
    terms = await steps.approve(0)
    positions = await steps.finalise(0, terms)
    findings, before = await settled(system)
    assert findings.clean, findings.as_json()

    done = await lost_and_restored(system, terminal, "registration", file)
    assert [said["type"] for said in done["lost"]] == ["request.approved", "tor.finalised"]
    findings, after = await settled(system)
    assert findings.clean, findings.as_json()
    assert told(after) == told(before)
    assert (await steps._read("registration", "/terms-of-reference", request=steps.tally.requests[0]))["items"] == []

    assert await steps.approve(0) == terms
    assert await steps.finalise(0, terms) == positions, "those that matching has kept"
    findings, after = await settled(system)
    assert findings.clean, findings.as_json()
    assert told(after)["match.completed"] == told(before)["match.completed"]
    case = await terminal.json("trace", steps.tally.requests[0])
    finalised = [step["what"] for step in case["steps"] if step["what"].startswith("tor.finalised")]
    assert len(finalised) == 2, "what is made again belongs to the case it belonged to"
