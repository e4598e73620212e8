"""Who was certainly due to be told of an event: worked out from the field's table and from the topic of contacts.

Certain is what does not depend on which of two things came first. Whom the event names is due whatever is known of
them. Whoever holds a function is due where they have held it since before the event was published: told of it, then,
before anybody can have looked. Who came, changed or left about that time may have been told or not, and is not asked
for. Where certainly nobody held a function of the facility, or covered a country, the desk is due in their place.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from deploy.audit.evidence import Evidence, Record, listed
from deploy.audit.expectations import TOLD
from shared.contracts import topics
from shared.vocabulary import country_group

SURELY_BEFORE_MS = 10_000
"""A change of a contact so long before an event was known when somebody looked for the event's recipients: a write ends
within the store's 3 s, holders are remembered for one, and clocks of services may differ by seconds."""

NEVER = 1 << 62
FACILITY, DESK = "facility", "desk"

Due = Mapping[str, str]
"""Id of a contact -> the function in a scope for which their notice may wait still: `manager@facility`, also where
the desk is due in its place."""


@dataclass(frozen=True, slots=True)
class _Version:
    holds: frozenset[str]
    active: bool


NOBODY = _Version(frozenset(), active=False)


@dataclass(frozen=True, slots=True)
class _Contact:
    """What was ever said of a contact, and what is known of them now. `since` is when they were first heard of,
    `changed` when last written; `whole`: nothing that was said of them is missing among the versions."""

    id: str
    now: _Version | None
    since: int
    changed: int
    versions: tuple[_Version, ...]
    whole: bool

    def surely(self, holds: Callable[[_Version], bool], before: int, *, since_before: bool = True) -> bool:
        """Whether whoever looked after `before` saw a version of which this holds. Not `since_before`: or saw none."""
        if self.now is not None and self.changed < before:
            return holds(self.now)
        known = not since_before or self.since < before
        return self.whole and known and all(holds(version) for version in self.versions)


class _People:
    """The contacts as notifications could know them."""

    def __init__(self, evidence: Evidence) -> None:
        said: dict[str, list[Record]] = defaultdict(list)
        for record in evidence.on(topics.CONTACTS.name):
            said[record.key].append(record)
        documents = {document["_id"]: document for document in evidence.collection("notifications", "contacts")}
        self._by_id = {id_: _contact(id_, said[id_], documents.get(id_)) for id_ in {*said, *documents}}
        self._by_function: dict[str, list[_Contact]] = defaultdict(list)
        for contact in self._by_id.values():
            versions = (*contact.versions, *([contact.now] if contact.now else ()))
            for function in {function for version in versions for function in version.holds}:
                self._by_function[function].append(contact)
        self._unclear_until = max((c.changed for c in self._by_id.values() if not c.whole), default=0)

    def holders(self, function: str, before: int) -> set[str]:
        """Those who have certainly held it since then."""
        return {c.id for c in self._by_function.get(function, ()) if c.surely(lambda v: function in v.holds, before)}

    def held_by_none(self, function: str, before: int) -> bool:
        """Whether nobody can have held it at any time since then."""
        others = self._by_function.get(function, ())
        none = all(c.surely(lambda v: function not in v.holds, before, since_before=False) for c in others)
        return none and self._unclear_until < before

    def stays(self, id_: str, before: int) -> bool:
        """Whether nobody can have known since then that this person had left."""
        contact = self._by_id.get(id_)
        return contact is None or contact.surely(lambda v: v.active, before, since_before=False)

    def left(self, id_: str, before: int) -> bool:
        """Whether this person had certainly left by then."""
        contact = self._by_id.get(id_)
        return contact is not None and contact.surely(lambda v: not v.active, before)


