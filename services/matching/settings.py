"""What matching is told from outside, beside what every service is told."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field, ValidationError

from services.matching.application.terms import Term
from services.matching.domain.policy import Weights
from shared.runtime.settings import DEFAULT, Settings


def _term(text: str) -> str:
    Term.read(text)
    return text


def _weights(changed: dict[str, int]) -> dict[str, int]:
    try:
        Weights(**changed)
    except ValidationError as error:
        unknown = sorted(changed.keys() - Weights.model_fields.keys())
        if unknown:
            raise ValueError(f"no such part of the score; there are {', '.join(Weights.model_fields)}") from None
        raise ValueError(error.errors()[0]["msg"].removeprefix("Value error, ")) from None
    return changed


TermText = Annotated[str, AfterValidator(_term)]
WeightsChanged = Annotated[dict[str, int], AfterValidator(_weights)]


class MatchingSettings(Settings):
    """Terms are written as `5 working days` (Brussels calendar), `48 hours` or `20 seconds`."""

    offer_response: TermText = Field(
        "5 working days", json_schema_extra=DEFAULT, description="time an expert has to answer an offer"
    )
    offer_hold_margin: TermText = Field(
        "48 hours",
        json_schema_extra=DEFAULT,
        description="how much longer than the time to answer the expert's days are held",
    )
    clearance: TermText = Field(
        "15 working days",
        json_schema_extra=DEFAULT,
        description="time for clearance after an acceptance; the days are held until then",
    )
    match_threshold: int = Field(
        50, ge=0, le=100, json_schema_extra=DEFAULT, description="points below which nobody is offered a position"
    )
    match_noise: int = Field(
        3, ge=0, le=100, json_schema_extra=DEFAULT, description="points within which two scores count as equal"
    )
    match_weights: WeightsChanged = Field(
        default_factory=dict,
        json_schema_extra=DEFAULT,
        description="JSON object of weights that differ from the defaults theme 25, assignments 10, text 10, "
        "languages 10, peer 15, region 10, slack 5, evaluation 10, rotation 5; together 100",
    )
