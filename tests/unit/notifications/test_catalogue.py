"""The table from event to message is complete, and says what was written down beside it."""

from __future__ import annotations

import pytest

from services.notifications.adapters.wording import TEMPLATES
from services.notifications.domain.catalogue import CATALOGUE, Row, ToldNone, rows
from services.notifications.domain.contact import SUPPORTED
from services.notifications.domain.recipients import MEANT, Told, addressed
from services.notifications.entrypoints.events import TELLING
from shared.contracts import topics
from shared.contracts.catalogue import CONTRACTS
from shared.contracts.envelope import EventData
from tests.support.notified_events import SAMPLES, sample

HEARD = [contract.model for contract in CONTRACTS if "notifications" in contract.consumers]

EXPECTED = {
    "institution.submitted": (None, {"desk"}),
    "institution.verified": (None, {"institution", "eu_delegation"}),
    "institution.rejected": (None, {"institution", "eu_delegation"}),
    "expert.activated": (46, {"expert"}),
    "expert.revision_refused": (46, {"expert"}),
    "request.submitted": (1, {"requester", "desk", "eu_delegation"}),
    "request.approved": (7, {"requester", "eu_delegation", "team"}),
    "request.rejected": (7, {"requester", "eu_delegation", "team"}),
    "match.completed": (None, {"manager", "pool_manager"}),
    "match.empty": (None, {"manager", "pool_manager"}),
    "shortlist.exhausted": (None, {"manager", "pool_manager"}),
    "assignment.offered": (12, {"expert", "employer"}),
    "deadline.approaching": (13, {"expert"}),
    "assignment.accepted": (14, {"manager", "partner", "employer", "logistics"}),
    "clearance.overdue": (None, {"manager", "pool_manager"}),
    "assignment.declined": (15, {"manager", "pool_manager"}),
    "assignment.expired": (15, {"manager", "pool_manager", "expert"}),
    "team.complete": (20, {"partner", "experts", "eu_delegation", "communication"}),
}
"""Written by hand, and not from the table: event -> (number, words)."""

URGENT = {
    "shortlist.exhausted",
    "assignment.offered",
    "deadline.approaching",
    "clearance.overdue",
    "assignment.declined",
    "assignment.expired",
}


@pytest.mark.parametrize("model", HEARD, ids=lambda model: model.__name__)
def test_every_event_that_reaches_this_service_has_its_rows_or_says_why_it_tells_nobody(model: type[EventData]) -> None:
    entry = CATALOGUE[model]
    if isinstance(entry, ToldNone):
        assert len(entry.reason) > 20
    else:
        assert entry.told


def test_the_table_has_no_event_that_does_not_reach_this_service() -> None:
    assert set(CATALOGUE) == set(HEARD)


def test_every_topic_that_is_heard_has_a_subscription() -> None:
    heard = {contract.topic.name for contract in CONTRACTS if "notifications" in contract.consumers}
    assert {topic.name for topic in (*TELLING.values(), topics.CONTACTS)} == heard


def test_each_event_tells_whom_it_should() -> None:
    names = {contract.model: contract.name for contract in CONTRACTS}
    table = {names[model]: (row.number, {word.value for word in row.told}) for model, row in rows().items()}
    assert table == EXPECTED
    assert {names[model] for model, row in rows().items() if row.priority == "U"} == URGENT


def test_the_reason_for_declining_is_kept_for_no_message() -> None:
    declined = [row for row in rows().values() if row.type == "offer_declined"]
    assert declined
    assert all("reason" not in row.facts for row in declined)


@pytest.mark.parametrize(("model", "row"), rows().items(), ids=lambda value: getattr(value, "type", ""))
def test_the_facts_of_a_row_are_fields_of_its_event_and_its_recipients_can_be_told_from_it(
    model: type[EventData], row: Row
) -> None:
    content = sample(model).model_dump(mode="json")
    assert set(row.facts) <= set(content)
    assert addressed(row.told, content)


def test_there_is_a_sample_of_every_event_that_is_heard() -> None:
    assert {type(found) for found in SAMPLES} == set(HEARD)


@pytest.mark.parametrize("row", rows().values(), ids=lambda row: row.type)
def test_every_message_is_worded_in_every_language(row: Row) -> None:
    assert {file.stem for file in (TEMPLATES / row.type).iterdir()} == set(SUPPORTED)


def test_there_is_no_wording_without_a_message() -> None:
    assert {folder.name for folder in TEMPLATES.iterdir()} == {row.type for row in rows().values()} | {"layout"}


def test_every_word_of_the_table_is_used_by_a_row() -> None:
    assert {word for row in rows().values() for word in row.told} == set(Told) == set(MEANT)
