"""From words to people: named by id, by function within a scope, once each, and nobody of another institution."""

from __future__ import annotations

from datetime import timedelta

from services.notifications.domain.catalogue import CATALOGUE, Row
from services.notifications.domain.contact import Contact, forgotten
from services.notifications.domain.delivery import State, delivery_id
from services.notifications.domain.notice import Addressee, Notice, Times, addressees, deliveries, found_for
from services.notifications.domain.recipients import Holder, Person, Told, addressed, holder_of
from shared.contracts.events.requests import RequestSubmitted
from tests.support.notified_events import AT, CASE, REQUEST, sample

TIMES = Times(lease=timedelta(seconds=30), look_again=timedelta(minutes=10))
MANAGER = Holder("manager", "facility")
LOGISTICS = Holder("logistics", "facility")
DESK = "desk@facility"


def _contact(**fields: object) -> Contact:
    known = {"contact_id": "per_1", "kind": "staff", "name": "Sample", "email": "per_1@people.example"}
    return Contact.model_validate({**known, **fields})


def test_a_submission_tells_exactly_the_people_it_names() -> None:
    content = {**REQUEST, "focal_point_id": "per_a", "signatory_id": "per_b"}
    assert addressed((Told.REQUESTER,), content) == (Person("per_a", "focal_point"), Person("per_b", "signatory"))


def test_a_later_event_of_the_case_tells_the_people_of_the_case() -> None:
    expected = (Holder("focal_point", "case:req_1"), Holder("signatory", "case:req_1"))
    assert addressed((Told.REQUESTER,), REQUEST) == expected


def test_the_employer_is_told_only_where_the_event_names_it() -> None:
    assert addressed((Told.EMPLOYER,), {**CASE, "employer_institution_id": None}) == ()
    there = addressed((Told.EMPLOYER,), {**CASE, "employer_institution_id": "ins_9"})
    assert there == (Holder("supervisor", "institution:ins_9"),)


def test_no_delegation_is_looked_for_inside_the_union() -> None:
    assert addressed((Told.EU_DELEGATION,), {"country": "NG"}) == (Holder("eu_delegation", "country:NG"),)
    assert addressed((Told.EU_DELEGATION,), {"country": "GB"}) == (Holder("eu_delegation", "country:GB"),)
    assert addressed((Told.EU_DELEGATION,), {"country": "FR"}) == ()


def test_one_person_in_two_roles_is_told_once_and_in_the_first() -> None:
    to, _ = addressees((Person("per_a", "focal_point"), Person("per_a", "signatory")), {})
    assert to == (Addressee("per_a", "focal_point", known=True),)


def test_a_function_held_by_several_people_tells_each_of_them() -> None:
    to, unfilled = addressees((MANAGER,), {MANAGER.reference: ("per_a", "per_b")})
    assert [a.recipient for a in to] == ["per_a", "per_b"]
    assert unfilled == ()


def test_an_unfilled_function_of_the_facility_falls_to_the_desk() -> None:
    to, unfilled = addressees((LOGISTICS,), {DESK: ("per_desk",)})
    assert to == (Addressee("per_desk", "logistics", known=True, stands_in=True),)
    assert unfilled == ("logistics",)


def test_somebody_told_in_an_own_role_is_not_told_again_as_a_stand_in() -> None:
    to, _ = addressees((LOGISTICS, MANAGER), {MANAGER.reference: ("per_a",), DESK: ("per_a",)})
    assert to == (Addressee("per_a", "manager", known=True),)


def test_without_a_desk_each_notice_waits_for_the_function_that_was_meant() -> None:
    to, unfilled = addressees((LOGISTICS, MANAGER), {})
    assert to == (
        Addressee(LOGISTICS.reference, "logistics", known=False),
        Addressee(MANAGER.reference, "manager", known=False),
    )
    assert unfilled == ("logistics", "manager")


def test_nobody_else_reads_a_notice_for_an_institution_without_contacts() -> None:
    focal = Holder("focal_point", "institution:ins_1")
    to, unfilled = addressees((focal,), {DESK: ("per_desk",)})
    assert to == (Addressee("focal_point@institution:ins_1", "focal_point", known=False),)
    assert unfilled == ()


def test_a_contact_answers_for_its_own_institution_facility_or_countries_only() -> None:
    def held(**fields: object) -> list[str]:
        return [holder.reference for holder in _contact(**fields).holds]

    assert held(functions=("desk", "manager")) == ["desk@facility", "manager@facility"]
    partner = {"kind": "institution_contact", "functions": ("manager",), "institution_id": "ins_1"}
    assert held(**partner) == ["manager@institution:ins_1"], "a partner's manager is no manager of the facility"
    delegation = {"kind": "delegation", "functions": ("eu_delegation",), "countries": ("NG", "BJ")}
    assert held(**delegation) == ["eu_delegation@country:NG", "eu_delegation@country:BJ"]
    assert held(kind="expert", functions=("desk",)) == []
    assert held(functions=("desk",), active=False) == []
    assert forgotten("per_1").holds == ()


def test_the_first_language_that_has_a_wording_is_used_else_english() -> None:
    assert _contact(languages=("de", "fr-BE", "es")).language == "fr"
    assert _contact(languages=("pt",)).language == "en"
    assert _contact().language == "en"


def test_a_reference_is_told_from_an_id() -> None:
    assert holder_of("focal_point@case:req_1") == Holder("focal_point", "case:req_1")
    assert holder_of("per_1") is None


def _notice() -> Notice:
    row = CATALOGUE[RequestSubmitted]
    assert isinstance(row, Row)
    return Notice("evt_1", "request.submitted", AT, sample(RequestSubmitted).model_dump(mode="json"), row)


def test_a_delivery_per_recipient_and_channel_under_an_id_that_never_changes() -> None:
    to = (Addressee("per_a", "focal_point", known=True), Addressee(DESK, "desk", known=False))
    made = {(d.recipient, d.channel): d for d in deliveries(_notice(), to, AT, TIMES)}
    assert set(made) == {(r, c) for r in ("per_a", DESK) for c in ("mail", "inbox")}
    assert all(d.id == delivery_id("evt_1", d.recipient, d.channel) for d in made.values())
    assert len({d.id for d in made.values()}) == 4
    assert made["per_a", "mail"].state is State.QUEUED
    assert made["per_a", "inbox"].state is State.DELIVERED
    assert {made[DESK, channel].waiting_for for channel in ("mail", "inbox")} == {DESK}


def test_of_the_event_only_the_facts_of_the_row_are_kept() -> None:
    first = next(deliveries(_notice(), (Addressee("per_a", "focal_point", known=True),), AT, TIMES))
    assert set(first.facts) == {"reference", "country", "title"}


def test_what_waited_for_a_function_becomes_a_delivery_of_the_person_found() -> None:
    waiting = next(deliveries(_notice(), (Addressee(DESK, "desk", known=False),), AT, TIMES))
    (found,) = found_for(waiting, ("per_desk",), AT, TIMES)
    assert found.id == delivery_id("evt_1", "per_desk", "mail")
    assert (found.recipient, found.state, found.waiting_for) == ("per_desk", State.QUEUED, None)
