"""`make bench`: everything in one run, written to build/bench.json. Read the ratios; milliseconds are this machine's.

python -m benchmarks [--only floors,chain,drain,saturation,growth]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import time
from pathlib import Path
from typing import Any

from benchmarks.chain import load
from benchmarks.drain import drain
from benchmarks.figures import resident_mb
from benchmarks.floors import floors
from benchmarks.growth import growth
from benchmarks.world import World, running
from deploy.services import SERVICES

PARTS = ("floors", "chain", "drain", "saturation", "growth")
AIM_CHAIN, AIM_DRAIN = 1.5, 3.0
AIM_MB = {"registration": 130, "notifications": 130, "matching": 250}
RATE, REQUESTS = 20.0, 300
UNHURRIED = 4.0
"""A rate far below what two cores can carry together with the stand-ins: latency without queueing."""
DRAIN_AT_LEAST = 3.0
RATES = (10, 15, 20, 30, 40)
KEEPS_UP = 0.8
"""Of what is offered, the part that must get done for the chain to keep up."""
KEPT = ("rate", "done_per_second", "missing", "receipt_ms", "indicative_ms", "cores_used", "cpu_ms_per_request")
RESULT = Path(__file__).resolve().parents[1] / "build" / "bench.json"


async def measure(only: tuple[str, ...]) -> dict[str, Any]:
    """All parts that were asked for; each ratio beside its aim."""
    began = time.monotonic()
    machine = {"cores": os.cpu_count(), "python": platform.python_version(), "load_before": os.getloadavg()[0]}
    report: dict[str, Any] = {"machine": machine}
    async with running() as world:
        say("the services at rest, floors")
        report["rest_mb"] = rest(world)
        found = await floors(world)
        report["floors"] = found
        write_ms = found["write_ms"]["p50"]
        if "chain" in only:
            say(f"the chain at {RATE:.0f} requests a second")
            await load(world, RATE, 40, write_ms=write_ms)
            report["chain"] = against_floors(await load(world, RATE, REQUESTS, write_ms=write_ms), found)
            say(f"the chain at {UNHURRIED:.0f} requests a second, where the machine has room")
            report["chain_unhurried"] = against_floors(await load(world, UNHURRIED, 60, write_ms=write_ms), found)
        if "drain" in only:
            say("draining 5,000 waiting events, in batches and one by one")
            report["drain"] = {**await drain(world), "aim_ratio": AIM_DRAIN}
        if "saturation" in only:
            say("raising the rate until the chain no longer keeps up")
            report["saturation"] = await saturation(world, write_ms)
        if "growth" in only:
            say("the same work with 1,000 and 20,000 finished cases stored; seeding takes minutes")
            report["growth"] = await growth(world, write_ms)
    report["seconds"] = round(time.monotonic() - began)
    return report


def rest(world: World) -> dict[str, Any]:
    """Resident memory of each service with its roster loaded and nothing to do, MB."""
    found = {name: resident_mb(world.stack.children[name].pid) for name in SERVICES}
    return {name: {"mb": mb, "aim_mb": AIM_MB[name], "ok": mb < AIM_MB[name]} for name, mb in found.items()}


def against_floors(chain: dict[str, Any], found: dict[str, Any]) -> dict[str, Any]:
    """The chain's latencies as multiples of the sum of their floors: 1 HTTP, 2 writes (submission, notice), 1 hop
    to the receipt; 1 HTTP, 3 writes (submission, list, notice), 2 hops, 1 ranking to the indicative list."""
    sums = {}
    for p in ("p50", "p99"):
        http, write, hop, ranking = (found[f"{name}_ms"][p] for name in ("http", "write", "hop", "ranking"))
        sums[p] = {"receipt": http + 2 * write + hop, "indicative": http + 3 * write + 2 * hop + ranking}
    ratios = {
        name: {p: round(chain[f"{name}_ms"][p] / sums[p][name], 2) for p in ("p50", "p99")}
        for name in ("receipt", "indicative")
    }
    floor_sums = {p: {name: round(ms, 2) for name, ms in values.items()} for p, values in sums.items()}
    return {**chain, "sum_of_floors_ms": floor_sums, "ratio_to_floors": ratios, "aim_ratio": AIM_CHAIN}


async def saturation(world: World, write_ms: float) -> dict[str, Any]:
    """The rate at which the chain no longer keeps up, and what bounds it; the steps on the way."""
    steps: list[dict[str, Any]] = []
    for rate in RATES:
        step = await load(world, rate, min(rate * 8, 400), write_ms=write_ms)
        steps.append({k: step[k] for k in KEPT})
        done, wait = step["done_per_second"], step["indicative_ms"]["p50"]
        say(f"  offered {rate}/s: done {done}/s, indicative p50 {wait:.0f} ms")
        if not keeps_up(steps[-1]):
            break
    best = max(steps, key=lambda s: s["done_per_second"])
    total = sum(best["cores_used"].values())
    busiest = max(best["cores_used"], key=lambda name: best["cores_used"][name])
    bound = f"{total:.2f} of {os.cpu_count()} cores in use by the stack, most of it by {busiest}"
    return {"steps": steps, **saturated(steps), "bound": bound}


def keeps_up(step: dict[str, Any]) -> bool:
    """Whether what was offered got done, nearly as fast as it was offered."""
    return bool(step["done_per_second"] >= KEEPS_UP * step["rate"] and not step["missing"])


def saturated(steps: list[dict[str, Any]]) -> dict[str, Any]:
    """The most that got done in a second, where the last step no longer kept up; otherwise null: no step says how much
    more there would have been."""
    if keeps_up(steps[-1]):
        said = f"not reached up to {steps[-1]['rate']:g}/s"
        return {"saturates_at_per_second": None, "saturation": said}
    most = max(step["done_per_second"] for step in steps)
    return {"saturates_at_per_second": most, "saturation": f"at {most:g}/s"}


def say(what: str) -> None:
    """Progress on the terminal."""
    print(f"bench: {what}", flush=True)


def main() -> None:
    """Measure, write the result, print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default=",".join(PARTS))
    only = tuple(parser.parse_args().only.split(","))
    report = asyncio.run(measure(only))
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(report, indent=2) + "\n")
    print(json.dumps({k: v for k, v in report.items() if k != "saturation"}, indent=2))
    if "saturation" in report:
        print(f"saturation {report['saturation']['saturation']}: {report['saturation']['bound']}")
    print("written to build/bench.json")
    if missed := failures(report):
        raise SystemExit("bench: " + "; ".join(missed))


def failures(report: dict[str, Any]) -> list[str]:
    """What must not be, whatever the machine's pace. Of aims that are missed the ratios tell, and the run ends well."""
    loads: dict[str, Any] = {name: report[name] for name in ("chain", "chain_unhurried") if name in report}
    loads |= {f"growth, {name}": report["growth"][name] for name in ("few", "many") if "growth" in report}
    found = [f"{name}: {load['missing']} effects are missing" for name, load in loads.items() if load["missing"]]
    found += [f"{name} holds {it['mb']} MB at rest" for name, it in report["rest_mb"].items() if not it["ok"]]
    if "drain" in report and (ratio := report["drain"]["guarded_write"]["ratio"]) < DRAIN_AT_LEAST:
        found.append(f"batches drain {ratio} times as fast as single events, not {DRAIN_AT_LEAST:g}")
    if "growth" in report:
        few, many = report["growth"]["stored"]
        found += [
            f"{name} grows: {report['growth']['ratio_many_to_few'][name]:g} times with {many:,} finished cases stored "
            f"what it is with {few:,}, not under {report['growth']['grows_from']:g}"
            for name in report["growth"]["grows"]
        ]
    return found


if __name__ == "__main__":
    main()
