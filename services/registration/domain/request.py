"""Requests for assistance: drafted, submitted, then approved or rejected. The wording never changes once submitted."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from services.registration.domain.contact import Contact
from services.registration.domain.design import Design, Warning_, check_design
from services.registration.domain.faults import missing, together, too_long
from services.registration.domain.institution import Institution
from services.registration.domain.policy import Policy
from services.registration.domain.request_content import RequestContent
from services.registration.domain.transitions import Table, after
from services.registration.domain.values import Id, Kept, Reason
from shared.errors import Fault, Invalid, Refused
from shared.given import Given

RequestStatus = Literal[
    "draft", "submitted", "screening", "returned", "clarification", "assessed", "consultation", "decision_pending",
    "approved", "rejected", "redirected", "on_hold", "converted", "withdrawn",
]  # fmt: skip
RequestAction = Literal[
    "edit", "submit", "dispatch", "return", "resubmit", "clarify", "assess", "open_consultation", "close_consultation",
    "approve", "reject", "redirect", "hold", "resume", "withdraw", "convert",
]  # fmt: skip
_BEFORE_DECISION: tuple[RequestStatus, ...] = (
    "submitted", "screening", "clarification", "assessed", "consultation", "decision_pending", "on_hold",
)  # fmt: skip

TRANSITIONS: Table[RequestStatus, RequestAction] = {
    ("draft", "edit"): "draft",
    ("draft", "submit"): "submitted",
    ("submitted", "dispatch"): "screening",
    ("screening", "return"): "returned",
    ("returned", "resubmit"): "screening",
    ("screening", "clarify"): "clarification",
    ("screening", "assess"): "assessed",
    ("clarification", "assess"): "assessed",
    ("assessed", "open_consultation"): "consultation",
    ("consultation", "close_consultation"): "decision_pending",
    ("submitted", "approve"): "approved",
    ("decision_pending", "approve"): "approved",
    ("submitted", "reject"): "rejected",
    ("screening", "reject"): "rejected",
    ("decision_pending", "reject"): "rejected",
    ("decision_pending", "redirect"): "redirected",
    ("decision_pending", "hold"): "on_hold",
    ("on_hold", "resume"): "decision_pending",
    **{(status, "withdraw"): "withdrawn" for status in ("draft", "returned", *_BEFORE_DECISION)},
    ("approved", "convert"): "converted",
}
"""Rows that no function below takes are drawn and reached by nothing yet: while screening, assessment and consultation
are not built, an officer decides on a submitted request at once."""

RejectionReason = Literal[
    "country_not_eligible",
    "institution_not_eligible",
    "outside_themes",
    "not_short_term_advice",
    "duplicate",
    "overlap_with_other_support",
    "insufficient_information",
    "no_expertise_available",
    "other",
]


class Rejection(Given):
    """Why a request is rejected: a code for the books, and words for the requester."""

    reason_code: RejectionReason
    reason: Reason


class RejectionRecord(Kept):
    """A rejection as recorded."""

    rejection: Rejection
    by: Id
    at: datetime


class Approval(Kept):
    """An approval as recorded, with the action as it was designed and what the officer was warned of."""

    design: Design
    warnings: tuple[Warning_, ...]
    by: Id
    at: datetime


class Request(Kept):
    """A request as stored."""

    id: Id
    reference: str
    institution_id: Id
    country: str
    status: RequestStatus
    content: RequestContent
    created_by: Id
    submitted_at: datetime | None = None
    approval: Approval | None = None
    rejection: RejectionRecord | None = None


class Signatories(Kept):
    """The people a request names, as they stand now; None where there is no such contact."""

    focal_point: Contact | None
    signatory: Contact | None


def draft(id_: str, reference: str, institution: Institution, content: RequestContent, created_by: str) -> Request:
    """A new draft in the name of an institution; its country is that of the institution."""
    return Request(
        id=id_,
        reference=reference,
        institution_id=institution.id,
        country=institution.facts.country,
        status="draft",
        content=content,
        created_by=created_by,
    )


def edit(request: Request, content: RequestContent) -> Request:
    """The draft with other content. Refused once it is submitted."""
    status = after(TRANSITIONS, "the request", request.status, "edit")
    return request.model_copy(update={"status": status, "content": content})


def submit(request: Request, institution: Institution, people: Signatories, policy: Policy, now: datetime) -> Request:
    """The submitted request.

    Refused where its state or the institution's does not allow it; Invalid, with a fault per place, where something
    is missing, a named person is not an active contact of the institution in that function, a date has passed, or the
    preferred period is longer than `period_days_most`.
    """
    status = after(TRANSITIONS, "the request", request.status, "submit")
    _check_institution(institution, policy, now.date())
    faults = together(
        (*_gaps(request.content), *_people(request, people), *_dates(request.content, policy, now.date()))
    )
    if faults:
        raise Invalid("the request is not ready to be submitted", mend="Complete the draft first.", faults=faults)
    return request.model_copy(update={"status": status, "submitted_at": now})


def approve(request: Request, design: Design, by: str, now: datetime, policy: Policy) -> Request:
    """The approved request with the design of its action. Refused in another state, Invalid over a limit."""
    status = after(TRANSITIONS, "the request", request.status, "approve")
    warnings = check_design(design, policy, now.date())
    approval = Approval(design=design, warnings=warnings, by=by, at=now)
    return request.model_copy(update={"status": status, "approval": approval})


def reject(request: Request, rejection: Rejection, by: str, now: datetime) -> Request:
    """The rejected request. Refused in another state."""
    status = after(TRANSITIONS, "the request", request.status, "reject")
    return request.model_copy(
        update={"status": status, "rejection": RejectionRecord(rejection=rejection, by=by, at=now)}
    )


def convert(request: Request) -> Request:
    """The request once its action is open (domain §6.2); as it is where it has gone on. Refused before an approval."""
    if request.status == "converted":
        return request
    return request.model_copy(update={"status": after(TRANSITIONS, "the request", request.status, "convert")})


def _check_institution(institution: Institution, policy: Policy, today: date) -> None:
    if institution.status != "eligible":
        raise Refused(
            f"the institution is {institution.status.replace('_', ' ')}; only an eligible one may submit",
            mend="Wait for the facility's verification of the institution, or ask the desk about it.",
        )
    if not policy.admits(institution.facts.country, today):
        raise Refused(
            f"{institution.facts.country} is in no group of countries that may ask today",
            mend="Institutions of other countries can offer experts, not ask for them.",
        )


def _gaps(content: RequestContent) -> list[Fault | None]:
    needed = {
        "context": "the context",
        "problem": "the problem",
        "objectives": "the objectives",
        "expected_results": "the expected results",
        "themes": "a theme (one to three)",
        "focal_point_id": "the focal point",
        "signatory_id": "the signatory",
    }
    faults: list[Fault | None] = [
        missing(f"/{name}", what) for name, what in needed.items() if not getattr(content, name)
    ]
    if content.urgency == "urgent" and not content.urgency_reason:
        faults.append(missing("/urgency_reason", "the reason why it is urgent"))
    return faults


def _people(request: Request, people: Signatories) -> list[Fault | None]:
    content = request.content
    return [
        _person("/focal_point_id", "focal_point", content.focal_point_id, people.focal_point, request.institution_id),
        _person("/signatory_id", "signatory", content.signatory_id, people.signatory, request.institution_id),
    ]


def _person(pointer: str, function: str, id_: str | None, contact: Contact | None, institution_id: str) -> Fault | None:
    if id_ is None:
        return None
    if contact is None or contact.institution_id != institution_id:
        return Fault(pointer, f"the institution has no contact {id_}", "Name a contact of this institution.")
    if not contact.active:
        return Fault(pointer, f"contact {id_} is not active today", "Name somebody who holds the function now.")
    if function not in contact.details.functions:
        said = function.replace("_", " ")
        return Fault(pointer, f"contact {id_} is no {said}", f"Name a contact with the function {function}.")
    return None


def _dates(content: RequestContent, policy: Policy, today: date) -> list[Fault | None]:
    faults: list[Fault | None] = []
    period = content.preferred_period
    if period and period.last_day < today:
        faults.append(
            Fault("/preferred_period/last_day", "the preferred period is over", "Name a period that lies ahead.")
        )
    if period:
        faults.append(too_long("/preferred_period", period, policy.period_days_most))
    if content.received_on and content.received_on > today:
        faults.append(Fault("/received_on", "lies in the future", "Give the day the request came in."))
    return faults
