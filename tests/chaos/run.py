"""One run: a cluster of three, two replicas of each service, load and kills, rest, audit, report."""

from __future__ import annotations

import asyncio
import os
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from deploy.audit import Evidence, Findings, Watch
from deploy.embedded.stack import GIVEN_PARTITIONS, Stack
from shared.messaging.topics import Topics
from tests.chaos import code, judging, servers
from tests.chaos.cases import Cases
from tests.chaos.killing import Fallen, Killer
from tests.chaos.plan import Plan, replicas
from tests.chaos.replicas import databases, stack_of_replicas
from tests.support.copies import arrivals, instants
from tests.support.errors import in_words
from tests.support.eventually import eventually
from tests.support.kills import one_list_each, receipts_told, requests_as_answered
from tests.support.real_cluster import RealCluster

REST_WITHIN = 240.0
"""Seconds for what is left when the load has ended: mails, consumers that join again, offers that lapse."""
LOAD_WITHIN = 1_300.0
"""So that there is time for a start and for rest within judging.MOST_SECONDS."""

Say = Callable[[str], None]


async def run(plan: Plan, cluster: RealCluster, directory: Path, say: Say) -> dict[str, Any]:
    """The report of one run on a cluster that is up."""
    os.environ |= {
        "ENTENTE_KAFKA": cluster.kafka,
        "ENTENTE_KAFKA_PARTITIONS": GIVEN_PARTITIONS,  # whatever the caller's environment says: a seed replays
        "ENTENTE_MONGODB": cluster.mongodb,
    }
    laps, began = {}, time.monotonic()
    topics = Topics(cluster.kafka.split(","), partitions=int(GIVEN_PARTITIONS))

    async def topics_stand() -> bool:
        return not await topics.apply()

    await eventually(topics_stand, within=60, what="every broker has heard of the topics", every=0.5)
    async with stack_of_replicas(directory) as stack:
        cases = Cases(stack, plan)
        try:
            await cases.open_world(plan.experts)
            await servers.whole(cluster)
            before = await servers.writes_so_far(cluster, databases().values())
            laps["start"] = round(time.monotonic() - began, 1)
            say(f"seed {plan.seed}: world open after {laps['start']} s; {plan.requests} cases, {plan.kills} kills of "
                f"services, {plan.server_kills} of servers")  # fmt: skip
            killer = Killer(plan, stack, cluster, cases)
            wrong = await _under_fire(cases, killer, say)
            laps["load"] = round(time.monotonic() - began - laps["start"], 1)
            audited: _Audited | None = None
            try:
                audited = await _at_rest(stack, cluster, cases)
            except Exception as error:  # noqa: BLE001 - whatever it is: a run that ends without a report says nothing
                wrong.append(f"the audit did not end: {type(error).__name__}: {error}"[:500])
            laps["rest"] = round(time.monotonic() - began - laps["start"] - laps["load"], 1)
        finally:
            await cases.close()
    fallen = killer.fallen
    report = {
        "seed": plan.seed,
        "code": code.digest(),
        "requests": plan.requests,
        "cases": _outcomes(cases, judging.teams_complete(audited.evidence) if audited else set()),
        "kills": _kills(fallen),
        **_judged(plan, cases, fallen, audited, before),
        "seconds": {**laps, "all": round(time.monotonic() - began, 1)},
        "kill_log": fallen.log,
    }
    wrong += report["wrong"]
    wrong += [f"case {number} ({cases.states.get(number)}): {why}" for number, why in sorted(cases.failed.items())]
    report["wrong"] = wrong[:50]
    report["why_no_pass"] = judging.verdict(plan, report)
    report["ok"] = not report["why_no_pass"]
    return report


@dataclass(frozen=True, slots=True)
class _Audited:
    """What was read of the system at rest."""

    findings: Findings
    evidence: Evidence
    requests: list[dict[str, Any]]
    arrived: dict[str, list[int]]
    writes: int


