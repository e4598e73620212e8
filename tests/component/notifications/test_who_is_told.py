"""Every event reaches exactly its people, by mail and in the inbox, by a list written by hand."""

from __future__ import annotations

import pytest

from services.notifications.domain.delivery import State
from shared.contracts.envelope import EventData
from shared.contracts.events.actions import ActionCreated
from shared.contracts.events.experts import ExpertActivated, ExpertRevised, ExpertRevisionRefused, ExpertSubmitted
from shared.contracts.events.institutions import InstitutionRejected, InstitutionSubmitted, InstitutionVerified
from shared.contracts.events.positions import (
    AssignmentAccepted,
    AssignmentDeclined,
    AssignmentExpired,
    AssignmentOffered,
    ClearanceOverdue,
    OfferDeadlineApproaching,
    OfferDeadlinePassed,
    PositionOpened,
    PositionShortlisted,
    ShortlistApproved,
    ShortlistExhausted,
)
from shared.contracts.events.requests import RequestApproved, RequestRejected, RequestSubmitted
from shared.contracts.events.searches import MatchCompleted, MatchEmpty
from shared.contracts.events.teams import TeamComplete
from shared.contracts.events.terms_of_reference import TermsDrafted, TermsFinalised
from tests.component.notifications.world import CAST, World, expert, partner, staff
from tests.support.notified_events import INSTITUTION, OFFER, REQUEST, SAMPLES, sample

DECISION = {"per_focal", "per_sign", "del_ng", "per_adviser", "per_manager"}
OFFICERS = {"per_manager", "per_pool"}
EXPECTED: list[tuple[type[EventData], set[str]]] = [
    (InstitutionSubmitted, {"per_desk"}),
    (InstitutionVerified, {"per_focal", "per_colleague", "del_ng"}),
    (InstitutionRejected, {"per_focal", "per_colleague", "del_ng"}),
    (ExpertSubmitted, set()),
    (ExpertRevised, set()),
    (ExpertActivated, {"exp_1"}),
    (ExpertRevisionRefused, {"exp_1"}),
    (RequestSubmitted, {"per_focal", "per_sign", "per_desk", "del_ng"}),
    (RequestApproved, DECISION),
    (RequestRejected, DECISION),
    (ActionCreated, set()),
    (TermsDrafted, set()),
    (TermsFinalised, set()),
    (MatchCompleted, OFFICERS),
    (MatchEmpty, OFFICERS),
    (PositionOpened, set()),
    (PositionShortlisted, set()),
    (ShortlistApproved, set()),
    (ShortlistExhausted, OFFICERS),
    (AssignmentOffered, {"exp_1", "per_supervisor"}),
    (OfferDeadlineApproaching, {"exp_1"}),
    (OfferDeadlinePassed, set()),
    (AssignmentAccepted, {"per_manager", "per_focal", "per_supervisor", "per_logistics"}),
    (ClearanceOverdue, OFFICERS),
    (AssignmentDeclined, OFFICERS),
    (AssignmentExpired, {*OFFICERS, "exp_1"}),
    (TeamComplete, {"per_focal", "exp_1", "exp_2", "del_ng", "per_communication"}),
]
SUBMITTED = sample(RequestSubmitted)


def test_the_list_is_complete() -> None:
    announced = {type(event) for event in SAMPLES if type(event).__name__ not in NOT_ANNOUNCED}
    assert {model for model, _ in EXPECTED} == announced


NOT_ANNOUNCED = {"ContactRecorded", "AssignmentCleared", "AssignmentConflictFound", "ContractSigned", "PositionFilled"}


@pytest.mark.parametrize(("model", "people"), EXPECTED, ids=lambda value: getattr(value, "__name__", ""))
async def test_an_event_reaches_exactly_its_people(staffed: World, model: type[EventData], people: set[str]) -> None:
    if model is not RequestSubmitted:
        await staffed.happens(SUBMITTED)
        await staffed.settled()
        staffed.mailer.mails.clear()
    event_id = await staffed.happens(sample(model))
    await staffed.settled()
    expected = {(person, channel) for person in people for channel in ("mail", "inbox")}
    assert await staffed.told(event_id) == expected
    mails = [mail for mail in staffed.mailer.mails if mail.event_id == event_id]
    assert sorted(mail.to_address for mail in mails) == sorted(f"{person}@people.example" for person in people)
    states = {(d.channel, d.state) for d in await staffed.deliveries(event_id=event_id)}
    assert states <= {("mail", State.SENT), ("inbox", State.DELIVERED)}
    assert len(staffed.mailer.mails) == len(mails), "nobody else hears of it"