def due_of(evidence: Evidence, first: list[Record]) -> Callable[[Record], Due]:
    """Who is certainly due to be told of an event, by its record."""
    people = _People(evidence)
    cases = {r.key: r.event["data"] for r in first if r.event and r.event["type"] == "request.submitted"}
    inside = {member.country for member in country_group("EU27").memberships}

    def due(record: Record) -> Due:
        before = record.published - SURELY_BEFORE_MS
        event = record.event or {}
        data = event.get("data") or {}
        found: dict[str, str] = {}
        for word in TOLD.get(event.get("type", ""), ()):
            for id_, function in _due(word, data, cases.get(data.get("request_id", ""), {}), people, inside, before):
                found.setdefault(id_, function)
        return found

    return due


def _due(
    word: str, data: dict[str, Any], case: dict[str, Any], people: _People, inside: set[str], before: int
) -> Iterator[tuple[str, str]]:
    """(id, function they may be waited for under) of everybody behind one word of the table."""
    match word:
        case "expert":
            named = [data.get("expert_id")]
        case "experts":
            named = [member.get("expert_id") for member in listed(data, "members")]
        case "focal_point" | "signatory":
            named = [data.get(f"{word}_id")]
            if named == [None]:
                yield from _of_case(word, data.get("request_id", ""), case, people, before)
        case "institution":
            yield from _holding("focal_point", f"institution:{data.get('institution_id')}", people, before)
            return
        case "employer":
            if data.get("employer_institution_id"):
                yield from _holding("supervisor", f"institution:{data['employer_institution_id']}", people, before)
            return
        case "eu_delegation":
            if data.get("country") and data["country"] not in inside:
                yield from _holding("eu_delegation", f"country:{data['country']}", people, before, or_desk=True)
            return
        case _:
            yield from _holding(word, FACILITY, people, before, or_desk=True)
            return
    yield from ((id_, id_) for id_ in named if id_)


def _holding(
    function: str, scope: str, people: _People, before: int, *, or_desk: bool = False
) -> Iterator[tuple[str, str]]:
    reference = f"{function}@{scope}"
    yield from ((id_, reference) for id_ in people.holders(reference, before))
    if or_desk and people.held_by_none(reference, before):
        yield from ((id_, reference) for id_ in people.holders(f"{DESK}@{FACILITY}", before))


def _of_case(
    function: str, request_id: str, case: dict[str, Any], people: _People, before: int
) -> Iterator[tuple[str, str]]:
    """The person the request named; where they had left, those who hold the function at the institution. Where nobody
    does, the notice waits for whoever comes, and nobody is due by name."""
    person, waited_for = case.get(f"{function}_id"), f"{function}@case:{request_id}"
    if not person:
        return
    reference = f"{function}@institution:{case.get('institution_id')}"
    if people.stays(person, before):
        yield person, waited_for
    elif people.left(person, before):
        yield from ((id_, waited_for) for id_ in people.holders(reference, before))


def _contact(id_: str, said: list[Record], document: dict[str, Any] | None) -> _Contact:
    numbers = {record.sequence for record in said}
    state = (document or {}).get("state")
    return _Contact(
        id=id_,
        now=None if document is None else _version(state),
        since=(document or {}).get("created_at", NEVER),
        changed=(document or {}).get("updated_at", NEVER),
        versions=tuple(_version(record.event["data"] if record.event else None) for record in said),
        whole=bool(numbers) and min(numbers) > 0 and len(numbers) == max(numbers),
    )


def _version(said: dict[str, Any] | None) -> _Version:
    """The functions a contact answers for, each with its scope; none for somebody erased or no longer active."""
    if not said or said.get("erased") or not said.get("active", True):
        return NOBODY
    functions, scopes = said.get("functions") or (), [f"institution:{said.get('institution_id')}"]
    match said.get("kind"):
        case "staff":
            scopes = [FACILITY]
        case "delegation":
            functions, scopes = ("eu_delegation",), [f"country:{country}" for country in said.get("countries") or ()]
        case "expert":
            functions = ()
    return _Version(frozenset(f"{f}@{scope}" for f in functions for scope in scopes), active=True)
