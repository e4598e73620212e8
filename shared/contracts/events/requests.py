"""Requests for assistance, from submission to decision. Kept for ever."""

from __future__ import annotations

from datetime import date

from pydantic import Field

from shared.contracts.envelope import EventData, Id, Published


class Period(Published):
    """Whole days, both included."""

    first_day: date
    last_day: date


class RequestHead(EventData):
    """What identifies a request to everybody who follows it."""

    request_id: Id
    reference: str = Field(description="REQ-YYYY-NNNN")
    institution_id: Id
    country: str = Field(description="ISO 3166-1 alpha-2")
    title: str
    language: str


class RequestSubmitted(RequestHead):
    """A partner institution asked for assistance. Its wording is fixed from here on."""

    focal_point_id: Id
    signatory_id: Id
    themes: tuple[str, ...] = Field(description="1 to 3 codes of our scheme")
    markers: tuple[str, ...] = ()
    text: str = Field(description="context, problem, objectives and expected results, for text affinity")
    preferred_period: Period | None = None
    urgency: str = "normal"
    triangular_interest: str = "none"


class RequestApproved(RequestHead):
    """The approval authority said yes; an action follows."""


class RequestRejected(RequestHead):
    """The approval authority said no, and why."""

    reason_code: str
    reason: str
