"""Experts' calendars: what they declared, and what is held for offers. Kept for ever."""

from __future__ import annotations

from typing import Literal

from pydantic import AwareDatetime, Field

from shared.contracts.envelope import EventData, Id
from shared.contracts.events.requests import Period


class AvailabilityDeclared(EventData):
    """The expert, or an officer for them, said when they are free."""

    expert_id: Id
    entries: int = Field(ge=0, description="number of entries now declared")


class HoldHead(EventData):
    """A stretch of an expert's calendar kept for one offer."""

    expert_id: Id
    offer_id: Id
    position_id: Id
    activity_id: Id
    window: Period


class AvailabilityHeld(HoldHead):
    """The stretch is held until `expires_at`, then free again by itself."""

    expires_at: AwareDatetime


class AvailabilityConfirmed(HoldHead):
    """The offer was accepted: the hold is firm; clearance is due by `expires_at`."""

    expires_at: AwareDatetime


class AvailabilityReleased(HoldHead):
    """The stretch is free again."""

    reason: Literal["declined", "expired", "lapsed", "withdrawn", "superseded"]


class AvailabilityBooked(HoldHead):
    """The contract is signed: the stretch is taken."""
