"""Act two: three requests become three complete teams; one expert declines, one lets an offer lapse."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from deploy.demo import bodies
from deploy.demo.interfaces import Interfaces, Person, until
from deploy.demo.office import OFFICER, Case, Office
from deploy.demo.telling import Teller

DECLINE, LAPSE = ("nigeria-2020", 2), ("panama-2021-22", 1)
"""(case, position number) whose first offer is declined, and left without an answer."""


@dataclass
class Outcome:
    """What the story came to."""

    offers: Counter[str] = field(default_factory=Counter)
    teams: list[dict[str, Any]] = field(default_factory=list)
    accepted: list[tuple[str, str]] = field(default_factory=list)
    """(position id, expert id)"""


async def submit(api: Interfaces, teller: Teller, case: Case) -> None:
    """The focal point drafts the request and submits it."""
    key = case.example["key"]
    body = bodies.request(case.example, case.contacts)
    draft = await api.ask(case.focal_point, "POST", "registration", "/requests", json=body, key=f"draft-{key}")
    case.request_id, case.reference = draft["id"], draft["reference"]
    case.submitted_at = time.time()
    path = f"/requests/{case.request_id}/submission"
    await api.ask(case.focal_point, "POST", "registration", path, key=f"submit-{key}")
    teller.did(f"focal point {case.country}", f"submits {case.reference}: {body['title']}")


async def consider(api: Interfaces, teller: Teller, case: Case, office: Office) -> None:
    """The officer looks at the indicative list and approves the request."""
    search = await until(lambda: _read(api, f"/searches/{case.request_id}"), f"indicative list of {case.reference}")
    best = ", ".join(f"{office.name_of(c['expert_id'])} ({c['score'] / 1000:.1f})" for c in search["candidates"][:3])
    teller.did(
        "officer",
        f"sees for {case.reference}: {search['suitable']} of {search['considered']} could do this; first: {best}",
    )
    path = f"/requests/{case.request_id}/approval"
    key = f"approve-{case.example['key']}"
    await api.ask(OFFICER, "POST", "registration", path, json=bodies.design(case.example), key=key)
    teller.did("officer", f"approves {case.reference}")


async def finalise(api: Interfaces, teller: Teller, case: Case) -> None:
    """The terms of reference become final: the binding search starts."""

    async def drafted() -> Any:
        found = await api.all_of(OFFICER, "registration", "/terms-of-reference", request=case.request_id)
        return found[0] if found else None

    terms = await until(drafted, f"terms of reference of {case.reference}")
    case.action_code = terms["action_code"]
    path = f"/terms-of-reference/{terms['id']}/finalisation"
    read = f'"{terms["version"]}"'
    await api.ask(OFFICER, "POST", "registration", path, key=f"final-{case.example['key']}", if_match=read)
    teller.did("officer", f"makes the terms of reference of action {case.action_code} final")


async def fill(api: Interfaces, teller: Teller, case: Case, outcome: Outcome, office: Office) -> None:
    """The officer approves each list; offers go out and are answered until every position is accepted."""
    wanted = len(case.example["action"]["positions"])

    async def listed() -> Any:
        found = await api.all_of(OFFICER, "matching", "/positions", request=case.request_id, state="shortlisted")
        return found if len(found) == wanted else None

    positions = await until(listed, f"{wanted} ranked lists for {case.action_code}")
    for position in sorted(positions, key=lambda p: p["number"]):
        path, read = f"/positions/{position['position_id']}/shortlist-approval", f'"{position["version"]}"'
        await api.ask(OFFICER, "POST", "matching", path, key=f"list-{position['position_id']}", if_match=read)
        teller.did("officer", f"approves the list for {case.action_code}, position {position['number']}")
    await asyncio.gather(*(_answer(api, teller, case, position, outcome, office) for position in positions))
    team = await until(lambda: _team(api, case), f"complete team for {case.action_code}")
    outcome.teams.append(team)


async def _answer(
    api: Interfaces, teller: Teller, case: Case, position: dict[str, Any], outcome: Outcome, office: Office
) -> None:
    """Answer the offers of one position, as its experts, until one is accepted."""
    place = (case.example["key"], position["number"])
    where = f"{case.action_code}, position {position['number']}"
    path = f"/positions/{position['position_id']}"
    for attempt in range(1, 20):

        async def offered(number: int = attempt) -> Any:
            now = await api.get(OFFICER, "matching", path)
            return now["offers"][number - 1] if len(now["offers"]) >= number else None

        offer = await until(offered, f"offer {attempt} for {where}")
        outcome.offers["made"] += 1
        expert = Person("expert", offer["expert_id"], expert_id=offer["expert_id"])
        who = office.name_of(offer["expert_id"])
        if attempt == 1 and place == LAPSE:
            teller.did(who, f"does not answer the offer for {where}")
            await until(lambda o=offer: _over(api, path, o["offer_id"]), f"lapse of the offer for {where}")  # type: ignore[misc]
            outcome.offers["expired"] += 1
            continue
        key = f"answer-{offer['offer_id']}"
        if attempt == 1 and place == DECLINE:
            body = {"reason": "dates"}
            await api.ask(expert, "POST", "matching", f"/offers/{offer['offer_id']}/decline", json=body, key=key)
            teller.did(who, f"declines the offer for {where} (dates)")
            outcome.offers["declined"] += 1
            continue
        answer = await api.call(expert, "POST", "matching", f"/offers/{offer['offer_id']}/acceptance", key=key)
        if answer.status_code == 409:
            body = {"reason": "dates"}
            await api.ask(
                expert, "POST", "matching", f"/offers/{offer['offer_id']}/decline", json=body, key=key + "-no"
            )
            teller.did(who, f"has accepted another assignment at that time and declines {where}")
            outcome.offers["declined"] += 1
            continue
        answer.raise_for_status()
        teller.did(who, f"accepts the offer for {where}")
        outcome.offers["accepted"] += 1
        outcome.accepted.append((offer["offer_id"], offer["expert_id"]))
        return


async def _read(api: Interfaces, path: str) -> Any:
    answer = await api.call(OFFICER, "GET", "matching", path)
    if answer.status_code == 404:
        return None
    answer.raise_for_status()
    return answer.json()


async def _over(api: Interfaces, path: str, offer_id: str) -> bool:
    position = await api.get(OFFICER, "matching", path)
    return any(o["offer_id"] == offer_id and o["state"] == "expired" for o in position["offers"])


async def _team(api: Interfaces, case: Case) -> Any:
    found = await api.all_of(OFFICER, "matching", "/teams", request=case.request_id, complete="yes")
    return found[0] if found else None
