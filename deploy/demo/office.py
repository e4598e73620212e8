"""Act one: the facility's own people, the EU Delegations, the institutions, the employers and the roster come into
being."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from deploy.demo import bodies
from deploy.demo.interfaces import Interfaces, Person, until
from deploy.demo.telling import Teller

OFFICER = Person("officer", "sample-officer")
FUNCTIONS = ("desk", "manager", "pool_manager", "adviser", "logistics", "communication")
AT_ONCE = 6
"""Experts entered side by side."""


@dataclass
class Case:
    """One of the three cases, with what the services answered so far."""

    example: dict[str, Any]
    institution_id: str = ""
    contacts: dict[str, str] = field(default_factory=dict)
    delegation_id: str = ""
    request_id: str = ""
    reference: str = ""
    action_code: str = ""
    submitted_at: float = 0.0

    @property
    def country(self) -> str:
        """Where it takes place."""
        return str(self.example["institution"]["country"])

    @property
    def focal_point(self) -> Person:
        """The person who writes for the institution."""
        return Person("institution", self.contacts["focal_point"], institution_id=self.institution_id)


@dataclass(frozen=True)
class Institution:
    """An institution that was entered and found eligible: its id, and function -> id of the contact."""

    id: str
    contacts: dict[str, str]


@dataclass
class Office:
    """Everybody who was entered: function -> staff id, sample key -> expert id, an employer's name -> the employer."""

    staff: dict[str, str] = field(default_factory=dict)
    experts: dict[str, str] = field(default_factory=dict)
    employers: dict[str, Institution] = field(default_factory=dict)

    def name_of(self, expert_id: str) -> str:
        """The sample key of an expert, as people in the story call them."""
        return next((f"expert {key}" for key, id_ in self.experts.items() if id_ == expert_id), "an expert")


async def open_office(api: Interfaces, teller: Teller, cases: list[Case], *, by_one_person: bool = False) -> Office:
    """Staff by function (or one person in all of them), one EU Delegation per country."""
    office = Office()
    for held in [FUNCTIONS] if by_one_person else [(function,) for function in FUNCTIONS]:
        body = {
            "given_name": "Sample",
            "family_name": held[0].replace("_", " ").title(),
            "email": f"{held[0].replace('_', '-')}@example.org",
            "languages": ["en"],
            "functions": list(held),
        }
        answer = await api.ask(OFFICER, "POST", "registration", "/staff", json=body, key=f"staff-{held[0]}")
        office.staff |= dict.fromkeys(held, answer["id"])
    for case in cases:
        body = {
            "name": f"Sample EU Delegation ({case.country})",
            "email": f"delegation.{case.country.lower()}@example.org",
            "countries": [case.country],
            "languages": [case.example["request"]["language"]],
        }
        answer = await api.ask(OFFICER, "POST", "registration", "/delegations", json=body, key=f"eud-{case.country}")
        case.delegation_id = answer["id"]
    teller.did("officer", f"enters {len(FUNCTIONS)} facility functions and {len(cases)} EU Delegations")
    return office


async def register_institution(api: Interfaces, teller: Teller, case: Case) -> None:
    """An institution registers, names its people, and is verified."""
    entered = await _register(api, teller, case.example)
    case.institution_id, case.contacts = entered.id, entered.contacts


async def enter_employers(api: Interfaces, teller: Teller, office: Office) -> None:
    """The employers of some sample experts, each with a supervisor, side by side."""
    samples = bodies.sample_employers()
    entered = await asyncio.gather(*(_register(api, teller, sample, role="expert_employer") for sample in samples))
    names = [next(iter(sample["institution"]["name"].values())) for sample in samples]
    office.employers = dict(zip(names, entered, strict=True))


async def _register(api: Interfaces, teller: Teller, example: dict[str, Any], *, role: str = "partner") -> Institution:
    given, contacts = example["institution"], {}
    called, country = given["acronym"] or next(iter(given["name"].values())), given["country"]
    newcomer = Person("institution", f"sample-newcomer-{country.lower()}")
    body = bodies.institution(example, role)
    answer = await api.ask(newcomer, "POST", "registration", "/institutions", json=body, key=f"inst-{country}")
    id_ = answer["id"]
    bound = Person("institution", newcomer.subject, institution_id=id_)
    for person in example["contacts"]:
        path = f"/institutions/{id_}/contacts"
        entered = await api.ask(bound, "POST", "registration", path, json=bodies.contact(person), key=person["email"])
        contacts[person["function"]] = entered["id"]
    teller.did(called, "registers and names its people")
    verdict = {
        "outcome": "eligible",
        "reason": "Sample case: identity and mandate were checked by hand.",
        "identity_evidence": {"method": "domain", "detail": "sample: the focal point writes from the body's domain"},
        "mandate_evidence": {"document": "Sample: the law that set it up"},
    }
    path = f"/institutions/{id_}/verification"
    await api.ask(OFFICER, "POST", "registration", path, json=verdict, key=f"verify-{country}")
    teller.did("officer", f"verifies {called}: eligible")
    return Institution(id_, contacts)


async def enter_roster(
    api: Interfaces, teller: Teller, office: Office, today: date, samples: list[dict[str, Any]] | None = None
) -> None:
    """The sample experts, or some of them: profile, vetting, availability; told every 50. An employer that was entered
    is named by its id."""
    samples = bodies.sample_experts() if samples is None else samples
    slots = asyncio.Semaphore(AT_ONCE)
    done = 0

    async def enter(sample: dict[str, Any]) -> None:
        nonlocal done
        async with slots:
            key = sample["key"]
            employer = office.employers.get(sample["employer_name"])
            body = bodies.expert(sample, today, employer.id if employer else None)
            answer = await api.ask(OFFICER, "POST", "registration", "/experts", json=body, key=f"expert-{key}")
            expert_id = office.experts[key] = answer["id"]
            areas = {"vetted_areas": [theme["code"] for theme in sample["themes"]]}
            path, read = f"/experts/{expert_id}/activation", f'"{answer["version"]}"'
            await api.ask(OFFICER, "POST", "registration", path, json=areas, key=f"activate-{key}", if_match=read)
            await _declare(api, expert_id, bodies.availability(sample, today), key)
            done += 1
            if done % 50 == 0:
                teller.note(f"{done} of {len(samples)} sample experts entered, vetted, available")

    await asyncio.gather(*(enter(sample) for sample in samples))


async def _declare(api: Interfaces, expert_id: str, body: dict[str, Any], key: str) -> None:
    """Matching hears of a new profile a moment after it was entered: until then it answers 404."""

    async def declared() -> bool:
        path = f"/experts/{expert_id}/availability"
        answer = await api.call(OFFICER, "PUT", "matching", path, json=body, key=f"available-{key}")
        if answer.status_code == 404:
            return False
        answer.raise_for_status()
        return True

    await until(declared, f"expert {key} known to matching", every=0.1)
