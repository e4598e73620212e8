"""Whole cases, one after another: from the approval to the complete team, each step timed where its effect is written.

One case at a time: what one step costs, without queueing. Every case lies in weeks of its own, so that the people who
accepted an earlier one can be asked again.
"""

from __future__ import annotations

import time
from collections import defaultdict
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from benchmarks.figures import spread
from benchmarks.world import World, documents
from deploy.demo import bodies
from deploy.demo.interfaces import Person, until
from deploy.demo.office import OFFICER, Case
from examples.ahead import later

STEPS = ("terms_ms", "list_ms", "offer_ms", "answered_ms", "team_ms")
SLOT_CASES, SLOT_DAYS = 3, 60
"""The three sample cases share their weeks, the next three come 60 days later."""
LOOK_EVERY = 0.05

Taken = dict[str, list[float]]
"""Step -> milliseconds of each time it was taken."""


async def field(world: World, cases: int, *, first: int = 0, write_ms: float = 0.0) -> Any:
    """Play `cases` whole cases, numbered from `first`; milliseconds of each step, and the ids of their requests.

    `terms_ms` from the approval to the draft of the terms, `list_ms` from final terms to the last ranked list,
    `offer_ms` from an approved list to the expert's notice, `answered_ms` of the acceptance, `team_ms` from the last
    acceptance to the partner's notice of the complete team. `write_ms` as in the chain.
    """
    taken: Taken = defaultdict(list)
    before = world.cpu_seconds()
    requests = [await _whole_case(world, number, taken, write_ms) for number in range(first, first + cases)]
    used = sum(now - before[name] for name, now in world.cpu_seconds().items())
    figures = {step: spread(taken[step]) for step in STEPS}
    return {"cases": cases, **figures, "cpu_ms_per_case": round(1000 * used / cases, 1), "requests": requests}


async def _whole_case(world: World, number: int, taken: Taken, write_ms: float) -> str:
    case = in_its_weeks(world.cases[number % len(world.cases)], number)
    body = bodies.request(case.example, case.contacts)
    drafted = await world.api.ask(case.focal_point, "POST", "registration", "/requests", json=body)
    id_ = str(drafted["id"])
    await world.submit(case, id_)
    await _matched(world, f"/searches/{id_}")
    asked: dict[str, list[float]] = defaultdict(list)
    path, read = await _approve(world, case, id_, asked)
    asked["position.shortlisted"].append(time.time())
    await world.api.ask(OFFICER, "POST", "registration", f"{path}/finalisation", if_match=read)
    for position in await _listed(world, id_, len(case.example["action"]["positions"])):
        await _fill(world, position["position_id"], asked, taken)
    await _matched(world, "/teams", request=id_, complete="yes")
    said = await _said(world, id_, accepted=len(asked["assignment.accepted"]))
    lists = [entry["at"] for entry in said["position.shortlisted"]]
    taken["terms_ms"].append(1000 * (said["tor.drafted"][0]["at"] - asked["tor.drafted"][0]) + write_ms)
    taken["list_ms"].append(1000 * (max(lists) - asked["position.shortlisted"][0]) + write_ms)
    for offer, wall in zip(said["assignment.offered"], asked["assignment.offered"], strict=True):
        taken["offer_ms"].append(1000 * (await _told(world, offer["event_id"]) - wall) + write_ms)
    complete = await _told(world, said["team.complete"][0]["event_id"])
    taken["team_ms"].append(1000 * (complete - asked["assignment.accepted"][-1]) + write_ms)
    return id_


async def _approve(world: World, case: Case, request_id: str, asked: Taken) -> tuple[str, str]:
    """Path and entity tag of the draft terms."""
    asked["tor.drafted"].append(time.time())
    path = f"/requests/{request_id}/approval"
    done = await world.api.ask(OFFICER, "POST", "registration", path, json=bodies.design(case.example))
    terms = f"/terms-of-reference/{done['approval']['terms_of_reference_id']}"

    async def drafted() -> Any:
        answer = await world.api.call(OFFICER, "GET", "registration", terms)
        return answer.headers["ETag"] if answer.status_code == 200 else None

    return terms, str(await until(drafted, f"terms of {request_id}", every=LOOK_EVERY))


async def _listed(world: World, request_id: str, count: int) -> list[dict[str, Any]]:
    async def listed() -> Any:
        found = await world.api.get(OFFICER, "matching", "/positions", request=request_id, state="shortlisted")
        return found["items"] if len(found["items"]) == count else None

    positions: list[dict[str, Any]] = await until(listed, f"{count} lists of {request_id}", every=LOOK_EVERY)
    return sorted(positions, key=lambda position: int(position["number"]))


async def _fill(world: World, position_id: str, asked: Taken, taken: Taken) -> None:
    path = f"/positions/{position_id}"
    asked["assignment.offered"].append(time.time())
    await world.api.ask(OFFICER, "POST", "matching", f"{path}/shortlist-approval")

    async def offered() -> Any:
        offers = (await world.api.get(OFFICER, "matching", path))["offers"]
        return offers[0] if offers else None

    offer = await until(offered, f"an offer of {position_id}", every=LOOK_EVERY)
    expert = Person("expert", offer["expert_id"], expert_id=offer["expert_id"])
    asked["assignment.accepted"].append(time.time())
    began = time.perf_counter()
    await world.api.ask(expert, "POST", "matching", f"/offers/{offer['offer_id']}/acceptance")
    taken["answered_ms"].append(1000 * (time.perf_counter() - began))


async def _said(world: World, request_id: str, accepted: int) -> dict[str, list[dict[str, Any]]]:
    """What the timeline of a case that has its team says, by type, each in the order of its instants (Unix seconds).

    What matching says of positions and of teams comes on two topics: the timeline is whole once both are there.
    """

    async def whole() -> Any:
        entries = (await world.api.get(OFFICER, "registration", f"/requests/{request_id}/timeline"))["items"]
        codes = [entry["code"] for entry in entries]
        there = "team.complete" in codes and codes.count("assignment.accepted") == accepted
        return entries if there else None

    said: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for entry in await until(whole, f"the timeline of {request_id}", every=LOOK_EVERY):
        at = datetime.fromisoformat(entry["at"]).timestamp()
        said[entry["code"]].append({"at": at, "event_id": entry["event_id"]})
    return {code: sorted(entries, key=lambda entry: float(entry["at"])) for code, entries in said.items()}


async def _told(world: World, event_id: str) -> float:
    """When the first notice of an event was decided (Unix seconds)."""

    async def told() -> Any:
        return await documents(world, "notifications", "deliveries", {"keys.event_id": event_id})

    notices = await until(told, f"notices of {event_id}", every=LOOK_EVERY)
    return min(float(row["created_at"]) for row in notices) / 1000


async def _matched(world: World, path: str, **params: Any) -> None:
    """Return once matching answers with something there."""

    async def there() -> bool:
        answer = await world.api.call(OFFICER, "GET", "matching", path, params=params or None)
        return answer.status_code == 200 and bool(answer.json().get("items", True))

    await until(there, f"{path} {params}", every=LOOK_EVERY)


def in_its_weeks(case: Case, number: int) -> Case:
    """The sample case with all its days moved into the slot of this number."""
    return replace(case, example=later(case.example, timedelta(days=number // SLOT_CASES * SLOT_DAYS)))
