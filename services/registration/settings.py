"""What this service is told from outside, beyond what every service is told."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from services.registration.domain.policy import Policy
from shared import vocabulary
from shared.runtime.settings import DEFAULT, DatabaseName, Settings, Several


def _group(code: str) -> str:
    vocabulary.country_group(code)
    return code


Groups = Several[tuple[Annotated[str, AfterValidator(_group)], ...]]
LIMITS = Policy()
"""The defaults of what a policy sets."""


class RegistrationSettings(Settings):
    """Settings of the registration service."""

    database: DatabaseName = Field("registration", description="this service's own database")
    http_port: int = Field(8001, ge=0, le=65535, description="port of the HTTP interface; 0 takes any free one")
    eligible_groups: Groups = Field(
        LIMITS.eligible_groups,
        json_schema_extra={"source": "the regions named by the programme; their members are in the vocabulary"},
        description="country groups whose institutions may submit requests, a comma list or a JSON list",
    )
    days_per_expert_warn: int = Field(
        LIMITS.days_per_expert_warn,
        ge=1,
        le=366,
        json_schema_extra={"source": "default; published terms of reference ask for 16 to 22"},
        description="working days of one expert in one activity from which an officer is warned, exclusive",
    )
    days_per_expert_most: int = Field(
        LIMITS.days_per_expert_most,
        ge=1,
        le=366,
        json_schema_extra=DEFAULT,
        description="most working days of one expert in one activity",
    )
    days_per_action_warn: int = Field(
        LIMITS.days_per_action_warn,
        ge=1,
        le=1464,
        json_schema_extra={"source": "default; the mean of the programme's first phase is about 46"},
        description="working days of all experts of one action from which an officer is warned, exclusive",
    )
    days_per_action_most: int = Field(
        LIMITS.days_per_action_most,
        ge=1,
        le=1464,
        json_schema_extra=DEFAULT,
        description="most working days of all experts of one action",
    )
    onsite_days_warn: int = Field(
        LIMITS.onsite_days_warn, ge=1, le=366, json_schema_extra={"source": "default; observed 14"},
        description="calendar days on site from which an officer is warned, exclusive",
    )  # fmt: skip
    period_days_most: int = Field(
        LIMITS.period_days_most,
        ge=1,
        le=3660,
        json_schema_extra=DEFAULT,
        description="most calendar days of the period a request prefers, and from the first to the last day of an "
        "activity: two years, so that a mistyped year is found; a search looks at each of them for every expert",
    )
    vetting_months: int = Field(
        LIMITS.vetting_months,
        ge=1,
        le=120,
        json_schema_extra=DEFAULT,
        description="calendar months for which a vetted area is valid",
    )
    reference_block: int = Field(
        10, ge=1, le=1000, json_schema_extra=DEFAULT,
        description="references of requests one process takes at a time; those unused at a restart are lost",
    )  # fmt: skip

    @model_validator(mode="after")
    def _warned_before_refused(self) -> RegistrationSettings:
        if self.days_per_expert_warn > self.days_per_expert_most:
            raise ValueError("days_per_expert_warn must not be more than days_per_expert_most")
        if self.days_per_action_warn > self.days_per_action_most:
            raise ValueError("days_per_action_warn must not be more than days_per_action_most")
        return self

    @property
    def policy(self) -> Policy:
        """The limits of these settings."""
        return Policy(
            days_per_expert_warn=self.days_per_expert_warn,
            days_per_expert_most=self.days_per_expert_most,
            days_per_action_warn=self.days_per_action_warn,
            days_per_action_most=self.days_per_action_most,
            onsite_days_warn=self.onsite_days_warn,
            period_days_most=self.period_days_most,
            vetting_months=self.vetting_months,
            eligible_groups=self.eligible_groups,
        )
