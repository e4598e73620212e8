"""From the words of the catalogue to recipients: a person named by id, or whoever holds a function in a scope."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from shared.vocabulary import country_group

Facts = Mapping[str, Any]

FACILITY = "facility"
DESK = "desk"


def at_institution(institution_id: str) -> str:
    """The scope of one institution's own people."""
    return f"institution:{institution_id}"


def in_country(country: str) -> str:
    """The scope of the EU Delegations that cover a country (ISO 3166-1 alpha-2)."""
    return f"country:{country}"


def in_the_union(country: str) -> bool:
    """Whether a country (ISO 3166-1 alpha-2) is, or has been, a member of the European Union."""
    return any(member.country == country for member in country_group("EU27").memberships)


def of_case(request_id: str) -> str:
    """The scope of the people a request names."""
    return f"case:{request_id}"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody named by id, and the function in which they are told."""

    id: str
    function: str


@dataclass(frozen=True, slots=True)
class Holder:
    """Whoever holds a function within a scope, for example `focal_point@institution:inst_1`."""

    function: str
    scope: str

    @property
    def reference(self) -> str:
        """One text for both; what a notice without a known recipient waits for."""
        return f"{self.function}@{self.scope}"

    @property
    def falls_to_desk(self) -> bool:
        """Whether the desk stands in while nobody holds it: functions of the facility and EU Delegations. An
        institution's own people are waited for: nobody else may read their notice."""
        return self.scope == FACILITY or self.scope.startswith("country:")

    @property
    def case_id(self) -> str | None:
        """The request whose named people are meant, or None for another scope."""
        return self.scope.removeprefix("case:") if self.scope.startswith("case:") else None


Recipient = Person | Holder


def holder_of(reference: str) -> Holder | None:
    """The holder behind a reference; None where the text is the id of a person."""
    function, at, scope = reference.partition("@")
    return Holder(function, scope) if at else None


class Told(StrEnum):
    """The words in which the catalogue says who is told."""

    REQUESTER = "requester"
    PARTNER = "partner"
    INSTITUTION = "institution"
    EMPLOYER = "employer"
    EU_DELEGATION = "eu_delegation"
    EXPERT = "expert"
    EXPERTS = "experts"
    TEAM = "team"
    DESK = "desk"
    MANAGER = "manager"
    POOL_MANAGER = "pool_manager"
    LOGISTICS = "logistics"
    COMMUNICATION = "communication"


MEANT: dict[Told, str] = {
    Told.REQUESTER: "focal point and signatory that the request names",
    Told.PARTNER: "the focal point that the request names",
    Told.INSTITUTION: "focal points of the institution the event is about",
    Told.EMPLOYER: "supervisors at the expert's employer, where the expert's profile says that it consents in general: "
    "the event names the employer only then",
    Told.EU_DELEGATION: "EU Delegations that cover the country of the event; inside the Union there is none, and "
    "nobody stands in",
    Told.EXPERT: "the expert the event is about",
    Told.EXPERTS: "every member of the team",
    Told.TEAM: "the facility's team on the case: advisers and managers",
    Told.DESK: "the facility's desk",
    Told.MANAGER: "the facility's managers",
    Told.POOL_MANAGER: "those who look after the pool of experts",
    Told.LOGISTICS: "those who arrange travel",
    Told.COMMUNICATION: "the facility's communication officers",
}
"""Who is meant by each word."""


def _facility(*functions: str) -> Callable[[Facts], tuple[Recipient, ...]]:
    return lambda _facts: tuple(Holder(function, FACILITY) for function in functions)


def _of_case(*functions: str) -> Callable[[Facts], tuple[Recipient, ...]]:
    """The people named in the event itself, where it is the submission; those of the case in all later events."""

    def choose(facts: Facts) -> tuple[Recipient, ...]:
        return tuple(
            Person(named, function)
            if (named := facts.get(f"{function}_id")) is not None
            else Holder(function, of_case(facts["request_id"]))
            for function in functions
        )

    return choose


def _employer(facts: Facts) -> tuple[Recipient, ...]:
    employer = facts["employer_institution_id"]
    return () if employer is None else (Holder("supervisor", at_institution(employer)),)


def _eu_delegation(facts: Facts) -> tuple[Recipient, ...]:
    country = facts["country"]
    return () if in_the_union(country) else (Holder("eu_delegation", in_country(country)),)


_CHOICE: dict[Told, Callable[[Facts], tuple[Recipient, ...]]] = {
    Told.REQUESTER: _of_case("focal_point", "signatory"),
    Told.PARTNER: _of_case("focal_point"),
    Told.INSTITUTION: lambda facts: (Holder("focal_point", at_institution(facts["institution_id"])),),
    Told.EMPLOYER: _employer,
    Told.EU_DELEGATION: _eu_delegation,
    Told.EXPERT: lambda facts: (Person(facts["expert_id"], "expert"),),
    Told.EXPERTS: lambda facts: tuple(Person(member["expert_id"], "expert") for member in facts["members"]),
    Told.TEAM: _facility("adviser", "manager"),
    Told.DESK: _facility(DESK),
    Told.MANAGER: _facility("manager"),
    Told.POOL_MANAGER: _facility("pool_manager"),
    Told.LOGISTICS: _facility("logistics"),
    Told.COMMUNICATION: _facility("communication"),
}


def addressed(words: tuple[Told, ...], facts: Facts) -> tuple[Recipient, ...]:
    """The recipients of a row, in its order, each once. `facts` is the event's content as JSON values."""
    return tuple(dict.fromkeys(recipient for word in words for recipient in _CHOICE[word](facts)))
