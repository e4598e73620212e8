"""An offer keeps days, ends, and is answered once: each way in which it does not is seen, each sound one is not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from deploy.audit import Evidence, audit
from deploy.audit.offers import LAPSE_WITHIN
from services.matching.domain.calendar import Calendar, Hold
from services.matching.domain.offer import Offer
from services.matching.domain.position import Position
from services.matching.domain.requirement import Window
from shared.contracts.events.positions import AssignmentOffered
from shared.contracts.events.requests import Period
from shared.store.document import to_ms
from tests.unit.audit.evidence_of_a_case import document, event, record
from tests.unit.audit.evidence_of_a_team import DAYS, LATER, at_work, whole

POSITIONS = "matching.positions"
NOW = datetime(2031, 5, 5, 12, tzinfo=UTC)
OPEN, ACCEPTED = (1,), (1, 2)


def world(accepted: tuple[int, ...] = OPEN) -> Evidence:
    """The case with the second offer open still, or with both accepted."""
    return whole(accepted=accepted, complete=accepted == ACCEPTED)


def position(world: Evidence, number: int = 2) -> dict[str, Any]:
    documents = world.documents["matching"]["positions"]
    found: dict[str, Any] = next(d for d in documents if d["_id"] == f"pos_{number}")
    return found


def holds(world: Evidence, number: int = 2) -> list[dict[str, Any]]:
    documents = world.documents["matching"]["calendars"]
    found: list[dict[str, Any]] = next(d["state"]["holds"] for d in documents if d["_id"] == f"exp_{number}")
    return found


def another(hold: dict[str, Any], **other: Any) -> dict[str, Any]:
    return {**hold, "offer_id": "off_9", "activity_id": "acy_9", "position_id": "pos_9", **other}


def lost(world: Evidence, now: datetime = NOW) -> list[str]:
    """What is lost, at rest and at work alike."""
    at_rest = audit(replace(world, progress=None), now=now, with_mail=False).lost
    assert audit(at_work(replace(world)), now=now, with_mail=False).lost == at_rest
    return at_rest


def doubled(world: Evidence) -> list[str]:
    return audit(world, now=NOW, with_mail=False).duplicates


def test_the_auditor_reads_what_matching_writes() -> None:
    assert Calendar.model_fields.keys() >= {"holds"}
    assert Hold.model_fields.keys() >= {"offer_id", "activity_id", "position_id", "window", "state", "expires_at"}
    assert Window.model_fields.keys() >= {"start", "end"}
    assert Position.model_fields.keys() >= {"state", "offers"}
    assert AssignmentOffered.model_fields.keys() >= {"offer_id", "onsite"}
    assert Period.model_fields.keys() >= {"last_day"}
    made = Offer(offer_id="off_1", expert_id="exp_1", rank=1, offered_at=NOW, respond_by=NOW + LAPSE_WITHIN)
    assert made.model_dump(mode="json").keys() >= {"offer_id", "expert_id", "state", "respond_by"}
    assert "offer:off_1:respond_by" in made.deadlines()


@pytest.mark.parametrize("accepted", [OPEN, ACCEPTED, ()])
def test_open_and_accepted_offers_with_their_days_are_sound(accepted: tuple[int, ...]) -> None:
    found = world(accepted)
    assert audit(found, now=NOW).clean, audit(found, now=NOW).as_json()
    assert audit(at_work(found), now=NOW, with_mail=False).clean


@pytest.mark.parametrize("state", ["accepted", "booked"])
def test_days_that_somebody_has_committed_to_twice_are_a_double(state: str) -> None:
    found = world(ACCEPTED)
    kept = holds(found)
    last_day = {"start": DAYS["last_day"], "end": "2999-04-01"}
    kept.append(another(kept[0], state=state, window=last_day))
    assert doubled(found) == ["calendar exp_2: off_2 and off_9 are both accepted and share days"]
    kept[1]["window"] = {"start": "2999-03-13", "end": "2999-04-01"}
    assert doubled(found) == []
    kept[1] |= {"window": last_day, "state": "released"}
    assert doubled(found) == []


def test_offers_may_share_days_while_one_of_them_is_open() -> None:
    found = world(ACCEPTED)
    holds(found).append(another(holds(found)[0], state="offered"))
    assert doubled(found) == []


def test_nobody_is_asked_for_two_positions_of_one_team() -> None:
    found = world()
    kept = holds(found)
    kept.append({**kept[0], "offer_id": "off_1", "position_id": "pos_1"})
    assert doubled(found) == ["calendar exp_2: off_2 and off_1 are two positions of one team"]
    kept[1]["state"] = "released"
    assert doubled(found) == []


@pytest.mark.parametrize(("accepted", "stands"), [(OPEN, "offered"), (ACCEPTED, "accepted")])
def test_an_offer_whose_days_are_in_no_calendar_is_a_loss_until_they_are_over(
    accepted: tuple[int, ...], stands: str
) -> None:
    found = world(accepted)
    holds(found).clear()
    assert lost(found) == [f"matching.positions/pos_2: off_2 is {stands}, and its days are in no calendar"]
    found.documents["matching"]["calendars"] = found.documents["matching"]["calendars"][:1]
    assert len(lost(found)) == 1
    for made in found.on(POSITIONS):
        if made.event and made.event["type"] == "assignment.offered":
            made.event["data"]["onsite"] = {"first_day": "2031-05-01", "last_day": "2031-05-04"}
    assert lost(found) == [], "a calendar drops what is over"


@pytest.mark.parametrize("state", ["released", "offered"])
def test_an_accepted_offer_whose_days_are_not_firm_is_a_loss(state: str) -> None:
    found = world(ACCEPTED)
    holds(found)[0]["state"] = state
    assert lost(found) == ["matching.positions/pos_2: off_2 is accepted, and its days are not kept for it"]


def test_days_of_an_open_offer_may_have_lapsed() -> None:
    found = world()
    holds(found)[0]["state"] = "released"
    assert lost(found) == []


def test_a_position_that_waits_for_its_offer_no_more_keeps_no_days() -> None:
    found = world(ACCEPTED)
    position(found)["state"]["state"] = "cancelled"
    holds(found).clear()
    assert lost(found) == []


@pytest.mark.parametrize("accepted", [OPEN, ACCEPTED])
def test_an_offer_made_while_the_documents_were_read_has_its_days_later(accepted: tuple[int, ...]) -> None:
    found = at_work(world(accepted))
    assert found.progress
    found.progress.ends[POSITIONS, 0] = 0  # type: ignore[index]
    holds(found).clear()
    assert audit(found, now=NOW, with_mail=False).lost == []


def test_an_open_offer_that_nothing_ends_is_a_loss() -> None:
    found = world()
    position(found)["deadlines"] = {"offer:off_2:90": 1, "offer:off_1:respond_by": 1}
    assert lost(found) == ["matching.positions/pos_2: off_2 is offered, and nothing will end it"]


def test_an_open_offer_whose_time_is_long_over_is_on_its_way_to_its_end() -> None:
    found = world()
    over, late = NOW - LAPSE_WITHIN, NOW - LAPSE_WITHIN - timedelta(seconds=1)
    (offer,) = position(found)["state"]["offers"]

    def pending(respond_by: datetime, written: datetime) -> list[str]:
        offer["respond_by"] = respond_by.isoformat()
        position(found)["updated_at"] = to_ms(written)
        assert lost(found) == []
        return audit(found, now=NOW).pending

    said = f"matching.positions/pos_2: off_2 is offered, and was to end at {late.isoformat()}"
    assert pending(late, late) == [said]
    assert pending(over, late) == []
    assert pending(late, over) == [], "it was written since, and may be looked at again"
    assert pending(datetime.fromisoformat(LATER), late) == []


@pytest.mark.parametrize("state", ["declined", "expired"])
def test_an_acceptance_that_its_document_does_not_know_is_a_loss(state: str) -> None:
    found = world(ACCEPTED)
    position(found)["state"]["offers"][0]["state"] = state
    said = [f"matching.positions/pos_2: off_2 is {state}, and assignment.accepted was announced"]
    assert [s for s in lost(found) if "announced" in s] == said
    position(found)["outbox"] = [{"topic": POSITIONS, "sequence": 5}]
    assert [s for s in lost(found) if "announced" in s] == [], "a restored position that was answered otherwise"


def test_a_restored_position_that_lost_its_answer_and_got_another_is_sound() -> None:
    found = world(ACCEPTED)
    (offer,) = position(found)["state"]["offers"]
    position(found)["deadlines"] = {"offer:off_2:respond_by": 1}
    offer["state"], position(found)["state"]["state"], holds(found)[0]["state"] = "offered", "offered", "offered"
    assert lost(found) == []
    of = {"offer_id": "off_2", "expert_id": "exp_2"}
    again = record(POSITIONS, 99, event("assignment.declined", "position", "pos_2", 5, **of))
    found.records.append(again)
    offer["state"] = "declined"
    assert [said for said in audit(found, now=NOW).lost if "was announced" in said] == []
    found.records.remove(again)
    assert [said for said in audit(found, now=NOW).lost if "was announced" in said], "without the second answer"


def test_a_calendar_without_a_state_keeps_nothing() -> None:
    found = world(())
    found.documents["matching"]["calendars"].append({**document("exp_3"), "state": None})
    assert audit(found, now=NOW).clean
