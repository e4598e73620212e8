"""Whom a case waits for, by the states of its documents: what only a person can do next. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.contracts.topics import POSITIONS, REQUESTS, TERMS_OF_REFERENCE
from shared.store.document import from_ms

OFFICER, EXPERT, INSTITUTION = "the officer", "the expert", "the institution"


@dataclass(frozen=True, slots=True)
class Awaited:
    """`what` is waited for from `whom`, since `since`."""

    since: datetime
    what: str
    whom: str


def awaited(place: str, document: Mapping[str, Any], last: Mapping[str, Any]) -> Iterable[Awaited]:
    """What a document of `service.collection` waits for; nothing where it waits for nobody. `last`: what the latest
    event about it says, nothing where there is none."""
    state = document.get("state")
    if place in WAITING and state:
        for what, whom, since in WAITING[place](state, last):
            at = datetime.fromisoformat(since) if since else from_ms(document["updated_at"])
            yield Awaited(at, what, whom)


def _request(state: Mapping[str, Any], _: Mapping[str, Any]) -> Iterable[tuple[str, str, str | None]]:
    if state["status"] == "draft":
        yield "waits for the institution: submission", INSTITUTION, None
    if state["status"] == "submitted":
        yield "waits for the officer: approval or rejection", OFFICER, state["submitted_at"]


def _terms(state: Mapping[str, Any], _: Mapping[str, Any]) -> Iterable[tuple[str, str, str | None]]:
    if state["status"] == "draft":
        yield "waits for the officer: final terms", OFFICER, None


def _position(state: Mapping[str, Any], last: Mapping[str, Any]) -> Iterable[tuple[str, str, str | None]]:
    """A list that is approved goes on by itself: it waits for nobody."""
    name = f"position {state['number']}"
    if state["state"] == "searching":
        ended = "too late to ask anybody else" if last.get("too_late") else "nobody left on a list"
        why = "nobody found" if state["search_id"] else ended
        yield f"{name}: {why}, waits for a new search", OFFICER, None
    if state["state"] == "shortlisted" and not state["shortlist_approved_at"]:
        yield f"{name} waits for the officer: approve the list", OFFICER, state["shortlisted_at"]
    for offer in state["offers"]:
        if offer["state"] == "offered":
            until = datetime.fromisoformat(offer["respond_by"])
            what = f"{name} waits for the expert's answer until {until:%Y-%m-%d %H:%M:%S}"
            yield what, EXPERT, offer["offered_at"]


WAITING: Mapping[str, Callable[[Mapping[str, Any], Mapping[str, Any]], Iterable[tuple[str, str, str | None]]]] = {
    REQUESTS.name: _request,
    TERMS_OF_REFERENCE.name: _terms,
    POSITIONS.name: _position,
}
"""Where documents can wait for somebody, and by what their state says so."""