async def test_the_partner_alone_reads_the_names_of_its_complete_team(staffed: World) -> None:
    await staffed.happens(SUBMITTED)
    event_id = await staffed.happens(sample(TeamComplete))
    await staffed.settled()
    mails = {m.to_address.split("@")[0]: m.text for m in staffed.mailer.mails if m.event_id == event_id}
    team = "Position 1 (principal expert): Sample exp_1\nPosition 2: Sample exp_2\n"
    assert {who for who, text in mails.items() if team in text.body} == {"per_focal"}
    others = ("per_communication", "del_ng")
    assert not [who for who in others if "Sample exp" in mails[who].body + mails[who].subject]
    assert "exp_2" not in mails["exp_1"].body
    assert all("Sample" not in text.subject for text in mails.values())
    kept = await staffed.deliveries(event_id=event_id)
    assert not [notice for notice in kept if "Sample exp" in notice.model_dump_json()], "worded when it is told"


async def test_the_inbox_tells_the_names_of_a_team_until_a_person_is_erased(staffed: World) -> None:
    await staffed.happens(SUBMITTED)
    await staffed.happens(sample(TeamComplete))
    claims = {"institution_id": "ins_1", "contact_id": "per_focal"}
    async with staffed.client() as client:
        headers = staffed.headers("institution", "per_focal", **claims)
        before = (await client.get("/inbox", headers=headers)).json()["items"][0]["text"]
        await staffed.erased("exp_2")
        after = (await client.get("/inbox", headers=headers)).json()["items"][0]["text"]
    assert "Position 2: Sample exp_2" in before
    assert "Position 1 (principal expert): Sample exp_1\nPosition 2: name not on record\n" in after


async def test_an_employer_that_the_event_does_not_name_gets_no_copy(staffed: World) -> None:
    offer = sample(AssignmentOffered).model_copy(update={"employer_institution_id": None})
    event_id = await staffed.happens(offer)
    assert {who for who, _ in await staffed.told(event_id)} == {"exp_1"}


async def test_a_notice_never_goes_to_another_institutions_people(staffed: World) -> None:
    """Every event of a case of ins_1, with the same functions filled at ins_2 and at the employer."""
    for event in SAMPLES:
        if type(event).__name__ not in NOT_ANNOUNCED:
            await staffed.happens(event)
    await staffed.settled()
    told = {d.recipient for d in await staffed.deliveries()}
    assert "per_elsewhere" not in told
    assert "per_employer_focal" not in told
    assert "del_dj" not in told
    assert "exp_3" not in told
    supervisors = {d.type for d in await staffed.deliveries(recipient="per_supervisor")}
    assert supervisors == {"offer", "offer_accepted"}


async def test_the_case_tells_the_people_its_request_named_and_not_their_colleagues(staffed: World) -> None:
    other = SUBMITTED.model_copy(
        update={
            "request_id": "req_2",
            "institution_id": "ins_2",
            "focal_point_id": "per_elsewhere",
            "signatory_id": "per_elsewhere",
        }
    )
    await staffed.happens(SUBMITTED)
    await staffed.happens(other)
    first = await staffed.happens(sample(RequestApproved))
    second = await staffed.happens(RequestApproved(**{**REQUEST, "request_id": "req_2", "institution_id": "ins_2"}))
    facility = {"del_ng", "per_adviser", "per_manager"}
    assert {who for who, _ in await staffed.told(first)} == {"per_focal", "per_sign", *facility}
    assert {who for who, _ in await staffed.told(second)} == {"per_elsewhere", *facility}


