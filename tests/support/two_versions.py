"""A contract in two versions, for tests alone: `rating.given` v1 (stars) and v2 (points) on a topic beside it.

While a producer announces both, each decision is on two topics, and two topics have no order between them. Two facts,
said by the producer, make every switch exact: v1 says that a twin is announced too (an additive optional field; who
knows v2 then leaves this record without effect), and v2 says how many decisions went before it in v1 alone. What comes
too early waits, within the bounds of a retry; so the next switch is made only when the one before has been caught up
with, or records of both topics could wait for each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Literal

import pytest
from pydantic import BaseModel, Field

from shared.clock import SystemClock
from shared.contracts import catalogue
from shared.contracts.catalogue import CONTRACTS, Contract
from shared.contracts.envelope import EventData, Id
from shared.contracts.topics import Retention, Topic
from shared.messaging.backoff import RetryPolicy
from shared.messaging.breaker import BreakerPolicy
from shared.messaging.consumer import ConsumerPolicy
from shared.messaging.errors import Transient
from shared.messaging.event import Event
from shared.messaging.options import KafkaOptions
from shared.messaging.part import Messaging
from shared.messaging.subscription import Handler, Subscription
from shared.store import Decision, Kind, MemoryDocuments, Step, Store
from tests.support.messages import ORIGIN, Counted

RATINGS = Topic("delivery.ratings", "rating", "delivery", Retention.FOR_EVER)
RATINGS_2 = Topic("delivery.ratings.v2", "rating", "delivery", Retention.FOR_EVER)
Announces = Literal["v1", "both", "v2", "v2 on the topic of v1"]


class RatingGiven(EventData):
    """Version 1."""

    rating_id: Id
    number: int = Field(ge=1, description="which decision about this rating it is")
    stars: int = Field(ge=1, le=5)
    also: str | None = Field(None, description="topic on which the same decision is announced in its next version")


class RatingGiven2(EventData):
    """Version 2: points took the place of stars, which breaks whoever reads stars."""

    rating_id: Id
    number: int = Field(ge=1)
    points: int = Field(ge=0, le=100)
    twin: bool = Field(description="the same decision is announced in version 1 too")
    after: int = Field(ge=0, description="decisions about this rating announced in version 1 alone before this one")


class RatingGivenHere(RatingGiven2):
    """Version 2 put on the topic of version 1: against the rule."""


V1 = Contract("rating.given", 1, RATINGS, RatingGiven, ("matching",))
V2 = Contract("rating.given", 2, RATINGS_2, RatingGiven2, ("matching",))
V2_MISPLACED = Contract("rating.given", 2, RATINGS, RatingGivenHere, ("matching",))


class Releases:
    """The catalogue as producers and consumers know it: each release of a service has its own."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self._patch = patch
        self._patch.setattr(catalogue, "_BY_MODEL", {c.model: c for c in (*CONTRACTS, V1, V2, V2_MISPLACED)})
        self.consumers_know(V1)

    def consumers_know(self, *contracts: Contract) -> None:
        """What a consumer that is built from now on finds in its catalogue."""
        known = (*CONTRACTS, *contracts)
        self._patch.setattr(catalogue, "CONTRACTS", known)
        self._patch.setattr(catalogue, "_BY_NAME", {(c.topic.name, c.name, c.version): c for c in known})


class Given(BaseModel):
    """The producer's aggregate."""

    number: int = 0
    alone: int = 0


class Producer:
    """One release of the producer; the next one goes on with the same `documents`."""

    def __init__(self, addresses: Sequence[str], prefix: str, documents: MemoryDocuments, announces: Announces) -> None:
        options = KafkaOptions(addresses=tuple(addresses), client_id="delivery", topic_prefix=prefix)
        self.messaging = Messaging("delivery", options, MemoryDocuments("parked"), SystemClock())
        kind = Kind(name="ratings", aggregate="rating", model=Given)
        self._store = Store(kind, documents, SystemClock(), on_announced=self.messaging.relay.nudge)
        self._announces = announces

    async def decide(self, keys: Sequence[str], rounds: int) -> None:
        """That many decisions about each key, one after the other; returns when they are durable."""
        for _ in range(rounds):
            for key in keys:
                await self._store.change(key, Step(origin=ORIGIN), lambda state, key=key: self._decide(key, state))  # type: ignore[misc]

    def _decide(self, key: str, state: Given | None) -> Decision[Given]:
        before = state or Given()
        number, announces = before.number + 1, self._announces
        stars, head = 1 + number % 5, {"rating_id": key, "number": number}
        newer: dict[str, Any] = {**head, "points": stars * 20, "twin": announces == "both", "after": before.alone}
        said: tuple[EventData, ...] = ()
        if announces in ("v1", "both"):
            said += (RatingGiven.model_validate({**head, "stars": stars, "also": _also(announces)}),)
        if announces in ("v2", "both"):
            said += (RatingGiven2.model_validate(newer),)
        if announces == "v2 on the topic of v1":
            said += (RatingGivenHere.model_validate(newer),)
        return Decision(Given(number=number, alone=before.alone + (announces == "v1")), said)


