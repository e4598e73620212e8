"""Catching up with waiting events at 1, 2 and 3 replicas of matching, and what bounds each figure.

    ENTENTE_KAFKA=… [ENTENTE_MONGODB=…] python -m benchmarks.scaling [--events 20000] [--replicas 1,2,3]

Needs a real Kafka: the stand-in settles no group of several members. Without ENTENTE_MONGODB the embedded store is
used. The events wait on the topic before any replica starts, and each run begins with the same ones and an empty
database. Writes build/scaling.json (`--to` names another file) after each run; runs of other numbers of replicas that
stand in it stay, so that a slow machine may measure in parts.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from benchmarks.figures import busy_cores_seconds, cpu_seconds, listener
from benchmarks.waiting import GROUP, REVISIONS, Waiting, put, rewind
from deploy.embedded.process import ROOT
from deploy.embedded.stack import SERVICES, Service, Stack
from shared.contracts.topics import TOPICS
from shared.messaging.topics import Topics
from shared.store.client import close, connect

PARTITIONS = 6
"""Divides evenly among 1, 2 and 3 members."""
WITHIN = 300.0
"""Seconds after which a run that has not caught up is given up."""
MATCHING = next(service for service in SERVICES if service.name == "matching")
Sample = tuple[float, list[int]]


@dataclass
class Watched:
    """The processes whose CPU is counted, and what the store was asked."""

    pids: dict[str, int]
    mongodb: str
    began: float = field(default_factory=time.monotonic)

    async def look(self) -> dict[str, Any]:
        """Seconds, CPU seconds by process and of the whole machine, and the store's own counters, as of now."""
        return {
            "at": time.monotonic() - self.began,
            "cpu": {name: cpu_seconds(pid) for name, pid in self.pids.items()},
            "machine": busy_cores_seconds(),
            "store": await self._counters(),
        }

    async def _counters(self) -> dict[str, int]:
        client = connect(self.mongodb, timeout_ms=10_000)
        try:
            told = await client.admin.command("serverStatus")
            return {name: int(count) for name, count in dict(told["opcounters"]).items()}
        except Exception:  # noqa: BLE001 - the embedded store has no such command
            return {}
        finally:
            await close(client)


