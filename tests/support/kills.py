"""A system under `kill -9`: load and kills from one seed, then rest, then the auditor and the promises of the case."""

from __future__ import annotations

import asyncio
import os
import random
import secrets
import time
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from email.utils import parseaddr
from functools import partial
from pathlib import Path
from typing import Any

from deploy.audit import Evidence, Findings, Watch
from deploy.demo.office import Case
from deploy.embedded.stack import SERVICES, Stack
from shared.contracts.topics import TOPICS
from tests.support.copies import SEND_LEASE_SECONDS, SENDER, Kill, arrivals, now_ms, put_off, unexplained
from tests.support.eventually import eventually
from tests.support.load import Load

SETTINGS = {
    "matching": {"ENTENTE_OFFER_RESPONSE": "6 seconds"},
    "notifications": {"ENTENTE_SMTP_TIMEOUT_SECONDS": "3", "ENTENTE_SEND_LEASE_SECONDS": str(SEND_LEASE_SECONDS)},
}
JITTER_SECONDS = 0.3
"""A kill comes up to so long after the answer that it waited for."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What one run does. All of it follows from the seed."""

    seed: int
    requests: int = 300
    kills_per_service: int = 2
    whole_cases: int = 0
    experts: int = 40

    def kills(self) -> list[tuple[int, float, str]]:
        """(answered submissions, seconds after, service), in order: between 3 % and 92 % of the load."""
        chance = random.Random(f"{self.seed} kills")
        moments = [
            (chance.randint(self.requests * 3 // 100, self.requests * 92 // 100), chance.random() * JITTER_SECONDS, s)
            for s in (service.name for service in SERVICES)
            for _ in range(self.kills_per_service)
        ]
        return sorted(moments)


@dataclass(slots=True)
class Run:
    """What came of it: `wrong` says in words what was not as promised."""

    plan: Plan
    findings: Findings
    kills: Counter[str]
    figures: dict[str, Any] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)


class _Stopwatch:
    """Seconds per part of a run."""

    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self._since = time.monotonic()

    def lap(self, name: str) -> None:
        """The part that ends now."""
        now = time.monotonic()
        self.laps[name], self._since = round(now - self._since, 1), now


def seed_of_run() -> int:
    """ENTENTE_SEED, or a fresh one."""
    return int(os.environ.get("ENTENTE_SEED") or secrets.randbelow(1_000_000))


async def run(plan: Plan, directory: Path, *, rest_within: float = 150.0) -> Run:
    """Start a stack, load it, kill and restart its services, wait for rest, hold it against every promise."""
    logs = directory / "logs"
    clock = _Stopwatch()
    async with Stack(TOPICS, extra_env=SETTINGS, directory=directory, logs=logs) as stack:
        clock.lap("start")
        load = Load(stack.urls, stack.issuer, plan.seed)
        try:
            await load.open_world(plan.experts)
            clock.lap("world")
            kills: list[Kill] = []
            async with asyncio.TaskGroup() as group:
                group.create_task(_kill(stack, load, plan, kills))
                await load.submit(plan.requests)
            clock.lap("requests")
            if plan.whole_cases:
                async with asyncio.TaskGroup() as group:
                    group.create_task(_kill_more(stack, plan, kills, finished := asyncio.Event()))
                    await load.whole_cases(plan.whole_cases)
                    finished.set()
                clock.lap("whole_cases")
            findings, wrong = await at_rest(stack, load, kills, ready_within=40, within=rest_within)
            clock.lap("rest")
        finally:
            await load.close()
        for child in stack.children.values():
            child.check()
    clock.lap("stop")
    made = Run(plan, findings, Counter(kill.victim for kill in kills), wrong=wrong)
    made.figures = {
        **findings.counts(),
        "kills": dict(made.kills),
        "calls": load.tally.calls,
        "repeated_calls": load.repeated,
        "positions": dict(Counter(load.tally.positions.values())),
        "seconds": clock.laps,
    }
    return made


async def _kill(stack: Stack, load: Load, plan: Plan, kills: list[Kill]) -> None:
    """Kill each service at its moments while the requests run, and start it again at once."""
    for answered, after, name in plan.kills():
        await load.tally.reached(answered)
        await asyncio.sleep(after)
        await _strike(stack, name, kills)


async def _kill_more(stack: Stack, plan: Plan, kills: list[Kill], finished: asyncio.Event) -> None:
    """Kill while whole cases run: one service after another, until they are done, each when the last is back."""
    chance = random.Random(f"{plan.seed} more kills")
    for _ in range(plan.kills_per_service):
        for name in chance.sample([service.name for service in SERVICES], len(SERVICES)):
            await eventually(lambda: _all_ready(stack), within=120, what="all services ready")
            try:
                await asyncio.wait_for(finished.wait(), chance.random() * 2)
            except TimeoutError:
                await _strike(stack, name, kills)
            else:
                return


async def _all_ready(stack: Stack) -> bool:
    return all([await stack.is_ready(service.name) for service in SERVICES])


async def _strike(stack: Stack, name: str, kills: list[Kill]) -> None:
    stack.children[name].check()
    stack.kill(name)
    kills.append(Kill(name, now_ms()))
    await stack.restart(name, ready=False)


async def at_rest(
    stack: Stack, load: Load, kills: Sequence[Kill] = (), *, ready_within: float, within: float
) -> tuple[Findings, list[str]]:
    """Wait until every service is ready and the system at rest: what the auditor found, and in words what was not as
    promised after these kills."""
    for service in SERVICES:
        await eventually(partial(stack.is_ready, service.name), within=ready_within, what=f"{service.name} ready")
    watch = Watch(stack.kafka.split(","), stack.mongodb, stack.databases, stack.mail_directory)
    findings, evidence = await watch.settled(within=within)
    arrived, postponed = arrivals(stack.mail_directory), put_off(stack.children[SENDER].log)
    wrong = wrong_by_the_auditor(findings, kills, arrived, postponed)
    wrong += requests_as_answered(load, await load.requests_found())
    return findings, wrong + one_list_each(load, evidence) + receipts_told(load, evidence)


def wrong_by_the_auditor(
    findings: Findings,
    kills: Sequence[Kill],
    arrived: Mapping[str, Sequence[int]] | None = None,
    postponed: Mapping[str, int] | None = None,
) -> list[str]:
    """What was lost, doubled, disordered or put in by others; and copies that no kill explains."""
    kinds = ("lost", "duplicates", "out_of_order", "pending", "holds_left", "foreign", "unreadable", "discarded")
    wrong = [f"{kind}: {said}" for kind in kinds for said in getattr(findings, kind)]
    copies = unexplained(findings, kills, arrived, postponed)
    return wrong + [f"{kind}: {said}" for kind, all_ in copies.items() for said in all_]


def requests_as_answered(load: Load, found: list[dict[str, Any]]) -> list[str]:
    """Exactly those that were answered exist: no post was lost, none made two."""
    answered, there = set(load.tally.requests.values()), {request["id"] for request in found}
    wrong = [f"request {id_} was answered and is not there" for id_ in sorted(answered - there)]
    wrong += [f"request {id_} is there and nobody was answered so" for id_ in sorted(there - answered)]
    wrong += [f"request {request['id']} is a draft still" for request in found if request["status"] == "draft"]
    if len(found) != len(load.tally.requests):
        wrong.append(f"{len(found)} requests exist for {len(load.tally.requests)} posted")
    references = Counter(request["reference"] for request in found)
    return wrong + [f"reference {reference} was given {n} times" for reference, n in references.items() if n > 1]


def _events(evidence: Evidence, *types: str) -> dict[str, dict[str, Any]]:
    found = [record.event for record in evidence.records if record.event and record.event["type"] in types]
    return {event["event_id"]: event for event in found}


def one_list_each(load: Load, evidence: Evidence) -> list[str]:
    """One indicative list per request, neither more nor less."""
    announced = _events(evidence, "match.completed", "match.empty").values()
    lists = Counter(event["data"]["request_id"] for event in announced if event["data"]["stage"] == "indicative")
    return [
        f"request {id_} has {lists[id_]} indicative lists" for id_ in load.tally.requests.values() if lists[id_] != 1
    ]


def receipts_told(load: Load, evidence: Evidence) -> list[str]:
    """The receipt of each request went to its own institution's two people, the desk and its delegation, once each."""
    recipients: dict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
    for document in evidence.collection("notifications", "deliveries"):
        state = document["state"]
        recipients[state["event_id"]][state["recipient"], state["channel"]] += 1
    addresses: dict[str, set[str]] = defaultdict(set)
    for mail in evidence.mails:
        addresses[mail.event_id].add(parseaddr(mail.to)[1])
    submissions = {event["data"]["request_id"]: id_ for id_, event in _events(evidence, "request.submitted").items()}
    wrong = []
    for number, request_id in load.tally.requests.items():
        case, event_id = load.tally.parties[number], submissions.get(request_id, "")
        people = (
            case.contacts["focal_point"],
            case.contacts["signatory"],
            load.office.staff["desk"],
            case.delegation_id,
        )
        wanted = Counter({(person, channel): 1 for person in people for channel in ("mail", "inbox")})
        if recipients[event_id] != wanted:
            wrong.append(f"receipt of {request_id}: told {dict(recipients[event_id])}, not {dict(wanted)}")
        if addresses[event_id] != _addresses(case):
            wrong.append(f"receipt of {request_id}: mailed to {addresses[event_id]}, not {_addresses(case)}")
    return wrong


def _addresses(case: Case) -> set[str]:
    own = {person["email"] for person in case.example["contacts"] if person["function"] in ("focal_point", "signatory")}
    return own | {"desk@example.org", f"delegation.{case.country.lower()}@example.org"}
