"""What every event carries, whatever it says: who, when, about which aggregate, in which order, and because of what."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

Id = Annotated[str, StringConstraints(min_length=1, max_length=80)]


class Published(BaseModel):
    """Base of everything on a topic. Unknown fields are tolerated: a newer producer may say more. The text
    of an error quotes no value: `contact.recorded` carries names."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class EventData(Published):
    """Base of an event's own content. Carries ids and professional attributes, never names or addresses
    (the one exception is `contact.recorded`, on its own compacted topic)."""


class Actor(Published):
    """Who caused the event: a person in a role, or the system itself (a deadline, a rule)."""

    kind: Literal["person", "system"]
    id: Id = Field(description="subject of the caller's token, or the name of the service")
    role: str = Field(description="institution, expert, officer, operator or system")
    on_behalf_of: Id | None = Field(None, description="the institution or expert the person acted for")


class AggregateRef(Published):
    """The aggregate the event is about; its id is the record's key."""

    type: str
    id: Id


class Envelope(Published):
    """One record on a topic. `sequence` counts 1, 2, 3 … per (aggregate, topic) without a gap."""

    event_id: Id
    type: str = Field(description="past tense, for example request.submitted")
    version: int = Field(ge=1, description="version of the contract of `data`")
    occurred_at: AwareDatetime = Field(description="instant of the decision, UTC")
    actor: Actor
    aggregate: AggregateRef
    sequence: int = Field(ge=1)
    correlation_id: Id = Field(description="the case: the same in every event that follows from one request")
    causation_id: Id | None = Field(None, description="the event, or the command, that led to this one")
    traceparent: str | None = Field(None, description="W3C trace context of the decision")
    restated: bool = Field(
        False,
        exclude_if=lambda restated: not restated,
        description="nothing happened: the state is said again for those who keep it; nobody is told",
    )
    data: dict[str, Any]
