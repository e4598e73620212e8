"""The numbers matching decides by. Every one is a setting with a stated source."""

from __future__ import annotations

from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from services.matching.domain.geography import Geography

ALGORITHM_VERSION = "matching-3"
"""Changes whenever the same inputs could give another list."""

NO_SOURCE = "default, no public source"


def _setting(default: Any, description: str, *, source: str = NO_SOURCE, **limits: Any) -> Any:
    return Field(
        default=default,
        description=f"{description} Source: {source}.",
        json_schema_extra={"source": source},
        **limits,
    )


class Weights(BaseModel):
    """Points each part of the score can give; together exactly 100."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    theme: int = _setting(25, "Level and exactness in the themes asked for.", ge=0)
    assignments: int = _setting(10, "Relevant missions and years.", ge=0)
    text: int = _setting(10, "Likeness of the requirement's and the profile's words.", ge=0)
    languages: int = _setting(10, "Languages above the minimum.", ge=0)
    peer: int = _setting(15, "Being a practitioner of a public institution.", ge=0)
    region: int = _setting(10, "Experience in the country or its region.", ge=0)
    slack: int = _setting(5, "Free days beyond those needed.", ge=0)
    evaluation: int = _setting(10, "Past evaluation; neutral while none exists.", ge=0)
    rotation: int = _setting(5, "Few days in the last 12 months.", ge=0)

    @model_validator(mode="after")
    def _sum_to_100(self) -> Self:
        total = sum(self.model_dump().values())
        if total != 100:
            raise ValueError(f"the weights of the nine parts sum to 100, not {total}")
        return self


PEER_SHARES = {
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
    threshold: int = _setting(50, "Points below which nobody is offered a position.", ge=0, le=100)
    noise: int = _setting(3, "Points within which two scores count as equal (one band).", ge=0, le=100)
    list_length: int = _setting(30, "Candidates kept with their explanation.", ge=1)
    conflict_years: int = _setting(2, "Years after leaving an institution that still bar work for it.", ge=0)
    declaration_months: int = _setting(12, "Months a general declaration of interests is valid.", ge=1)
    warn_contract_years: int = _setting(3, "Years in which earlier work for the partner is a warning.", ge=0)
    warn_same_institution: int = _setting(2, "Missions with one institution above which to warn.", ge=0)
    warn_days: int = _setting(60, "Days in 12 months above which to warn, and rotation gives nothing.", ge=1)
    relax_days: int = _setting(14, "Days by which dates are moved when a list is empty.", ge=1)
    failed_offers_before_widening: int = _setting(3, "Failed offers after which to widen the search.", ge=1)
    best_theme_share: int = _setting(
        500, "Share the best theme alone gives; the mean over all themes asked gives the rest.", ge=0, le=1000
    )
    adjacent_share: int = _setting(500, "Worth of a neighbouring sub-theme.", ge=0, le=1000)
    neutral_share: int = _setting(500, "What a part gives when its fact does not exist yet.", ge=0, le=1000)
    region_share: int = _setting(600, "Worth of the region without the country.", ge=0, le=1000)
    affinity_full: int = _setting(400, "Cosine that earns all text points.", ge=1, le=1000)
    missions_full: int = _setting(3, "Relevant missions that earn all their points.", ge=1)
    missions_share: int = _setting(600, "Missions' share in their part; years take the rest.", ge=0, le=1000)
    years_full: int = _setting(10, "Years in a theme that earn all their points.", ge=1)
    peer_shares: dict[str, int] = _setting(PEER_SHARES, "Worth of each category as a peer.")
    rota: bool = _setting(False, "A rota decides turns by itself; the rotation part is then 0 so nothing counts twice.")
