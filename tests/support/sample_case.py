"""A sample aggregate for proving the store: it gathers notes and announces each of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from shared.clock import Clock, ManualClock
from shared.contracts.envelope import Actor, Envelope
from shared.contracts.events.requests import RequestRejected
from shared.contracts.topics import REQUESTS
from shared.store import Answer, Command, Decision, Documents, Happened, Kind, Origin, Step, Store, Stored
from shared.store.document import Document

START = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)
KEYS = ("status", "themes", "owner", "size")


class Case(BaseModel):
    """What is kept: notes in the order in which they were taken, and some values of every kind."""

    model_config = ConfigDict(frozen=True)

    notes: tuple[str, ...] = ()
    status: str = "open"
    themes: tuple[str, ...] = ()
    owner: str | None = None
    wakes: dict[str, datetime] = {}
    extra: Any = None

    def noted(self, text: str) -> Case:
        """The case with one more note."""
        return self.model_copy(update={"notes": (*self.notes, text)})


def _keys(case: Case) -> Mapping[str, Any]:
    return {"status": case.status, "themes": case.themes, "owner": case.owner, "size": len(case.notes)}


CASES = Kind(
    name="cases",
    aggregate="request",
    model=Case,
    keys=_keys,
    several=frozenset({"themes"}),
    deadlines=lambda case: case.wakes,
)


def case_store(documents: Documents, clock: Clock | None = None, **options: Any) -> Store[Case]:
    """A store of cases over `documents`, at a clock that stands still unless one is given."""
    return Store(CASES, documents, clock or ManualClock(START), **options)


def said(text: str) -> RequestRejected:
    """The announcement of a note: `reason` is its text."""
    return RequestRejected(
        request_id="req_sample",
        reference="REQ-2027-0001",
        institution_id="ins_sample",
        country="NG",
        title="Sample",
        language="en",
        reason_code="sample",
        reason=text,
    )


def noting(text: str, *, announce: bool = True) -> Callable[[Case | None], Decision[Case]]:
    """Decides to take the note, and to announce it."""

    def decide(case: Case | None) -> Decision[Case]:
        return Decision((case or Case()).noted(text), (said(text),) if announce else ())

    return decide


def opening(text: str) -> Callable[[str], Decision[Case]]:
    """Decides to begin a case with a note, for `Store.create`."""
    return lambda _id: noting(text)(None)


def origin(correlation: str = "cor_sample", **fields: Any) -> Origin:
    """An officer of the facility."""
    actor = Actor(kind="person", id="per_sample", role="officer")
    return Origin(**{"actor": actor, "correlation_id": correlation, **fields})


def step(correlation: str = "cor_sample", **fields: Any) -> Step:
    """A cause without a guard."""
    return Step(origin=origin(correlation, **fields))


def happened(sequence: int, source: str = "matching.positions/pos_1", *, contiguous: bool = True) -> Happened:
    """An event of another aggregate; the source's name has a dot, as the names of topics do."""
    return Happened(origin=origin(), source=source, sequence=sequence, contiguous=contiguous)


def command(key: str | None = "key-1", **fields: Any) -> Command:
    """A caller's command, answered with the id, version and notes of the case."""
    defaults = {"origin": origin(), "caller": "per_sample", "key": key, "fingerprint": "same", "render": rendered}
    return Command(**{**defaults, **fields})


def rendered(stored: Stored[Case]) -> Answer:
    """The answer to a command."""
    return Answer(201, {"id": stored.id, "version": stored.version, "notes": list(stored.state.notes)})


def outbox_notes(document: Document | None) -> list[tuple[int, str]]:
    """(sequence, note) of every announcement of a note that waits in the document, in order."""
    assert document is not None
    announced = [(e["sequence"], e["value"]) for e in document["outbox"] if e["topic"] == REQUESTS.name]
    return [(sequence, reason_of(value)) for sequence, value in announced]


def reason_of(value: str) -> str:
    """The note that an announcement carries."""
    return RequestRejected.model_validate(Envelope.model_validate_json(value).data).reason
