"""The load: whole cases side by side, each from its own seed, each with a state that can be asked for at any moment."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Iterable, Sequence
from contextvars import ContextVar
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx

from deploy.demo.interfaces import Person
from deploy.demo.office import OFFICER, Case
from deploy.embedded.stack import Stack
from examples.ahead import later
from shared.vocabulary import at_least
from tests.chaos.plan import STEPS, Plan
from tests.chaos.replicas import AnyReplica
from tests.support.answers import LAPSE, STATES, Answers
from tests.support.load import Load

ANSWERS = {**STATES, LAPSE: "left to lapse"}
AFTER = {
    "/requests": "drafted",
    "/submission": "submitted",
    "/approval": "approved",
    "/finalisation": "finalised",
    "/shortlist-approval": "offered",
}
"""End of a command's path -> the state of its case once it was answered."""

ANSWERED_WITHIN = 150.0
"""Seconds: elections of 12 s and starts of 6 s, several of them one after another."""

SLOT_CASES, SLOT_DAYS = 2, 60
"""Two cases share their weeks, the next two come 60 days later: 40 people are not enough for all at once."""
AFTER_THE_LAST_DAYS = 3 * 365
"""How long everybody is available once the last cases' weeks begin to count: the samples lie up to 14 months ahead, and
take less than a year."""

_NUMBER: ContextVar[int] = ContextVar("number of the case")


class Cases(Load):
    """Whole cases. `states` is number -> the last state that was answered; `steps` counts those every case takes."""

    look_every = 0.3

    def __init__(self, stack: Stack, plan: Plan) -> None:
        super().__init__({}, stack.issuer, plan.seed, answered_within=ANSWERED_WITHIN)
        self._api = AnyReplica(stack, ANSWERED_WITHIN)
        self._plan = plan
        self.states: dict[int, str] = {}
        self.ended: set[int] = set()
        self.failed: dict[int, str] = {}
        self.answers: Counter[str] = Counter()
        self.steps = 0
        self.stepped = asyncio.Condition()
        self._answered: set[str] = set()

    async def run(self, kills_keep_pace: asyncio.Condition, pace: Any) -> None:
        """All cases of the plan. None begins while `pace()` says that the kills lag behind."""
        numbers = iter(range(self._plan.requests))

        async def officer() -> None:
            for number in numbers:
                async with kills_keep_pace:
                    await kills_keep_pace.wait_for(pace)
                await self._one(number)

        async with asyncio.TaskGroup() as group:
            for _ in range(self._plan.at_once):
                group.create_task(officer())

    async def _one(self, number: int) -> None:
        """One whole case; its failure is noted and ends no other."""
        _NUMBER.set(number)
        try:
            await self._request(number)
            await self._whole_case(number)
        except Exception as error:  # noqa: BLE001 - whatever it is: it is reported with its number, and is no pass
            self.failed[number] = f"{type(error).__name__}: {error}"[:600]
        finally:
            self.ended.add(number)
        await self._reached("ended")

    async def _reached(self, state: str) -> None:
        number = _NUMBER.get()
        self.states[number] = state
        if state in STEPS:
            async with self.stepped:
                self.steps += 1
                self.stepped.notify_all()

    def _candidates(self) -> list[dict[str, Any]]:
        """Those who could take one of the positions, each available for all cases of the plan.

        Of 40 taken blindly one to six fit a position: half of the cases ended with nobody left to ask.
        """
        always = {
            "kind": "available",
            "from_days": 0,
            "to_days": available_days(self._plan.requests),
            "modes": ["on_site", "remote"],
        }
        positions = [position for case in self.cases for position in case.example["action"]["positions"]]
        return [{**sample, "availability": [always]} for sample in fitting(super()._candidates(), positions)]

    def _party(self, number: int, chance: random.Random) -> Case:
        """One of the three cases, in weeks of its own; half of them ask for one expert only."""
        case = chance.choice(self.cases)
        example = later(case.example, timedelta(days=later_days(number)))
        if chance.random() < 0.5:
            example["action"]["positions"] = example["action"]["positions"][:1]
        return replace(case, example=example)

    async def _persist(self, method: str, person: Person, service: str, path: str, **more: Any) -> httpx.Response:
        answer = await super()._persist(method, person, service, path, **more)
        state = next((s for end, s in AFTER.items() if path.endswith(end)), None) if method == "POST" else None
        if (
            state is not None
            and answer.status_code < 400
            and (place := f"{_NUMBER.get()} {path}") not in self._answered
        ):
            self._answered.add(place)  # a tenth of the posts is repeated on purpose
            await self._reached(state)
        return answer

    async def _answer(self, offer: dict[str, Any], answers: Answers, chance: random.Random) -> str | None:
        said = await super()._answer(offer, answers, chance)
        if said is not None and (place := f"{offer['offer_id']} {said}") not in self._answered:
            self._answered.add(place)  # an offer that is left to lapse is looked at until it has
            self.answers[ANSWERS[said]] += 1
            await self._reached(ANSWERS[said])
        return said

    def states_now(self) -> Counter[str]:
        """How many of the cases in hand are in which state."""
        return Counter(state for number, state in self.states.items() if number not in self.ended)

    async def requests_found(self) -> list[dict[str, Any]]:
        """Every request that exists."""
        return await self._api.all_of(OFFICER, "registration", "/requests")


def later_days(number: int) -> int:
    """Days by which a case lies behind the sample it is made from."""
    return number // SLOT_CASES * SLOT_DAYS


def available_days(requests: int) -> int:
    """Days from today on which so many cases ask for somebody."""
    return later_days(requests - 1) + AFTER_THE_LAST_DAYS


def fitting(samples: Iterable[dict[str, Any]], positions: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The sample experts who could take one of the positions."""
    return [sample for sample in samples if any(fits(sample, position) for position in positions)]


def fits(sample: dict[str, Any], position: dict[str, Any]) -> bool:
    """Whether nothing of what a sample expert is speaks against a position: language, theme, years, consents."""

    def speaks(asked: dict[str, Any]) -> bool:
        return any(
            spoken["language"] == asked["language"] and at_least(spoken["level"], asked["level"])
            for spoken in sample["languages"]
        )

    return (
        all(speaks(asked) for asked in position["languages"])
        and not {theme["code"] for theme in sample["themes"]}.isdisjoint(position["themes"])
        and sample["years_total"] >= position["min_years"]
        and sample["consent_to_contact"]
        and sample["employer_consent"] != "no"
    )
