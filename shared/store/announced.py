"""What of a service's aggregates can be announced again, and what cannot."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from shared.contracts.envelope import EventData
from shared.contracts.topics import Topic
from shared.store.store import Store

Restate = Callable[[Any], EventData]


@dataclass(frozen=True, slots=True)
class Announced:
    """The aggregates of one store and their topics. Where a topic carries the full state, the function says it from
    the aggregate as it stands; None where a topic is kept for ever: every event is still there, and none is said twice.

    ValueError where a function is given for a topic that does not carry full state, or none for one that does.
    """

    store: Store[Any]
    topics: Mapping[Topic, Restate | None]

    def __post_init__(self) -> None:
        for topic, restate in self.topics.items():
            if topic.contiguous == (restate is not None):
                raise ValueError(f"{topic.name}: exactly a topic that carries full state can be said again")
