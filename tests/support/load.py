"""A bounded load over the public interfaces, the same for the same seed: a small world, requests, whole cases.

Every write carries an Idempotency-Key and is repeated with it until it is answered, so that a service may be killed at
any moment. Names, people and institutions are the demo's samples.
"""

from __future__ import annotations

import asyncio
import random
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx
from rich.console import Console

from deploy.demo import bodies
from deploy.demo.interfaces import AWAY, Interfaces, Person
from deploy.demo.office import OFFICER, Case, Office, enter_roster, open_office, register_institution
from deploy.demo.telling import Teller
from tests.support.answers import LAPSE, SEEN_WITHIN, Answers

TODAY = datetime.now(UTC).date()
"""One day for all loads of a process, also over midnight: on one system they enter the same people by the same keys."""
ANSWERED_WITHIN = 120.0
"""Seconds until a call that is repeated must have been answered; a killed service is back after a few. Three systems on
real servers beside each other, on two cores of a slow hour, answered 503 for more than a minute."""

CALL_SECONDS = 5.0
PAUSE_SECONDS = 0.1
"""Between a call that met something away and its repetition; below Retry-After, to meet every state of a kill."""

AT_ONCE = 6
"""Requesters side by side."""

REPEATED = 0.1
"""Share of posts sent once more after they were answered: an honest client that missed the answer."""


class NotAnswered(AssertionError):
    """A call was not answered in time, or not as promised."""


@dataclass
class Tally:
    """What the load has come to so far."""

    requests: dict[int, str] = field(default_factory=dict)
    """number of the request -> its id, from the moment its submission was answered"""
    parties: dict[int, Case] = field(default_factory=dict)
    """number of the request -> its institution"""
    calls: int = 0
    positions: dict[str, str] = field(default_factory=dict)
    """position id -> accepted | exhausted | empty"""
    moved: asyncio.Event = field(default_factory=asyncio.Event)

    def submitted(self, number: int, request_id: str, party: Case) -> None:
        """A submission was answered; whoever waits for progress is woken."""
        self.requests[number], self.parties[number] = request_id, party
        self.moved.set()
        self.moved = asyncio.Event()

    async def reached(self, count: int, *, patience: float | None = None) -> None:
        """Return when so many submissions have been answered. TimeoutError where the next one takes `patience` s."""
        while len(self.requests) < count:
            async with asyncio.timeout(patience):
                await self.moved.wait()