def used(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """Cores in use between two looks, by process; store operations a second by kind."""
    seconds = after["at"] - before["at"]
    cores = {name: round((after["cpu"][name] - cpu) / seconds, 2) for name, cpu in before["cpu"].items()}
    machine = round((after["machine"] - before["machine"]) / seconds, 2)
    cores["everything else"] = round(max(0.0, machine - sum(cores.values())), 2)
    asked = {name: round((after["store"][name] - count) / seconds) for name, count in before["store"].items()}
    return {"cores": {**cores, "machine": machine, "of": os.cpu_count()}, "store_ops_per_second": asked}


@asynccontextmanager
async def replicas_of_matching(count: int, database: str) -> AsyncIterator[tuple[Stack, asyncio.Task[None]]]:
    """That many replicas on one database, on their way up."""
    names = [f"matching-{number}" for number in range(1, count + 1)]
    settings = {
        "ENTENTE_DATABASE": database,
        "ENTENTE_KAFKA_PARTITIONS": str(PARTITIONS),
        "ENTENTE_STORE_TIMEOUT_MS": "4500",
    }
    place = ROOT / "build" / "scaling"
    stack = Stack(
        TOPICS,
        services=[Service(name, MATCHING.command) for name in names],
        extra_env=dict.fromkeys(names, settings),
        directory=place,
        logs=place / "logs",
        ready_within=WITHIN,
    )
    starting = asyncio.create_task(stack.start())
    try:
        yield stack, starting
    finally:
        starting.cancel()
        await asyncio.gather(starting, return_exceptions=True)
        await stack.stop()


async def run(waiting: Waiting, replicas: int, database: str) -> dict[str, Any]:
    """One catch-up. `seconds` is from the first to the last effect, by the documents' own instants; the cores are those
    of the time between the moment a fifth and the moment four fifths were done."""
    events = len(waiting.experts) * REVISIONS
    await rewind(os.environ["ENTENTE_KAFKA"].split(","), waiting)
    async with replicas_of_matching(replicas, database) as (stack, starting):
        names = list(stack.urls)
        samples, looks = await _until_done(stack, names, events, starting)
        first, last, applied = await _effects(stack.mongodb, database, waiting)
    seconds = (last - first) / 1000
    return {
        "replicas": replicas,
        "events": events,
        "effects": applied,
        "seconds": round(seconds, 1),
        "events_per_second": round(events / seconds),
        "handled_by": dict(zip(names, samples[-1][1], strict=True)),
        **(used(*looks) if len(looks) == 2 else {}),
    }


async def _until_done(
    stack: Stack, names: list[str], events: int, starting: asyncio.Task[None]
) -> tuple[list[Sample], list[dict[str, Any]]]:
    """What each replica had handled, once a second, until all is done; looks at a fifth and at four fifths."""
    samples: list[Sample] = []
    looks: list[dict[str, Any]] = []
    watched: Watched | None = None
    async with httpx.AsyncClient(timeout=5) as client, asyncio.timeout(WITHIN):
        while True:
            handled = list(await asyncio.gather(*(_handled(client, stack.urls[name]) for name in names)))
            samples.append((time.monotonic(), handled))
            if watched is None and all(name in stack.children and stack.children[name].pid for name in names):
                watched = Watched(_pids(stack, names), stack.mongodb)
            if watched is not None and len(looks) < 2 and sum(handled) >= events * (0.2, 0.8)[len(looks)]:
                looks.append(await watched.look())
            if sum(handled) >= events:
                return samples, looks
            if starting.done() and starting.exception() is not None:
                await starting
            await asyncio.sleep(1)


async def _handled(client: httpx.AsyncClient, url: str) -> int:
    """Events of the group a replica has handled so far; 0 while it does not answer yet."""
    try:
        text = (await client.get(f"{url}/metrics")).text
    except httpx.HTTPError:
        return 0
    lines = [li for li in text.splitlines() if li.startswith("entente_events_handled_total{") and f'"{GROUP}"' in li]
    return sum(int(float(line.rsplit(" ", 1)[1])) for line in lines)


def _pids(stack: Stack, names: list[str]) -> dict[str, int]:
    ports = {"kafka": int(stack.kafka.split(",")[0].rsplit(":", 1)[1])}
    ports["store"] = urlsplit(stack.mongodb.split(",")[0]).port or 27017
    servers = {name: listener(port) for name, port in ports.items()}
    replicas = {name: stack.children[name].pid for name in names}
    return {name: pid for name, pid in (replicas | servers).items() if pid is not None}


async def _effects(mongodb: str, database: str, waiting: Waiting) -> tuple[int, int, int]:
    """Instants of the first and the last effect (ms since 1970), and how many of the events were applied; then all of
    it is deleted, for the next run."""
    client = connect(mongodb, timeout_ms=30_000)
    try:
        roster = client[database]["roster"]
        found = await roster.find({}, {"created_at": 1, "updated_at": 1, "seen": 1}).to_list(None)
        await roster.delete_many({})
    finally:
        await close(client)
    applied = sum(sequence for row in found for sequence, _ in row["seen"].values())
    missing = len(waiting.experts) * REVISIONS - applied
    if missing:
        raise RuntimeError(f"{missing} events have no effect, though all were counted as handled")
    return min(row["created_at"] for row in found), max(row["updated_at"] for row in found), applied


async def _drop(mongodb: str, database: str) -> None:
    client = connect(mongodb, timeout_ms=30_000)
    try:
        await client.drop_database(database)
    finally:
        await close(client)


async def measure(events: int, replicas: list[int], to: Path) -> None:
    """All runs, one after another; each is told and written when it ends."""
    addresses = os.environ["ENTENTE_KAFKA"].split(",")
    differences = await Topics(addresses, partitions=PARTITIONS).apply()
    if differences:
        raise SystemExit(f"scaling: {differences[0].topic} {differences[0].what}: {differences[0].mend}")
    database = f"scaling_{uuid.uuid4().hex[:8]}"
    say("one replica makes the indexes, so that no run does")
    async with replicas_of_matching(1, database) as (stack, starting):
        await starting
    say(f"putting {events} events on the topic")
    waiting = await put(addresses, events, PARTITIONS)
    store = "from ENTENTE_MONGODB" if os.environ.get("ENTENTE_MONGODB") else "embedded"
    try:
        for count in replicas:
            done = await run(waiting, count, database)
            say(json.dumps(done))
            keep({"events": events, "store": store, "partitions": PARTITIONS}, done, to)
    finally:
        if not stack.own_store:
            await _drop(stack.mongodb, database)


def keep(what: dict[str, Any], done: dict[str, Any], to: Path) -> None:
    """Write a run into the report, beside the runs of other numbers of replicas where it is about the same."""
    before = json.loads(to.read_text()) if to.exists() else {}
    runs = before["runs"] if {name: before.get(name) for name in what} == what else []
    runs = sorted([run for run in runs if run["replicas"] != done["replicas"]] + [done], key=lambda it: it["replicas"])
    base = runs[0]["events_per_second"]
    gain = {str(run["replicas"]): round(run["events_per_second"] / base, 2) for run in runs}
    to.parent.mkdir(parents=True, exist_ok=True)
    to.write_text(json.dumps({**what, "gain_over_the_first": gain, "runs": runs}, indent=2) + "\n")


def say(what: str) -> None:
    """Progress on the terminal."""
    print(f"scaling: {what}", flush=True)


def main() -> None:
    """Measure and write the result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=20_000, help=f"a multiple of {REVISIONS}")
    parser.add_argument("--replicas", default="1,2,3", help="how many, run after run")
    parser.add_argument("--to", type=Path, default=ROOT / "build" / "scaling.json")
    chosen = parser.parse_args()
    if not os.environ.get("ENTENTE_KAFKA"):
        sys.exit("scaling: set ENTENTE_KAFKA to a real Kafka; the stand-in settles no group of several members")
    asyncio.run(measure(chosen.events, [int(count) for count in chosen.replicas.split(",")], chosen.to))
    say(f"written to {chosen.to}")


if __name__ == "__main__":
    main()
