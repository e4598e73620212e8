"""One state of every aggregate, made by the domain itself from the documented examples."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from services.registration.domain import contact as contacts
from services.registration.domain import expert as experts
from services.registration.domain import institution as institutions
from services.registration.domain import request as requests
from services.registration.domain import staff as members
from services.registration.domain import terms as documents
from services.registration.domain.action import Action, open_for
from services.registration.domain.contact import Contact, ContactDetails
from services.registration.domain.delegation import Delegation, DelegationDetails
from services.registration.domain.design import Design
from services.registration.domain.expert import Expert, ExpertDetails
from services.registration.domain.institution import Finding, Institution, InstitutionFacts
from services.registration.domain.policy import Policy
from services.registration.domain.request import Request, Signatories
from services.registration.domain.request_content import RequestContent
from services.registration.domain.staff import Staff, StaffDetails
from services.registration.domain.terms import Terms
from services.registration.entrypoints.http import examples

NOW = datetime(2031, 1, 10, 9, 0, tzinfo=UTC)
POLICY = Policy()


def institution() -> Institution:
    """An eligible institution."""
    made = institutions.register("ins_1", InstitutionFacts.model_validate(examples.INSTITUTION), "per_1")
    return institutions.verify(made, Finding.model_validate(examples.FINDING), "per_2", NOW)


def contact() -> Contact:
    """Its focal point and signatory."""
    return contacts.enter("con_1", "ins_1", ContactDetails.model_validate(examples.CONTACT), NOW)


def staff() -> Staff:
    """A member of staff."""
    return members.enter("stf_1", StaffDetails.model_validate(examples.STAFF), NOW)


def delegation() -> Delegation:
    """An EU Delegation."""
    return Delegation(id="del_1", details=DelegationDetails.model_validate(examples.DELEGATION))


def expert() -> Expert:
    """A submitted expert."""
    details = ExpertDetails.model_validate(examples.EXPERT)
    return experts.submit("exp_1", details, "per_1", NOW.date(), by_officer=True)


def active() -> Expert:
    """An active expert, vetted for one of their areas."""
    return experts.activate(expert(), ("A01",), "per_2", NOW.date(), POLICY.vetting_months)


def details(**profile: Any) -> ExpertDetails:
    """What is handed in about the expert, with these values of the profile."""
    return ExpertDetails.model_validate({**examples.EXPERT, "profile": {**examples.EXPERT["profile"], **profile}})


def expert_with_pending_version(**profile: Any) -> Expert:
    """An active expert who would have another profile."""
    return experts.revise(active(), details(**{"years_total": 16, **profile}), NOW, by_officer=False)


def expert_refused() -> Expert:
    """An active expert whose other profile was refused."""
    refusal = experts.Refusal.model_validate(examples.REVISION_REFUSAL)
    return experts.refuse_pending(expert_with_pending_version(), refusal, "per_2", NOW)


def draft() -> Request:
    """A complete draft."""
    content = {**examples.REQUEST, "focal_point_id": "con_1", "signatory_id": "con_1"}
    return requests.draft("req_1", "REQ-2031-0001", institution(), RequestContent.model_validate(content), "per_1")


def submitted() -> Request:
    """A submitted request."""
    people = Signatories(focal_point=contact(), signatory=contact())
    return requests.submit(draft(), institution(), people, POLICY, NOW)


def design() -> Design:
    """The design of its action."""
    return Design.model_validate(examples.DESIGN)


def approved() -> Request:
    """An approved request."""
    return requests.approve(submitted(), design(), "per_2", NOW, POLICY)


def action() -> Action:
    """The action that answers it."""
    return open_for(approved(), "2031-01")


def terms() -> Terms:
    """The draft of its terms of reference."""
    request = approved()
    assert request.approval is not None
    return documents.draft(action(), request.approval, request.content.urgency)