class Load:
    """Requesters, officers and experts, driven from one seed."""

    by_one_person = False
    """Whether one person holds all the functions of the office, and is told once where several would be."""

    look_every = 0.1
    """Seconds between two looks for what is on its way."""

    def __init__(
        self, urls: dict[str, str], issuer: str, seed: int, *, answered_within: float = ANSWERED_WITHIN
    ) -> None:
        self.seed, self.answered_within = seed, answered_within
        self.tally = Tally()
        self.office = Office()
        client = httpx.AsyncClient(timeout=CALL_SECONDS)
        self._api = Interfaces(urls, issuer, client, patience=answered_within, pause=PAUSE_SECONDS)
        self._today = TODAY
        self.cases = [Case(example) for example in bodies.cases(self._today)]

    async def close(self) -> None:
        """Close every connection."""
        await self._api.close()

    @property
    def repeated(self) -> int:
        """How many calls found something away and were made again."""
        return self._api.repeated

    async def open_world(self, experts: int = 40) -> None:
        """Staff in every function, three verified institutions with their people, a delegation each, a roster."""
        quiet = Teller(Console(quiet=True))
        self.office = await open_office(self._api, quiet, self.cases, by_one_person=self.by_one_person)
        for case in self.cases:
            await register_institution(self._api, quiet, case)
        samples = random.Random(f"{self.seed} roster").sample(self._candidates(), experts)
        await enter_roster(self._api, quiet, self.office, self._today, samples)

    async def submit(self, count: int, *, first: int = 0) -> None:
        """`count` requests, numbered from `first`, drafted and submitted by six requesters side by side."""
        numbers = iter(range(first, first + count))

        async def requester() -> None:
            for number in numbers:
                await self._request(number)

        async with asyncio.TaskGroup() as group:
            for _ in range(AT_ONCE):
                group.create_task(requester())

    async def whole_cases(self, count: int, *, first: int = 0) -> None:
        """`count` of the submitted requests, in order from the `first`, each until its positions are accepted or nobody
        is left to ask."""
        async with asyncio.TaskGroup() as group:
            for number in sorted(self.tally.requests)[first : first + count]:
                group.create_task(self._whole_case(number))

    async def requests_found(self) -> list[dict[str, Any]]:
        """Every request that exists, as an officer lists them."""
        return await self._api.all_of(OFFICER, "registration", "/requests")

    def _candidates(self) -> list[dict[str, Any]]:
        """The sample experts that the seed takes the roster from."""
        return bodies.sample_experts()

    async def _request(self, number: int) -> None:
        chance = random.Random(f"{self.seed} request {number}")
        case = self._party(number, chance)
        body = bodies.request(case.example, case.contacts)
        body["title"] = f"{body['title']} ({number})"
        key = f"load-{self.seed}-{number}"
        draft = await self._write(case.focal_point, "registration", "/requests", f"{key}-draft", chance, json=body)
        path = f"/requests/{draft['id']}/submission"
        done = await self._write(case.focal_point, "registration", path, f"{key}-submit", chance)
        if done["status"] != "submitted":
            raise NotAnswered(f"request {number} was submitted and is {done['status']}")
        self.tally.submitted(number, draft["id"], case)

    def _party(self, number: int, chance: random.Random) -> Case:
        """Whose request this is, with the example it is made from."""
        return chance.choice(self.cases)

    async def _whole_case(self, number: int) -> None:
        chance = random.Random(f"{self.seed} case {number}")
        request_id, example = self.tally.requests[number], self.tally.parties[number].example
        design = bodies.design(example)
        await self._write(
            OFFICER, "registration", f"/requests/{request_id}/approval", f"approve-{number}", chance, json=design
        )
        terms = await self._seen("registration", "/terms-of-reference", request_id, 1)
        path = f"/terms-of-reference/{terms[0]['id']}/finalisation"
        read = f'"{terms[0]["version"]}"'
        await self._write(OFFICER, "registration", path, f"final-{number}", chance, if_match=read)
        positions = await self._seen("matching", "/positions", request_id, len(design["positions"]))
        async with asyncio.TaskGroup() as group:
            for position in positions:
                part = random.Random(f"{self.seed} case {number} position {position['number']}")
                group.create_task(self._fill(position["position_id"], part))

    async def _fill(self, position_id: str, chance: random.Random) -> None:
        path, approved = f"/positions/{position_id}", False
        answers = Answers()
        deadline = time.monotonic() + 2 * self.answered_within
        while (looked := time.monotonic()) < deadline:
            position = await self._read("matching", path)
            if lost := answers.lost(position["offers"], looked):
                raise NotAnswered(f"position {position_id}: {lost}")
            if position["state"] == "accepted":
                self.tally.positions[position_id] = "accepted"
                return
            if position["state"] == "searching" and approved:
                self.tally.positions[position_id] = "exhausted"
                return
            if position["state"] == "searching" and await self._nobody_found(position_id):
                self.tally.positions[position_id] = "empty"
                return
            if position["state"] == "shortlisted" and not approved:
                await self._write(OFFICER, "matching", f"{path}/shortlist-approval", f"list-{position_id}", chance)
                approved = True
            for offer in position["offers"]:
                if offer["state"] == "offered":
                    await self._answer(offer, answers, chance)
            await asyncio.sleep(self.look_every)
        raise NotAnswered(f"position {position_id} was not filled: {position}")

    async def _nobody_found(self, position_id: str) -> bool:
        found = await self._read("matching", "/searches", position=position_id, stage="binding")
        return bool(found["items"]) and found["items"][0]["suitable"] == 0

    async def _answer(self, offer: dict[str, Any], answers: Answers, chance: random.Random) -> str | None:
        """Accept, decline or leave it, by chance; one that can no longer be accepted is declined. What was said, where
        it is said for good: an answer that was confirmed is not given again."""
        offer_id, expert_id = offer["offer_id"], offer["expert_id"]
        answer = answers.to_give(offer_id, chance)
        if answer is None or answer == LAPSE:
            return answer
        expert = Person("expert", expert_id, expert_id=expert_id)
        body = {"reason": "dates"} if answer == "decline" else None
        reply = await self._persist(
            "POST", expert, "matching", f"/offers/{offer_id}/{answer}", json=body, key=f"{answer}-{offer_id}"
        )
        if reply.status_code == 409:
            answers.refused(offer_id)
            return None
        if reply.status_code >= 400:
            raise NotAnswered(f"{answer} of {offer_id}: {reply.status_code} {reply.text[:500]}")
        answers.confirmed(offer_id, time.monotonic())
        return answer

    async def _write(
        self, person: Person, service: str, path: str, key: str, chance: random.Random, **more: Any
    ) -> Any:
        """A post until it is answered; some are repeated with the same key and must be answered alike."""
        answer = await self._persist("POST", person, service, path, key=key, **more)
        if answer.status_code >= 400:
            raise NotAnswered(f"POST {service}{path}: {answer.status_code} {answer.text[:500]}")
        if chance.random() < REPEATED:
            again = await self._persist("POST", person, service, path, key=key, **more)
            if (again.status_code, again.json()) != (answer.status_code, answer.json()):
                raise NotAnswered(f"POST {service}{path} was repeated and answered otherwise: {again.text[:500]}")
        return answer.json()

    async def _read(self, service: str, path: str, **params: Any) -> Any:
        answer = await self._persist("GET", OFFICER, service, path, params=params)
        if answer.status_code >= 400:
            raise NotAnswered(f"GET {service}{path}: {answer.status_code} {answer.text[:500]}")
        return answer.json()

    async def _seen(self, service: str, path: str, request_id: str, count: int) -> list[dict[str, Any]]:
        deadline = time.monotonic() + self.answered_within
        while time.monotonic() < deadline:
            items: list[dict[str, Any]] = (await self._read(service, path, request=request_id))["items"]
            if strangers := [item for item in items if item["request_id"] != request_id]:
                raise NotAnswered(f"GET {service}{path} for {request_id}: {strangers[0]}")
            if len(items) >= count:
                return items
            await asyncio.sleep(self.look_every)
        raise NotAnswered(f"GET {service}{path} for {request_id}: {count} not seen within {self.answered_within:g} s")

    async def _persist(self, method: str, person: Person, service: str, path: str, **more: Any) -> httpx.Response:
        """The answer of a service, asked again while it does not answer or says that it is away.

        Every path names what was seen before: a 404 is asked again too, as long as a read may show what was before.
        """
        self.tally.calls += 1
        shown_by = time.monotonic() + SEEN_WITHIN
        while True:
            try:
                answer = await self._api.call(person, method, service, path, **more)
            except httpx.TransportError as error:
                raise self._not_answered(method, service, path, repr(error)) from None
            if answer.status_code in AWAY:
                raise self._not_answered(method, service, path, f"{answer.status_code} {answer.text[:300]}")
            if answer.status_code != httpx.codes.NOT_FOUND or time.monotonic() >= shown_by:
                return answer
            await asyncio.sleep(self.look_every)

    def _not_answered(self, method: str, service: str, path: str, last: str) -> NotAnswered:
        return NotAnswered(f"{method} {service}{path} was not answered within {self.answered_within:g} s: {last}")