async def _at_rest(stack: Stack, cluster: RealCluster, cases: Cases) -> _Audited:
    await asyncio.to_thread(cluster.revive)
    await servers.whole(cluster)
    for name in replicas():
        if not stack.children[name].running:
            await stack.restart(name, ready=False)
        await eventually(partial(stack.is_ready, name), within=120, what=f"{name} ready", every=0.2)
    watch = Watch(cluster.kafka.split(","), cluster.mongodb, databases(), stack.mail_directory)
    findings, evidence = await watch.settled(within=REST_WITHIN, patience=20.0)
    found = await cases.requests_found()
    writes = await servers.writes_so_far(cluster, databases().values())
    return _Audited(findings, evidence, found, arrivals(stack.mail_directory), writes)


def _judged(plan: Plan, cases: Cases, fallen: Fallen, audited: _Audited | None, before: int) -> dict[str, Any]:
    """Faults, findings, what went wrong besides, and figures; only the load's own where the audit did not end."""
    figures: dict[str, Any] = {
        "calls": cases.tally.calls,
        "repeated_calls": cases.repeated,
        "answers": dict(cases.answers),
        "positions": dict(Counter(cases.tally.positions.values())),
    }
    if audited is None:
        return {"faults": {}, "findings": {}, "wrong": [], "figures": figures, "instants": {}}
    evidence = audited.evidence
    astray = receipts_told(cases, evidence)
    faults = judging.sorted_faults(audited.findings, astray, fallen.moments, audited.arrived)
    writes = audited.writes - before
    return {
        "faults": {kind: len(said) for kind, said in faults.items()},
        "findings": {kind: said[:30] for kind, said in faults.items() if said},
        "wrong": [*requests_as_answered(cases, audited.requests), *one_list_each(cases, evidence)],
        "figures": {
            **audited.findings.counts(),
            **figures,
            "republished_after_ms": sorted(copy.published - copy.before for copy in audited.findings.republished),
            "mails": len(evidence.mails),
            "writes": writes,
            "writes_per_case": round(writes / plan.requests, 1),
        },
        "instants": instants(audited.findings, fallen.moments, audited.arrived),
    }


async def _under_fire(cases: Cases, killer: Killer, say: Say) -> list[str]:
    """Load and kills side by side; in words what did not end in time."""
    try:
        async with asyncio.timeout(LOAD_WITHIN), asyncio.TaskGroup() as group:
            telling = group.create_task(_tell(cases, killer, say))
            killing = group.create_task(killer.run())
            await cases.run(cases.stepped, killer.keeps_pace)
            await killing
            telling.cancel()
    except TimeoutError:
        return [f"load and kills did not end within {LOAD_WITHIN:g} s"]
    except ExceptionGroup as several:
        return in_words(several, 500)
    return []


async def _tell(cases: Cases, killer: Killer, say: Say) -> None:
    began = time.monotonic()
    while True:
        await asyncio.sleep(20)
        fallen = killer.fallen
        say(
            f"  {time.monotonic() - began:4.0f} s: {len(cases.ended)} cases ended ({len(cases.failed)} failed), "
            f"{fallen.services.total()} services and {fallen.servers.total()} servers killed, "
            f"now {dict(cases.states_now())}"
        )


def _outcomes(cases: Cases, complete: set[str]) -> dict[str, int]:
    """A case is completed when its team is announced as complete; one that ran out of people has nobody left."""
    done = {number for number in cases.ended if number not in cases.failed}
    completed = {number for number in done if cases.tally.requests[number] in complete}
    return {
        "begun": len(cases.states),
        "completed": len(completed),
        "nobody_left": len(done - completed),
        "failed": len(cases.failed),
    }


def _kills(fallen: Fallen) -> dict[str, Any]:
    return {
        "services": dict(fallen.services),
        "servers": dict(fallen.servers),
        "by_state_of_a_case": {
            state: {"kills": n, "cases": fallen.cases_by_state[state]}
            for state, n in fallen.kills_by_state.most_common()
        },
    }