def _also(announces: Announces) -> str | None:
    return RATINGS_2.name if announces == "both" else None


class Heard(BaseModel):
    """The consumer's aggregate: the effects in their order, and what keeps that order over two topics."""

    applied: tuple[tuple[int, int], ...] = ()
    """Number and points of each decision."""
    alone: int = 0
    left_to_twins: int = 0
    twins: int = 0


class Consumer:
    """One release of the consumer; the next one goes on with the same `documents` and parking lot."""

    def __init__(
        self,
        addresses: Sequence[str],
        prefix: str,
        documents: MemoryDocuments,
        lot: MemoryDocuments,
        *contracts: Contract,
    ) -> None:
        options = KafkaOptions(
            addresses=tuple(addresses),
            client_id="matching",
            session_timeout_ms=6_000,
            fetch_max_wait_ms=20,
            topic_prefix=prefix,
        )
        # patient: on a busy machine the other topic may come late, and this is not about how late
        policy = ConsumerPolicy(
            retry=RetryPolicy(attempts=60, first=0.02, cap=0.2), breaker=BreakerPolicy(window=timedelta(minutes=5))
        )
        self.counted = Counted()
        self.messaging = Messaging(
            "matching", options, lot, SystemClock(), metrics=self.counted, consumer_policy=policy
        )
        self._store = Store(Kind(name="heard", aggregate="rating", model=Heard), documents, SystemClock())
        concern = prefix.rstrip(".")
        older: dict[type[EventData], Handler] = {RatingGiven: self._older}
        if V2_MISPLACED in contracts:
            older[RatingGivenHere] = self._newer
        self.messaging.listen(Subscription(f"{concern}-1", RATINGS, older))
        if V2 in contracts:
            self.messaging.listen(Subscription(f"{concern}-2", RATINGS_2, {RatingGiven2: self._newer}))
        self._knows_v2 = V2 in contracts

    async def _older(self, event: Event[RatingGiven]) -> None:
        said = event.data

        def decide(state: Heard | None) -> Decision[Heard]:
            heard = state or Heard()
            if said.also is not None and self._knows_v2:
                return Decision(heard.model_copy(update={"left_to_twins": heard.left_to_twins + 1}))
            if heard.left_to_twins > heard.twins:
                raise Transient("the twin of an earlier decision is still on its way")
            return Decision(_applied(heard, said.number, said.stars * 20, alone=1))

        await self._store.change(event.key, event.cause(), decide)

    async def _newer(self, event: Event[RatingGiven2]) -> None:
        said = event.data

        def decide(state: Heard | None) -> Decision[Heard]:
            heard = state or Heard()
            if heard.alone < said.after:
                raise Transient("an earlier decision is still on its way in version 1")
            return Decision(_applied(heard, said.number, said.points, twins=int(said.twin)))

        await self._store.change(event.key, event.cause(), decide)

    async def applied(self, key: str) -> list[tuple[int, int]]:
        """The effects on a key so far, in their order."""
        stored = await self._store.read(key)
        return list(stored.state.applied) if stored else []

    async def parked(self) -> dict[str, str]:
        """Id of each key with parked events, and why its first one is there."""
        return {line.id: line.reason for line in (await self.messaging.parked.list(100, None)).items}


def _applied(heard: Heard, number: int, points: int, *, alone: int = 0, twins: int = 0) -> Heard:
    return Heard(
        applied=(*heard.applied, (number, points)),
        alone=heard.alone + alone,
        left_to_twins=heard.left_to_twins,
        twins=heard.twins + twins,
    )


def every_effect_once(decisions: int) -> list[tuple[int, int]]:
    """The effects of that many decisions about one key."""
    return [(number, (1 + number % 5) * 20) for number in range(1, decisions + 1)]
