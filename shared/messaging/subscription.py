"""What one consumer of a service listens to, and what it does with each kind of event."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from shared.contracts.catalogue import contracts_on
from shared.contracts.envelope import EventData
from shared.contracts.topics import Retention, Topic
from shared.messaging.event import ErasedKey, Event

Handler = Callable[[Event[Any]], Awaitable[None]]
Erase = Callable[[ErasedKey], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Subscription:
    """One concern of a service on one topic. Every catalogued event of the topic is either handled or passed over
    with a reason: nothing is overlooked. ValueError where that does not hold.

    `erases` is called with the key of a tombstone (compacted topics only). `advances` is called for an event that is
    passed over, where the documents' guard must move on with it: on a topic kept for ever the guard takes only the
    very next sequence, so a document that hears of some types must have passed all of them.
    """

    concern: str
    topic: Topic
    handles: Mapping[type[EventData], Handler]
    passes_over: Mapping[type[EventData], str] = field(default_factory=dict)
    erases: Erase | None = None
    advances: Handler | None = None

    def __post_init__(self) -> None:
        catalogued = {contract.model: contract.name for contract in contracts_on(self.topic)}
        named = {**dict.fromkeys(self.passes_over, ""), **dict.fromkeys(self.handles, "")}
        faults = [f"{name} is neither handled nor passed over" for m, name in catalogued.items() if m not in named]
        faults += [f"{model.__name__} is not on this topic" for model in named if model not in catalogued]
        faults += [f"{m.__name__} is both handled and passed over" for m in self.handles if m in self.passes_over]
        faults += [f"{m.__name__} is passed over without a reason" for m, why in self.passes_over.items() if not why]
        if self.erases is not None and self.topic.retention is not Retention.COMPACTED:
            faults.append("erases: there are no tombstones on a topic that is kept for ever")
        if not self.concern or not self.concern.replace("-", "").replace("_", "").isalnum():
            faults.append(f"concern {self.concern!r} is not a word")
        if faults:
            raise ValueError(f"subscription to {self.topic.name}: {'; '.join(faults)}")

    def group(self, service: str) -> str:
        """The consumer group: `<service>.<concern>`."""
        return f"{service}.{self.concern}"
