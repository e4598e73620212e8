"""Terms of reference of an activity and the positions they ask for. Kept for ever."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from shared.contracts.envelope import EventData, Id, Published
from shared.contracts.events.experts import LanguageSkill
from shared.contracts.events.requests import Period

Mode = Literal["on_site", "remote", "hybrid"]
OriginRule = Literal["eu_public", "non_eu_practitioner", "any"]


class ActivityTerms(Published):
    """What is done, where and when; three windows as in published terms of reference."""

    activity_id: Id
    number: str
    title: str
    format: str
    mode: Mode
    city: str | None = None
    prep: Period
    onsite: Period
    delivery_due: date


class PositionTerms(Published):
    """What one expert of the team must bring and do."""

    position_id: Id
    number: int = Field(ge=1)
    is_principal: bool
    themes: tuple[str, ...] = Field(description="1 to 4 codes; any one of them suffices")
    days_total: int = Field(ge=1, description="working days")
    min_years: float = Field(0, ge=0, description="years of experience")
    languages: tuple[LanguageSkill, ...]
    origin_rule: OriginRule
    accepts_private: bool
    tasks: str = ""


class TermsHead(EventData):
    """What identifies terms of reference to everybody who follows the case."""

    tor_id: Id
    version: int = Field(ge=1)
    action_id: Id
    action_code: str
    request_id: Id
    institution_id: Id
    country: str
    title: str
    working_language: str


class TermsDrafted(TermsHead):
    """Terms of reference exist as a draft."""


class TermsFinalised(TermsHead):
    """The terms are final: the binding search for experts starts."""

    activity: ActivityTerms
    positions: tuple[PositionTerms, ...]
    urgency: str = Field(
        "normal", description="that of the request, normal or urgent: experts have less time to answer"
    )
