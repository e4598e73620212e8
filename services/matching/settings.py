"""What this service is told from outside, beyond what every service is told."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, Field, ValidationError

from services.matching.application.offer_next import OfferTimes
from services.matching.domain.deadlines import BRUSSELS, Duration, WorkingDays
from services.matching.domain.geography import Geography
from services.matching.domain.policy import Policy, Weights
from shared import vocabulary
from shared.runtime.settings import DEFAULT, DatabaseName, Settings, ZoneName


def _duration(text: str) -> str:
    Duration.read(text, BRUSSELS)
    return text


def _country(value: str) -> str:
    vocabulary.country(value)
    if value != BRUSSELS.country:  # whose holidays are known: reading them takes 11 MB and 0.1 s at every start
        WorkingDays(value, BRUSSELS.zone).public_holidays()
    return value


def _weights(changed: dict[str, int]) -> dict[str, int]:
    try:
        Weights(**changed)
    except ValidationError as error:
        unknown = sorted(changed.keys() - Weights.model_fields.keys())
        if unknown:
            raise ValueError(f"no such part of the score; there are {', '.join(Weights.model_fields)}") from None
        raise ValueError(error.errors()[0]["msg"].removeprefix("Value error, ")) from None
    return changed


NAMED = ("geography", "algorithm_version", "weights", "threshold", "noise")
"""Parts of the policy that are not for setting, or have a setting of their own."""
OTHERS = {name: field for name, field in Policy.model_fields.items() if name not in NAMED}


ANYWHERE = Geography(eu=vocabulary.country_group("EU27").memberships)
"""Stands in while numbers are checked at start; the true one comes from the vocabulary."""


def _policy(changed: dict[str, Any]) -> dict[str, Any]:
    if unknown := sorted(changed.keys() - OTHERS.keys()):
        raise ValueError(f"{', '.join(unknown)}: no such value; there are {', '.join(OTHERS)}")
    try:
        Policy(geography=ANYWHERE, **changed)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"] if part != "[key]")
        raise ValueError(f"{place}: {first['msg']}") from None
    return changed


DurationText = Annotated[str, AfterValidator(_duration)]
PolicyChanged = Annotated[dict[str, Any], AfterValidator(_policy)]
WeightsChanged = Annotated[dict[str, int], AfterValidator(_weights)]


class MatchingSettings(Settings):
    """Settings of the matching service. Times are written as `5 working days`, `48 hours` or `20 seconds`."""

    database: DatabaseName = Field("matching", description="this service's own database")
    http_port: int = Field(8002, ge=0, le=65535, description="port of the HTTP interface; 0 takes any free one")
    zone: ZoneName = Field(
        BRUSSELS.zone,
        json_schema_extra=DEFAULT,
        description="time zone in which working days begin and end: begun on one, a deadline keeps its time of day; "
        "begun on a day off, it is the end of the last of them; the facility works by Brussels. Set it together with "
        "ENTENTE_ZONE of notifications, which tells deadlines in it",
    )
    holidays_country: Annotated[str, AfterValidator(_country)] = Field(
        BRUSSELS.country,
        json_schema_extra=DEFAULT,
        description="country whose public holidays are no working days, ISO 3166-1 alpha-2; Belgium's, since "
        "deadlines of the facility follow the Brussels calendar. Set it together with ENTENTE_ZONE",
    )
    offer_response: DurationText = Field(
        "5 working days", json_schema_extra=DEFAULT, description="time an expert has to answer an offer"
    )
    offer_response_urgent: DurationText = Field(
        "48 hours",
        json_schema_extra=DEFAULT,
        description="the same where the terms are urgent, as their request was; the earlier of this end and the usual "
        "one counts, so that it is never longer",
    )
    offer_hold_margin: DurationText = Field(
        "48 hours",
        json_schema_extra=DEFAULT,
        description="how much longer than the time to answer the expert's days are held",
    )
    clearance: DurationText = Field(
        "15 working days",
        json_schema_extra=DEFAULT,
        description="time for clearance after an acceptance; an officer is told when it has passed; the days stay kept",
    )
    match_threshold: int = Field(
        Policy.model_fields["threshold"].default,
        ge=0,
        le=100,
        json_schema_extra=DEFAULT,
        description="points below which nobody is offered a position",
    )
    match_noise: int = Field(
        Policy.model_fields["noise"].default,
        ge=0,
        le=100,
        json_schema_extra=DEFAULT,
        description="points within which two scores count as equal",
    )
    match_weights: WeightsChanged = Field(
        default_factory=dict,
        json_schema_extra=DEFAULT,
        description="JSON object of weights that differ from the defaults "
        + ", ".join(f"{name} {field.default}" for name, field in Weights.model_fields.items())
        + "; together 100",
    )
    match_policy: PolicyChanged = Field(
        default_factory=dict,
        json_schema_extra=DEFAULT,
        description="JSON object of other values of matching that differ from their defaults "
        + ", ".join(f"{name} {field.default}" for name, field in OTHERS.items() if not isinstance(field.default, dict))
        + " and peer_shares, a JSON object of the worth of those categories as a peer that differ, 0 to 1000; "
        "services/matching/domain/policy.py explains each",
    )

    @property
    def offer_times(self) -> OfferTimes:
        """How long these settings give for an answer, and keep the days beyond it."""
        return OfferTimes(
            self._read(self.offer_response), self._read(self.offer_response_urgent), self._read(self.offer_hold_margin)
        )

    @property
    def clearance_time(self) -> Duration:
        """How long these settings give for clearance."""
        return self._read(self.clearance)

    def _read(self, text: str) -> Duration:
        return Duration.read(text, WorkingDays(self.holidays_country, self.zone))