async def test_a_named_person_who_left_is_replaced_by_those_who_hold_the_function_there(staffed: World) -> None:
    await staffed.happens(SUBMITTED)
    await staffed.recorded(CAST[0].model_copy(update={"active": False}))
    event_id = await staffed.happens(sample(AssignmentAccepted))
    told = {who for who, _ in await staffed.told(event_id)}
    assert "per_colleague" in told
    assert "per_focal" not in told


async def test_one_person_in_two_roles_is_told_once_per_channel(staffed: World) -> None:
    both = SUBMITTED.model_copy(update={"signatory_id": "per_focal"})
    event_id = await staffed.happens(both)
    await staffed.settled()
    assert len(staffed.mails_to("per_focal")) == 1
    assert {d.channel for d in await staffed.deliveries(event_id=event_id, recipient="per_focal")} == {"mail", "inbox"}


async def test_the_same_event_again_tells_nobody_twice(staffed: World) -> None:
    event_id = await staffed.happens(SUBMITTED, sequence=1)
    await staffed.settled()
    before = await staffed.deliveries()
    await staffed.happens(SUBMITTED, sequence=1)
    await staffed.bus.again()
    await staffed.settled()
    assert len(staffed.mailer.mails) == 4
    assert await staffed.deliveries() == before
    assert {d.event_id for d in before} == {event_id}


async def test_a_function_nobody_holds_falls_to_the_desk_and_alerts(world: World) -> None:
    await world.recorded(staff("per_desk", "desk"), staff("per_manager", "manager"))
    event_id = await world.happens(sample(MatchCompleted))
    await world.settled()
    assert {who for who, _ in await world.told(event_id)} == {"per_manager", "per_desk"}
    (mail,) = (mail for mail in world.mailer.mails if mail.to_address.startswith("per_desk"))
    assert "pool manager" in mail.text.body
    async with world.client() as client:
        metrics = (await client.get("/metrics")).text
    assert 'entente_unfilled_functions_total{function="pool_manager"} 1.0' in metrics


async def test_a_country_without_delegation_falls_to_the_desk(world: World) -> None:
    await world.recorded(staff("per_desk", "desk"), partner("per_focal", "ins_1"), partner("per_sign", "ins_1"))
    event_id = await world.happens(SUBMITTED)
    assert {who for who, _ in await world.told(event_id)} == {"per_focal", "per_sign", "per_desk"}


async def test_somebody_who_left_is_told_nothing_more(staffed: World) -> None:
    await staffed.recorded(staff("per_manager", "manager").model_copy(update={"active": False}))
    event_id = await staffed.happens(sample(MatchCompleted))
    assert {who for who, _ in await staffed.told(event_id)} == {"per_pool", "per_desk"}


async def test_people_are_told_in_their_own_language(world: World) -> None:
    await world.recorded(expert("exp_1", languages=("fr", "en")), expert("exp_2", languages=("de", "es")))
    await world.happens(AssignmentOffered.model_validate({**sample(AssignmentOffered).model_dump(), **_nobody()}))
    second = {**sample(AssignmentOffered).model_dump(), **_nobody(), "expert_id": "exp_2", "position_id": "pos_2"}
    await world.happens(AssignmentOffered.model_validate(second))
    await world.settled()
    assert world.mails_to("exp_1") == ["2027-07 : une mission vous est proposée, merci de répondre à temps"]
    assert world.mails_to("exp_2") == ["2027-07: se le ofrece una misión; le rogamos que responda a tiempo"]
    assert "samedi 6 mars 2027, 17:00 (Bruxelles, UTC+01:00)" in world.mailer.mails[0].text.body


def _nobody() -> dict[str, object]:
    return {"employer_institution_id": None}


async def test_no_delivery_keeps_a_name_or_an_address(staffed: World) -> None:
    await staffed.happens(SUBMITTED)
    await staffed.happens(InstitutionVerified(**INSTITUTION, status="eligible"))
    await staffed.happens(AssignmentDeclined(**OFFER, reason="health_family", failed_offers=1))
    await staffed.settled()
    kept = "".join(row for name in ("deliveries", "cases") for row in staffed.documents[name]._rows.values())
    assert "@people.example" not in kept
    assert "Sample per" not in kept
    assert "health_family" not in kept
