"""Actions: the approved, designed response to a request. Kept for ever."""

from __future__ import annotations

from pydantic import Field

from shared.contracts.envelope import EventData, Id, Published


class ActivityRef(Published):
    """One activity of an action."""

    activity_id: Id
    number: str
    title: str


class ActionCreated(EventData):
    """An approved request became an action with its own code."""

    action_id: Id
    code: str = Field(description="YYYY-NN, without gaps within a year")
    request_id: Id
    institution_id: Id
    country: str
    title: str
    component: str
    working_language: str
    activities: tuple[ActivityRef, ...]
