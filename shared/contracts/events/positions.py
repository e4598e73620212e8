"""Positions and the offers made for them: one binding offer at a time. Kept for ever."""

from __future__ import annotations

from typing import Literal

from pydantic import AwareDatetime, Field

from shared.contracts.envelope import EventData, Id
from shared.contracts.events.requests import Period
from shared.contracts.events.terms_of_reference import Mode


class PositionHead(EventData):
    """What identifies a position to everybody who follows the case."""

    position_id: Id
    number: int = Field(ge=1)
    is_principal: bool
    tor_id: Id
    activity_id: Id
    action_id: Id
    action_code: str
    request_id: Id
    institution_id: Id
    country: str
    title: str


class PositionOpened(PositionHead):
    """The position exists and is searched for."""


class PositionShortlisted(PositionHead):
    """A ranked list stands; it waits for an officer."""

    search_id: Id
    suitable: int = Field(ge=0, description="as `match.completed` says: how many pass, also past the end of the list")


class ShortlistApproved(PositionHead):
    """An officer approved the list: offers may go out down the list."""

    approved_by: Id


class ShortlistExhausted(PositionHead):
    """Everybody on the approved list has been asked or has become unavailable, or it is too late to ask whoever is
    left; the officer decides how to go on."""

    failed_offers: int = Field(ge=0, description="offers declined or left unanswered")
    widen: bool = Field(description="true from the number of failed offers on that calls for a wider search")
    too_late: bool = Field(
        False, description="true where somebody is left, and an answer would be due once the days have begun"
    )


class AssignmentHead(PositionHead):
    """One offer to one expert."""

    offer_id: Id
    expert_id: Id
    rank: int = Field(ge=1)
    employer_institution_id: Id | None = Field(
        None,
        description="set only when the employer may be told: its general consent, according to the expert's profile",
    )


class PlacedAssignment(AssignmentHead):
    """One offer, and whether it asks to travel."""

    mode: Mode | None = Field(None, description="how the work is done; older records do not say")


class AssignmentOffered(PlacedAssignment):
    """A binding offer; it lapses at `respond_by`."""

    respond_by: AwareDatetime
    onsite: Period = Field(
        description="the days kept, both ends included: the stay on site, or for remote work its whole span"
    )
    days_total: int = Field(ge=1, description="working days")


class AssignmentAccepted(PlacedAssignment):
    """The expert accepted; clearance follows."""

    clearance_due: AwareDatetime


class ClearanceOverdue(AssignmentHead):
    """The time for clearance is over and the position still waits for it. The expert's days stay kept; an officer
    decides how to go on."""

    clearance_due: AwareDatetime


class AssignmentDeclined(AssignmentHead):
    """The expert declined; the next rank is tried. Declining is never penalised."""

    reason: str = Field(description="always `personal`: why somebody declined stays with matching")
    failed_offers: int = Field(ge=1)


class AssignmentExpired(AssignmentHead):
    """No answer by `respond_by`; the next rank is tried."""

    respond_by: AwareDatetime
    failed_offers: int = Field(ge=1)


class AssignmentCleared(AssignmentHead):
    """Declaration, employer consent, exclusion list and code of conduct are in order."""


class AssignmentConflictFound(AssignmentHead):
    """A conflict of interest was found after acceptance; replacement starts."""

    conflict: str


class ContractSigned(AssignmentHead):
    """An officer recorded both signatures, the days and the guideline version then in force."""

    days: int = Field(ge=1)
    guideline_version: str


class PositionFilled(AssignmentHead):
    """The position is contracted."""


class OfferDeadlineApproaching(AssignmentHead):
    """A share of the time to answer has gone by."""

    kind: Literal["offer_response"] = "offer_response"
    percent: int = Field(ge=1, le=99)
    respond_by: AwareDatetime


class OfferDeadlinePassed(AssignmentHead):
    """The time to answer is over without an answer."""

    kind: Literal["offer_response"] = "offer_response"
    respond_by: AwareDatetime
