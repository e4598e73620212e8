"""An expert's answer that was confirmed and is lost is told, and not mended by giving it again."""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence
from typing import Any

import httpx
import pytest

from deploy.demo.interfaces import Interfaces, Person
from tests.support import answers
from tests.support import load as load_module
from tests.support.answers import SEEN_WITHIN, STATES, Answers
from tests.support.load import Load, NotAnswered


class Forgetful(Interfaces):
    """Confirms every answer, and shows the offer in these states, one a look, the last for ever."""

    def __init__(self, states: Sequence[str]) -> None:
        super().__init__({}, "")
        self.states = states
        self.posts: list[str] = []
        self.looks = 0

    async def call(self, person: Person, method: str, service: str, path: str, **more: Any) -> httpx.Response:
        if method == "POST":
            self.posts.append(path)
            return httpx.Response(200, json={})
        state = self.states[min(self.looks, len(self.states) - 1)]
        self.looks += 1
        of_position = "accepted" if state in ("accepted", "declined") else "offered"
        offer = {"offer_id": "off_1", "expert_id": "exp_1", "state": state}
        return httpx.Response(200, json={"state": of_position, "offers": [offer]})


async def filled(api: Forgetful, answer: str) -> None:
    """One position until it is accepted, by an expert whom chance lets give this answer."""
    load = Load({}, "", 1, answered_within=30)
    await load.close()
    load._api, load.look_every = api, 0
    await load._fill("pos_1", chance_of(answer))
    await api.close()


def chance_of(answer: str) -> random.Random:
    seed = next(n for n in itertools.count() if Answers().to_give("", random.Random(n)) == answer)
    return random.Random(seed)


@pytest.mark.parametrize("answer", STATES)
async def test_an_offer_that_still_stands_open_long_after_its_answer_is_a_lost_answer(
    answer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "SEEN_WITHIN", 0.05)
    api = Forgetful(["offered"])
    with pytest.raises(NotAnswered, match=f"pos_1: {answer} of off_1 was confirmed, and 0 s later it is offered"):
        await filled(api, answer)
    assert api.posts == [f"/offers/off_1/{answer}"]


@pytest.mark.parametrize("answer", STATES)
async def test_an_offer_that_lapses_after_its_answer_is_a_lost_answer_at_once(answer: str) -> None:
    api = Forgetful(["offered", "offered", "expired"])
    with pytest.raises(NotAnswered, match="was confirmed, and 0 s later it is expired"):
        await filled(api, answer)
    assert api.looks == 3


@pytest.mark.parametrize(("answer", "state"), STATES.items())
async def test_an_answer_that_is_seen_late_is_no_fault_and_is_given_once(answer: str, state: str) -> None:
    api = Forgetful(["offered"] * 20 + [state])
    await filled(api, answer)
    assert api.posts == [f"/offers/off_1/{answer}"]


def test_a_look_that_began_before_a_new_primary_must_be_there_proves_nothing() -> None:
    given, offers = Answers(), [{"offer_id": "off_1", "state": "offered"}]
    given.to_give("off_1", chance_of("acceptance"))
    assert given.lost(offers, 1_000.0) is None
    given.confirmed("off_1", 1_000.0)
    assert given.lost(offers, 999.0) is None
    assert given.lost(offers, 1_000.0 + SEEN_WITHIN - 0.1) is None
    assert given.lost(offers, 1_000.0 + SEEN_WITHIN) is not None


def test_an_acceptance_that_is_refused_becomes_a_decline_and_that_is_left() -> None:
    given, chance = Answers(), chance_of("acceptance")
    assert given.to_give("off_1", chance) == "acceptance"
    given.refused("off_1")
    assert given.to_give("off_1", chance) == "decline"
    given.refused("off_1")
    assert given.to_give("off_1", chance) == "lapse"


class Elected(Interfaces):
    """Has not heard of anything yet, so many times."""

    def __init__(self, unheard: int) -> None:
        super().__init__({}, "")
        self.unheard = unheard

    async def call(self, person: Person, method: str, service: str, path: str, **more: Any) -> httpx.Response:
        self.unheard -= 1
        return httpx.Response(200 if self.unheard < 0 else 404, json={"state": "found"})


@pytest.mark.parametrize(("unheard", "within", "lost"), [(3, 30.0, False), (10_000, 0.05, True)])
async def test_what_was_seen_is_asked_for_again_beside_an_election_and_lost_after_it(
    unheard: int, within: float, lost: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(load_module, "SEEN_WITHIN", within)
    load = Load({}, "", 1)
    await load.close()
    load._api, load.look_every = Elected(unheard), 0
    if lost:
        with pytest.raises(NotAnswered, match="GET matching/positions/pos_1: 404"):
            await load._read("matching", "/positions/pos_1")
    else:
        assert await load._read("matching", "/positions/pos_1") == {"state": "found"}
    await load.close()
