"""On a compacted topic a lost record is seen as long as no record may have been compacted, and never made up after."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from deploy.audit import Evidence, audit
from deploy.terminal.backups.sequences import guards
from shared.contracts.topics import COMPACTED_AFTER_DAYS
from shared.store.document import to_ms
from tests.unit.audit.evidence_of_a_case import document, event, record, sound

NOW = datetime(2026, 3, 1, tzinfo=UTC)
TOPIC = "registration.institutions"
YOUNG, OLD = timedelta(days=COMPACTED_AFTER_DAYS - 2), timedelta(days=COMPACTED_AFTER_DAYS)


def world(there: tuple[int, ...], age: timedelta = YOUNG, *, issued: int = 3, restated: int = 0) -> Evidence:
    """The sound world with an institution that announced `issued` times, of which `there` lie on the topic."""
    made = sound()
    for offset, sequence in enumerate(there):
        said = event("institution.revised", "institution", "ins_1", sequence)
        made.records.append(record(TOPIC, offset, said | {"restated": sequence == restated}))
    institution = document("ins_1", sequences={TOPIC: issued}) | {"created_at": to_ms(NOW - age)}
    made.documents["registration"]["institutions"] = [institution]
    taken_in = document("ins_1", seen={"registration-institutions/ins_1": 3})
    made.documents["matching"]["institutions"] = [taken_in]
    made.documents["notifications"]["told"].append(taken_in)
    return made


def lost(evidence: Evidence) -> list[str]:
    return [said.partition(" ")[2].partition(" ")[0] for said in audit(evidence, now=NOW).lost]


@pytest.mark.parametrize(
    ("there", "missing"),
    [((1, 2, 3), []), ((1, 3), ["#2"]), ((2, 3), ["#1"]), ((1, 2), ["#3"]), ((3,), ["#1", "#2"])],
)
def test_each_record_of_a_young_document_must_be_there(there: tuple[int, ...], missing: list[str]) -> None:
    assert lost(world(there)) == missing


def test_of_an_old_document_only_the_last_must_be_there() -> None:
    assert lost(world((1, 3), OLD)) == lost(world((3,), OLD)) == []
    assert lost(world((1, 2), OLD)) == ["#3"]


def test_what_waits_in_the_outbox_is_pending() -> None:
    made = world((1, 3))
    made.documents["registration"]["institutions"][0]["outbox"] = [{"topic": TOPIC, "sequence": 2}]
    findings = audit(made, now=NOW)
    assert findings.lost == []
    assert findings.pending == [f"{TOPIC}/ins_1 #2 was decided and is not on its topic"]


def test_a_state_said_again_stands_for_what_lacks_before_it() -> None:
    assert lost(world((1, 3), restated=3)) == lost(world((3,), restated=3)) == []
    assert lost(world((1, 3), restated=1)) == ["#2"]


def test_nothing_is_made_up_where_the_beginning_of_the_topic_was_deleted() -> None:
    made = world((3,))
    made.headless = frozenset({TOPIC})
    assert lost(made) == []


def test_what_a_restore_made_for_an_aggregate_says_nothing_of_its_age() -> None:
    made = world((3,))
    (guard,) = guards([("institutions", TOPIC)], [], {(TOPIC, "ins_1"): 3})["institutions"]
    decided_since: dict[str, Any] = guard | {"state": {"some": "state"}, "created_at": to_ms(NOW)}
    made.documents["registration"]["institutions"] = [decided_since]
    assert lost(made) == []
    made.documents["registration"]["institutions"] = [decided_since | {"restored": False}]
    assert lost(made) == ["#1", "#2"]
