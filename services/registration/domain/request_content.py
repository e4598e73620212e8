"""What a partner institution writes in its request. A draft may have gaps; submission asks for the rest."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from services.registration.domain.policy import THEMES_PER_REQUEST
from services.registration.domain.values import Id, LongText, MediumText, ShortText, Title, TriangularInterest
from shared.errors import Fault, Invalid
from shared.given import Day, Days, Different, Given
from shared.vocabulary.codes import CountryCode, LanguageCode, ThemeCode, listed, term_code

_Code = Annotated[str, Field(max_length=40)]
Markers = Annotated[tuple[Annotated[_Code, term_code("marker")], ...], Field(max_length=10), Different]
Sdgs = Annotated[tuple[Annotated[_Code, term_code("sdg")], ...], Field(max_length=17), Different]
TargetGroups = Annotated[tuple[Annotated[_Code, term_code("target_group")], ...], Field(max_length=20), Different]
AssistanceTypes = Annotated[tuple[Annotated[_Code, term_code("assistance_type")], ...], Field(max_length=20), Different]
Urgency = Literal["normal", "urgent"]
Formats = Annotated[tuple[Annotated[_Code, term_code("format")], ...], Field(max_length=20), Different]


class OtherDonor(Given):
    """Another donor's support in the same field, and where it overlaps."""

    donor: Title
    project: Title
    overlap_note: ShortText = ""


class RequestContent(Given):
    """The request in the institution's own words. It is fixed from submission on."""

    title: Title
    language: LanguageCode = Field(
        "en", description="language the request is written in: see GET /vocabulary/languages"
    )
    channel: Annotated[_Code, term_code("channel")] = Field(
        "portal", description=f"{listed('channel')}; others than portal: officers only"
    )
    received_on: Day | None = Field(None, description="for requests by mail: the day it came in")
    focal_point_id: Id | None = None
    signatory_id: Id | None = None
    context: LongText = ""
    problem: LongText = ""
    objectives: LongText = ""
    expected_results: LongText = ""
    themes: Annotated[tuple[ThemeCode, ...], Field(max_length=THEMES_PER_REQUEST), Different] = ()
    markers: Markers = ()
    sdgs: Sdgs = ()
    types_of_assistance: AssistanceTypes = ()
    preferred_formats: Formats = ()
    preferred_period: Days | None = None
    urgency: Urgency = "normal"
    urgency_reason: MediumText = ""
    national_strategy_link: MediumText = ""
    other_donors: Annotated[tuple[OtherDonor, ...], Field(max_length=20)] = ()
    previous_support: Annotated[tuple[ShortText, ...], Field(max_length=20)] = ()
    own_contribution: MediumText = ""
    target_groups: TargetGroups = ()
    target_group_and_counterparts: MediumText = ""
    preferred_expert_origin: Annotated[tuple[CountryCode, ...], Field(max_length=30), Different] = ()
    triangular_interest: TriangularInterest = "none"

    @property
    def text(self) -> str:
        """Context, problem, objectives and expected results as one text, for text affinity."""
        return "\n\n".join((self.context, self.problem, self.objectives, self.expected_results))


def refuse_channel(content: RequestContent, *, by_officer: bool) -> None:
    """Invalid where an institution says that its request came in by mail: it comes in by the portal."""
    if not by_officer and (content.channel != "portal" or content.received_on is not None):
        pointer = "/channel" if content.channel != "portal" else "/received_on"
        fault = Fault(pointer, "only officers enter requests that came by mail", "Leave it out.")
        raise Invalid("your request comes in by the portal", mend=fault.mend, faults=(fault,))
