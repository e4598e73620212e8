"""One load on the whole chain: requests submitted at a steady rate, and when their effects were there.

    python -m benchmarks.chain --rate R --requests N

prints JSON and nothing else. The rate is kept whatever the answers do (open loop), so that waiting shows as latency.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from typing import Any

from benchmarks.figures import spread
from benchmarks.floors import write
from benchmarks.world import World, documents, mails_sent, running
from shared.ids import derived_id

AT_ONCE = 8
BULK = 100


async def load(world: World, rate: float, requests: int, *, write_ms: float = 0.0, patience: float = 60.0) -> Any:
    """Submit `requests` at `rate` a second. Latencies in milliseconds from the call to the answer, to the requester's
    receipt written, and to the indicative list announced to the officer; `seconds` until all of it was there. CPU is
    that of the stack alone, mails included, until the last of these effects; the load itself takes more.

    A document says when it was decided; `write_ms`, the median of one write, is added for its becoming durable.
    """
    drafts = await _drafts(world, requests)
    await mails_sent(world)
    before = world.cpu_seconds()
    began = time.perf_counter()
    tasks = []
    for number, (case, request_id) in enumerate(drafts):
        await asyncio.sleep(max(0.0, began + number / rate - time.perf_counter()))
        tasks.append(asyncio.create_task(world.submit(case, request_id)))
    answers = await asyncio.gather(*tasks)
    posted = {request_id: wall for (_, request_id), (wall, _) in zip(drafts, answers, strict=True)}
    receipts, lists = await _effects(world, drafts, patience)
    last = max([*receipts.values(), *lists.values()], default=0.0)
    began_at = min(posted.values())
    seconds = max(last - began_at, 0.001)
    used = {name: now - before[name] for name, now in world.cpu_seconds().items()}
    return {
        "rate": rate,
        "requests": requests,
        "began": began_at,
        "answered_ms": spread([ms for _, ms in answers]),
        "receipt_ms": spread([(receipts[r] - posted[r]) * 1000 + write_ms for r in receipts]),
        "indicative_ms": spread([(lists[r] - posted[r]) * 1000 + write_ms for r in lists]),
        "missing": 2 * requests - len(receipts) - len(lists),
        "seconds": round(seconds, 2),
        "done_per_second": round(requests / seconds, 1),
        "cores_used": {name: round(cpu / seconds, 2) for name, cpu in used.items()},
        "cpu_ms_per_request": {name: round(1000 * cpu / requests, 1) for name, cpu in used.items()},
    }


async def _drafts(world: World, requests: int) -> list[Any]:
    slots = asyncio.Semaphore(AT_ONCE)

    async def draft(number: int) -> Any:
        async with slots:
            return await world.draft(number)

    return await asyncio.gather(*(draft(number) for number in range(requests)))


async def _effects(world: World, drafts: list[Any], patience: float) -> tuple[dict[str, float], dict[str, float]]:
    """When each request's receipt and indicative list were decided (Unix seconds), once all are or time is up."""
    receipt_of, list_of = {}, {}
    for case, request_id in drafts:
        submitted = derived_id("evt", "registration.requests", request_id, "1")
        searched = derived_id("evt", "matching.searches", request_id, "1")
        receipt_of[derived_id("dlv", submitted, case.contacts["focal_point"], "inbox")] = request_id
        list_of[derived_id("dlv", searched, world.office.staff["manager"], "inbox")] = request_id
    at: dict[str, float] = {}
    deadline = time.monotonic() + patience
    while missing := [id_ for id_ in (*receipt_of, *list_of) if id_ not in at]:
        for start in range(0, len(missing), BULK):
            where = {"_id": {"$in": missing[start : start + BULK]}}
            found = await documents(world, "notifications", "deliveries", where, fields=("created_at",))
            at.update({row["_id"]: row["created_at"] / 1000 for row in found})
        if time.monotonic() > deadline:
            break
        await asyncio.sleep(0.5)
    receipts = {request: at[id_] for id_, request in receipt_of.items() if id_ in at}
    lists = {request: at[id_] for id_, request in list_of.items() if id_ in at}
    return receipts, lists


async def _main(rate: float, requests: int) -> None:
    async with running() as world:
        write_ms = (await write(world))["p50"]
        print(json.dumps({**await load(world, rate, requests, write_ms=write_ms), "write_ms": write_ms}, indent=2))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rate", type=float, default=20.0, help="requests a second, at most 500")
    parser.add_argument("--requests", type=int, default=200, help="how many, at most 5,000")
    chosen = parser.parse_args()
    asyncio.run(_main(min(chosen.rate, 500.0), min(chosen.requests, 5000)))
