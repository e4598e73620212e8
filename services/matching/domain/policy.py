"""The numbers a ranking is decided by. Each can be set (ENTENTE_MATCH_POLICY, _WEIGHTS, _THRESHOLD, _NOISE); no public
source prescribes any. Numbers that are no setting stand where they are used, with their reason."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from services.matching.domain.expert import Category
from services.matching.domain.geography import Geography
from services.matching.domain.requirement import Level

ALGORITHM_VERSION = "matching-6"
"""Changes whenever the same inputs could give another list."""


class Weights(BaseModel):
    """Points each part of the score can give; together exactly 100."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    theme: int = Field(25, description="Level and exactness in the themes asked for.", ge=0)
    assignments: int = Field(10, description="Relevant missions and years.", ge=0)
    text: int = Field(10, description="Likeness of the requirement's and the profile's words.", ge=0)
    languages: int = Field(10, description="Languages above the minimum.", ge=0)
    peer: int = Field(15, description="Being a practitioner of a public institution.", ge=0)
    region: int = Field(10, description="Experience in the country or its region.", ge=0)
    slack: int = Field(5, description="Free days beyond those needed.", ge=0)
    evaluation: int = Field(10, description="Past evaluation; neutral while none exists.", ge=0)
    rotation: int = Field(5, description="Few days in the last 12 months.", ge=0)

    @model_validator(mode="after")
    def _sum_to_100(self) -> Self:
        total = sum(self.model_dump().values())
        if total != 100:
            raise ValueError(f"the weights of the nine parts sum to 100, not {total}")
        return self


PEER_SHARES: dict[Category, int] = {
    "eu_public": 1000,
    "eu_mandated": 1000,
    "non_eu_public": 1000,
    "social_partner": 700,
    "retired_official": 700,
    "international_organisation": 500,
    "academic": 400,
    "private": 200,
}


class Policy(BaseModel):
    """Weights, thresholds and look-backs of one ranking. Shares are thousandths."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    geography: Geography
    algorithm_version: str = ALGORITHM_VERSION
    weights: Weights = Weights()
    threshold: int = Field(50, description="Points below which nobody is offered a position.", ge=0, le=100)
    noise: int = Field(3, description="Points within which two scores count as equal (one band).", ge=0, le=100)
    list_length: int = Field(30, description="Candidates kept with their explanation.", ge=1)
    conflict_years: int = Field(2, description="Years after leaving an institution that still bar work for it.", ge=0)
    declaration_months: int = Field(12, description="Months a general declaration of interests is valid.", ge=1)
    warn_contract_years: int = Field(3, description="Years in which earlier work for the partner is a warning.", ge=0)
    warn_same_institution: int = Field(2, description="Missions with one institution above which to warn.", ge=0)
    warn_days: int = Field(60, description="Days in 12 months above which to warn, and rotation gives nothing.", ge=1)
    relax_days: int = Field(14, description="Days by which dates are moved when a list is empty.", ge=1)
    failed_offers_before_widening: int = Field(3, description="Failed offers after which to widen the search.", ge=1)
    best_theme_share: int = Field(
        500,
        description="Share the best theme alone gives; the mean over all themes asked gives the rest.",
        ge=0,
        le=1000,
    )
    adjacent_share: int = Field(500, description="Worth of a neighbouring sub-theme.", ge=0, le=1000)
    neutral_share: int = Field(500, description="What a part gives when its fact does not exist yet.", ge=0, le=1000)
    region_share: int = Field(600, description="Worth of the region without the country.", ge=0, le=1000)
    affinity_full: int = Field(400, description="Cosine that earns all text points.", ge=1, le=1000)
    missions_full: int = Field(3, description="Relevant missions that earn all their points.", ge=1)
    missions_share: int = Field(600, description="Missions' share in their part; years take the rest.", ge=0, le=1000)
    levels_full: int = Field(2, description="Steps above the minimum language level that earn all points.", ge=1)
    years_full: int = Field(10, description="Years in a theme that earn all their points.", ge=1)
    working_level: Level = Field(
        "C1", description="Level asked in a request's language until terms of reference name another."
    )
    peer_shares: dict[Category, Annotated[int, Field(ge=0, le=1000)]] = Field(
        PEER_SHARES, description="Worth of each category as a peer; one that is not named keeps its default."
    )
    rota: bool = Field(
        False, description="A rota decides turns by itself; the rotation part is then 0 so nothing counts twice."
    )

    @field_validator("peer_shares", mode="before")
    @classmethod
    def _beside_the_others(cls, named: Any) -> Any:
        return {**PEER_SHARES, **named} if isinstance(named, dict) else named
