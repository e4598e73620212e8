"""`make rolling`: every replica is restarted, one after another, while callers write through a reverse proxy.

    ENTENTE_KAFKA=… [ENTENTE_MONGODB=…] python -m tests.rolling [--rounds 1] [--replicas 2] [--drain 0]

A caller here repeats nothing: an answer of 429, of 500 or above, or that its story does not know, a connection that
fails and a silence of 30 s each count as an error, and one error is a failure. At the end the auditor holds every
decision, event and effect against each other.
Writes build/rolling.json. Needs nginx, and a real Kafka without records: the stand-in settles no group of several
members.
`--drain` gives the services an ENTENTE_DRAIN_SECONDS, for proxies that keep connections or route by readiness; that of
the compose file needs none.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import sys
import time
import uuid
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from pymongo.errors import PyMongoError

from deploy.audit import Findings, Watch
from deploy.embedded.process import ROOT
from deploy.embedded.stack import SERVICE_GRACE, SERVICES, Service, Stack
from shared.contracts.topics import TOPICS
from shared.store.client import close, connect
from tests.rolling.caller import Caller
from tests.rolling.proxy import Proxy

PLACE = ROOT / "build" / "rolling"
EXPERTS = 20
AUDITS = 3
OFFER_RESPONSE = "20 seconds"
"""Some experts let their offer lapse; the case goes on after that."""
READY_WITHIN = 120.0
"""Seconds; two cores start six processes one beside the other."""
ENDS_WITHIN = 2 * SERVICE_GRACE
"""Seconds until a replica that was told to stop is called stuck: twice what it promises, for two full cores."""
STORE_TIMEOUT_MS = "4500"
"""The longest there is: on two cores, full of starting processes, a write may wait long and would be answered 503."""
REST_WITHIN = 120.0
"""Seconds after the last call within which everything must be announced and handled."""


@asynccontextmanager
async def replicated(replicas: int, drain: float) -> AsyncIterator[tuple[Stack, dict[str, list[str]], dict[str, str]]]:
    """That many replicas of each service, up and ready; their names and the database of each service."""
    databases = {service.name: f"rolling_{uuid.uuid4().hex[:6]}_{service.name}" for service in SERVICES}
    names = {service.name: [f"{service.name}-{n + 1}" for n in range(replicas)] for service in SERVICES}
    settings = {"matching": {"ENTENTE_OFFER_RESPONSE": OFFER_RESPONSE}}
    common = {"ENTENTE_DRAIN_SECONDS": f"{drain:g}", "ENTENTE_STORE_TIMEOUT_MS": STORE_TIMEOUT_MS}
    stack = Stack(
        TOPICS,
        services=[Service(name, it.command, it.mails) for it in SERVICES for name in names[it.name]],
        extra_env={
            name: {**common, "ENTENTE_DATABASE": databases[it], **settings.get(it, {})}
            for it, own in names.items()
            for name in own
        },
        directory=PLACE,
        logs=PLACE / "logs",
        ready_within=READY_WITHIN,
    )
    async with stack:
        yield stack, names, databases


async def restart_all(stack: Stack, names: dict[str, list[str]], caller: Caller) -> list[dict[str, Any]]:
    """Stop, start and await one replica after the other; how each ended and how long it was away."""
    done = []
    for name in (name for own in names.values() for name in own):
        child, began, errors = stack.children[name], time.monotonic(), len(caller.errors)
        child.terminate()
        code = await asyncio.to_thread(child.wait, ENDS_WITHIN)
        stopped = time.monotonic()
        await stack.restart(name)
        done.append(
            {
                "replica": name,
                "ended": "killed" if code is None else code,
                "stop_seconds": round(stopped - began, 1),
                "ready_after_seconds": round(time.monotonic() - stopped, 1),
                "errors_meanwhile": len(caller.errors) - errors,
            }
        )
        say(json.dumps(done[-1]))
    return done


async def roll(rounds: int, replicas: int, drain: float, seed: int) -> dict[str, Any]:
    """The whole run; what was called, restarted and answered."""
    addresses = os.environ["ENTENTE_KAFKA"].split(",")
    async with replicated(replicas, drain) as (stack, names, databases):
        proxy = Proxy({it: [stack.urls[name] for name in own] for it, own in names.items()}, PLACE)
        caller = Caller(proxy.urls, stack.issuer, seed)
        stop = asyncio.Event()
        try:
            await proxy.start()
            await caller.open_world(EXPERTS)
            say(f"{EXPERTS} experts entered; {replicas} replicas of each service; restarting all, {rounds} times")
            working = asyncio.create_task(caller.work(stop))
            began = time.monotonic()
            restarts = []
            for _ in range(rounds):
                restarts += await restart_all(stack, names, caller)
            seconds = time.monotonic() - began
            stop.set()
            await working
            findings = await audited(Watch(addresses, stack.mongodb, databases, None))
        finally:
            await caller.close()
            proxy.child.stop(3)
            if not stack.own_store:
                await drop(stack.mongodb, databases)
    sent = proxy.noted()
    return {
        "rounds": rounds,
        "replicas": replicas,
        "seed": seed,
        "drain_seconds": drain,
        "store": "embedded" if stack.own_store else "from ENTENTE_MONGODB",
        "restarts": len(restarts),
        "seconds": round(seconds, 1),
        "calls": caller.tally.calls,
        "calls_per_second": round(caller.tally.calls / seconds, 1),
        "answers": {str(status): count for status, count in sorted(caller.answers.items())},
        "requests_submitted": len(caller.tally.requests),
        "whole_cases": caller.followed,
        "answered_within_seconds": {"half": _share(caller.waits, 0.5), "99 of 100": _share(caller.waits, 0.99)}
        | {"all": _share(caller.waits, 1)},
        "sent_on_to_another_replica": Counter(it["method"] for it in sent if "," in it["answers"]),
        "errors": caller.errors,
        "effects_waited_for_too_long": caller.late,
        "audit": {"clean": findings.clean, **findings.as_json(10)},
        "each": restarts,
    }


def _share(waits: list[float], share: float) -> float:
    return round(sorted(waits)[max(0, round(len(waits) * share) - 1)], 2)


async def audited(watch: Watch) -> Findings:
    """The findings once all is at rest; asked again where the store is too busy to answer."""
    for _ in range(AUDITS - 1):
        with contextlib.suppress(PyMongoError):
            return (await watch.settled(within=REST_WITHIN))[0]
    return (await watch.settled(within=REST_WITHIN))[0]


async def drop(mongodb: str, databases: dict[str, str]) -> None:
    """Remove the databases of this run from a store that is not ours."""
    client = connect(mongodb, timeout_ms=30_000)
    try:
        for database in databases.values():
            await client.drop_database(database)
    finally:
        await close(client)


def say(what: str) -> None:
    """Progress on the terminal."""
    sys.stdout.write(f"rolling: {what}\n")
    sys.stdout.flush()


def main() -> None:
    """Run, write the report, exit 1 on any error at a caller, any kill and any finding."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=1, help="how often every replica is restarted")
    parser.add_argument("--replicas", type=int, default=2, help="of each service, at least 2")
    parser.add_argument("--drain", type=float, default=0, help="ENTENTE_DRAIN_SECONDS of every service")
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    if not os.environ.get("ENTENTE_KAFKA"):
        sys.exit("rolling: set ENTENTE_KAFKA to a real Kafka; the stand-in settles no group of several members")
    report = asyncio.run(roll(chosen.rounds, chosen.replicas, chosen.drain, chosen.seed))
    PLACE.mkdir(parents=True, exist_ok=True)
    (ROOT / "build" / "rolling.json").write_text(json.dumps(report, indent=2) + "\n")
    killed = [it["replica"] for it in report["each"] if it["ended"] != 0]
    clean = report["audit"]["clean"]
    say(
        f"{report['calls']} calls, {report['restarts']} restarts, {len(report['errors'])} errors at the caller, "
        f"{len(killed)} not ended in time; audit: {'clean' if clean else 'NOT clean'}"
    )
    sys.exit(1 if report["errors"] or killed or not clean else 0)


if __name__ == "__main__":
    main()
