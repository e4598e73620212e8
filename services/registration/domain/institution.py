"""Institutions: registered, then found eligible or not by an officer on evidence of identity and of mandate."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from services.registration.domain.faults import missing, together
from services.registration.domain.policy import REASON_LEAST
from services.registration.domain.transitions import Table, after
from services.registration.domain.values import Id, Kept, MediumText, Name, ShortText, Title, Website
from shared.errors import Fault, Invalid
from shared.given import Different, Given
from shared.vocabulary import eligible_by_default
from shared.vocabulary.codes import CountryCode, InstitutionTypeCode, LanguageCode, ThemeCode, term_code

InstitutionStatus = Literal["registered", "verification_pending", "eligible", "ineligible", "suspended"]
InstitutionAction = Literal["submit", "find_eligible", "find_ineligible", "suspend", "reinstate", "withdraw_voucher"]
InstitutionRole = Literal[
    "partner", "expert_employer", "collaborating_institution", "consortium_member", "network_member"
]

TRANSITIONS: Table[InstitutionStatus, InstitutionAction] = {
    ("registered", "submit"): "verification_pending",
    ("verification_pending", "find_eligible"): "eligible",
    ("verification_pending", "find_ineligible"): "ineligible",
    ("eligible", "suspend"): "suspended",
    ("suspended", "reinstate"): "eligible",
    ("eligible", "withdraw_voucher"): "verification_pending",
}
"""Rows that no function below takes are drawn and reached by nothing yet."""


class InstitutionFacts(Given):
    """What is entered about an institution."""

    name: Annotated[dict[LanguageCode, Title], Field(min_length=1, max_length=10)] = Field(
        description="official name per language code"
    )
    acronym: Annotated[Name, Field(max_length=30)] | None = None
    country: CountryCode
    level: Annotated[str, Field(max_length=40), term_code("institution_level")]
    institution_type: InstitutionTypeCode
    mandate_text: Annotated[MediumText, Field(min_length=10)] = Field(
        description="what the body is charged with in social protection, labour or employment"
    )
    mandated_body: bool = Field(False, description="true where a public authority has given it the task")
    themes: Annotated[tuple[ThemeCode, ...], Field(max_length=20), Different] = ()
    roles: Annotated[tuple[InstitutionRole, ...], Field(min_length=1, max_length=5), Different] = ("partner",)
    parent_institution_id: Id | None = None
    website: Website | None = None
    address: ShortText = ""


class IdentityEvidence(Given):
    """How it was established that this is the body it says it is."""

    method: Literal["domain", "vouchers", "eu_delegation"]
    detail: Annotated[MediumText, Field(min_length=3)]


class MandateEvidence(Given):
    """Which document gives the body its mandate."""

    document: Title
    note: MediumText = ""


class Finding(Given):
    """An officer's finding. Identity and mandate are separate evidence; both are needed to be eligible."""

    outcome: Literal["eligible", "ineligible"]
    reason: MediumText = Field(
        "", description="needed if ineligible, and for a type of body that is admitted by override only"
    )
    identity_evidence: IdentityEvidence | None = Field(
        None,
        description="needed if eligible. If ineligible, given only where it is established that this is a body of its "
        "own: whoever names it as employer then counts as employed by a known body. Left out where the body is "
        "unknown, or registered already under another id",
    )
    mandate_evidence: MandateEvidence | None = None


class Verification(Kept):
    """The finding as recorded. `by_override`: the type of body is admitted only with a written reason."""

    finding: Finding
    by_override: bool
    by: Id
    at: datetime


class Institution(Kept):
    """An institution as stored; `registered_by` is the subject of the caller who entered it."""

    id: Id
    status: InstitutionStatus
    facts: InstitutionFacts
    registered_by: Id
    verification: Verification | None = None

    @property
    def identity_known(self) -> bool:
        """Whether the officer's finding carries evidence of identity, whichever way it went."""
        return self.verification is not None and self.verification.finding.identity_evidence is not None


def register(id_: str, facts: InstitutionFacts, registered_by: str) -> Institution:
    """A newly registered institution: it waits for verification from the start."""
    status = after(TRANSITIONS, "the institution", "registered", "submit")
    return Institution(id=id_, status=status, facts=facts, registered_by=registered_by)


def verify(institution: Institution, finding: Finding, by: str, at: datetime) -> Institution:
    """The institution after an officer's finding.

    Refused unless it waits for verification; Invalid where evidence or a written reason is missing. An ineligible one
    needs no evidence: that nobody can establish what body it is, or that it is registered already, is found so too.
    """
    eligible = finding.outcome == "eligible"
    status = after(
        TRANSITIONS, "the institution", institution.status, "find_eligible" if eligible else "find_ineligible"
    )
    by_override = eligible and not eligible_by_default(institution.facts.institution_type)
    if faults := together(_faults(institution, finding, by_override)):
        raise Invalid("the finding is not complete", mend="Add what is missing.", faults=faults)
    verification = Verification(finding=finding, by_override=by_override, by=by, at=at)
    return institution.model_copy(update={"status": status, "verification": verification})


def _faults(institution: Institution, finding: Finding, by_override: bool) -> list[Fault | None]:
    if finding.outcome == "ineligible":
        written = len(finding.reason) >= REASON_LEAST
        return [None if written else missing("/reason", f"a written reason ({REASON_LEAST} characters or more)")]
    faults = [
        None if finding.identity_evidence else missing("/identity_evidence", "evidence of identity"),
        None if finding.mandate_evidence else missing("/mandate_evidence", "evidence of the mandate"),
    ]
    if by_override and len(finding.reason) < REASON_LEAST:
        kind = institution.facts.institution_type
        faults.append(
            Fault(
                "/reason",
                f"a body of type {kind} is not eligible by default",
                f"Admit it by override: give the reason in writing ({REASON_LEAST} characters or more).",
            )
        )
    return faults
