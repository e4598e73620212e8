"""What the demo says: whole words, no event without what it is about, no data structures; and who calls afterwards."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from rich.console import Console

from deploy.audit import Findings
from deploy.demo.__main__ import QUIET, Witness
from deploy.demo.office import Case, Office
from deploy.demo.report import closing, figures
from deploy.demo.story import Outcome
from deploy.demo.telling import WIDTH, Teller
from deploy.dev.__main__ import callers
from shared.contracts.catalogue_page import EXAMPLES

EVENTS = [json.loads(file.read_text()) for file in sorted(EXAMPLES.rglob("*.json"))]
NEVER = ("expert.", "evaluation.")
"""Beginnings of types that the story tells in no line."""


@pytest.mark.parametrize(
    "event",
    [e for e in EVENTS if e["type"] not in QUIET and not e["type"].startswith(NEVER)],
    ids=lambda event: event["type"],
)
def test_an_event_is_told_with_what_it_is_about(event: dict[str, Any]) -> None:
    said = io.StringIO()
    Witness(Teller(Console(file=said, width=WIDTH))).event(event)
    _, _, about = said.getvalue().strip().partition(f"-> {event['type']}")
    assert about.strip()


def test_the_end_is_told_in_words_and_says_which_notices_were_mails() -> None:
    outcome = Outcome()
    outcome.offers.update(made=2, accepted=1, declined=1)
    sent = [{"state": "sent", "channel": "mail", "type": "offer"}] * 2
    shown = [{"state": "opened", "channel": "inbox", "type": "offer"}] * 3
    failed = [{"state": "failed", "channel": "mail", "type": "offer"}]
    said = dict(closing(figures([], 200, outcome, Findings(), sent + shown + failed, [1.0, 1.0], 3.0)))
    assert said["offers"] == "2 made, 1 accepted, 1 declined, 0 expired"
    assert said["notifications"] == "5 notices: 2 by mail, 3 in inboxes"
    assert said["submit_to_notice_ms"] == "p50 1.0, p99 1.0"
    assert not [words for words in said.values() if "{" in words]


def test_the_officer_of_the_development_stack_has_a_member_of_staffs_inbox() -> None:
    case, outcome = Case({"key": "sample"}), Outcome()
    case.institution_id, case.contacts = "ins_1", {"focal_point": "con_1"}
    outcome.accepted.append(("off_1", "exp_1"))
    found = {caller.role: caller for caller in callers(case, outcome, Office(staff={"manager": "stf_1"}))}
    assert found["officer"].contact_id == "stf_1"
    assert found["institution"].subject == "con_1"
    assert found["expert"].expert_id == "exp_1"
