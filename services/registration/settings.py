"""What this service is told from outside, beyond what every service is told."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, model_validator
from pydantic_settings import NoDecode

from services.registration.domain.policy import ELIGIBLE_GROUPS, Policy
from shared import vocabulary
from shared.runtime.settings import DEFAULT, Settings


def _split(value: object) -> object:
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _group(code: str) -> str:
    vocabulary.country_group(code)
    return code


Groups = Annotated[
    tuple[Annotated[str, AfterValidator(_group)], ...], NoDecode, BeforeValidator(_split), Field(min_length=1)
]


class RegistrationSettings(Settings):
    """Settings of the registration service."""

    database: str = Field("registration", pattern=r"^[A-Za-z0-9_-]{1,60}$", description="this service's own database")
    http_port: int = Field(8001, ge=0, le=65535, description="port of the HTTP interface; 0 takes any free one")
    eligible_groups: Groups = Field(
        ELIGIBLE_GROUPS,
        json_schema_extra={"source": "the regions named by the programme; their members are in the vocabulary"},
        description="country groups whose institutions may submit requests, a comma list",
    )
    days_per_expert_warn: int = Field(
        25, ge=1, le=366, json_schema_extra={"source": "default; published terms of reference ask for 16 to 22"},
        description="working days of one expert in one activity from which an officer is warned, exclusive",
    )  # fmt: skip
    days_per_expert_most: int = Field(
        30, ge=1, le=366, json_schema_extra=DEFAULT, description="most working days of one expert in one activity"
    )
    onsite_days_warn: int = Field(
        14, ge=1, le=366, json_schema_extra={"source": "default; observed 14"},
        description="calendar days on site from which an officer is warned, exclusive",
    )  # fmt: skip
    vetting_months: int = Field(
        36, ge=1, le=120, json_schema_extra=DEFAULT, description="calendar months for which a vetted area is valid"
    )
    reference_block: int = Field(
        10, ge=1, le=1000, json_schema_extra=DEFAULT,
        description="references of requests one process takes at a time; those unused at a restart are lost",
    )  # fmt: skip

    @model_validator(mode="after")
    def _warned_before_refused(self) -> RegistrationSettings:
        if self.days_per_expert_warn > self.days_per_expert_most:
            raise ValueError("days_per_expert_warn must not be more than days_per_expert_most")
        return self

    @property
    def policy(self) -> Policy:
        """The limits of these settings."""
        return Policy(
            days_per_expert_warn=self.days_per_expert_warn,
            days_per_expert_most=self.days_per_expert_most,
            onsite_days_warn=self.onsite_days_warn,
            vetting_months=self.vetting_months,
            eligible_groups=self.eligible_groups,
        )
