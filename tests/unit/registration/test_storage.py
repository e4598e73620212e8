"""What is stored: keys as indexed, states that survive newer neighbours, announcements with everything in them."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from services.registration.application import announce, announce_expert, stores
from services.registration.domain.expert import ExpertDetails
from services.registration.domain.numbers import Allocation, Series
from services.registration.domain.timeline import Timeline
from services.registration.entrypoints.http import examples
from services.registration.settings import RegistrationSettings
from shared.store import Kind
from tests.unit.registration import samples

STATES: list[tuple[Kind[Any], BaseModel]] = [
    (stores.INSTITUTIONS, samples.institution()),
    (stores.CONTACTS, samples.contact()),
    (stores.STAFF, samples.staff()),
    (stores.DELEGATIONS, samples.delegation()),
    (stores.EXPERTS, samples.expert()),
    (stores.EXPERTS, samples.expert_with_pending_version()),
    (stores.EXPERTS, samples.expert_refused()),
    (stores.REQUESTS, samples.approved()),
    (stores.ACTIONS, samples.action()),
    (stores.TERMS, samples.terms()),
    (stores.TIMELINES, Timeline(request_id="req_1")),
    (stores.SERIES, Series(last=1, holder="act_1")),
    (stores.ALLOCATIONS, Allocation(series="codes-2031", number=1)),
]
IDS = [f"{number}-{kind.name}" for number, (kind, _) in enumerate(STATES)]


def _each(value: Any) -> list[dict[str, Any]]:
    """Every object within a JSON value."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return ([value] if isinstance(value, dict) else []) + [o for v in inner for o in _each(v)]


@pytest.mark.parametrize(("kind", "state"), STATES, ids=IDS)
def test_the_keys_are_those_that_are_indexed(kind: Kind[Any], state: BaseModel) -> None:
    assert set(kind.keys(state)) == set(stores.INDEXED[kind.name])


@pytest.mark.parametrize(("kind", "state"), STATES, ids=IDS)
def test_an_old_replica_reads_what_a_new_one_wrote(kind: Kind[Any], state: BaseModel) -> None:
    """A field of tomorrow, at any depth but in free maps, is passed over."""
    stored = state.model_dump(mode="json")
    assert kind.model.model_validate(stored) == state
    for inner in _each(stored):
        if inner.get("en") is None:
            inner["of_tomorrow"] = {"x": 1}
    assert kind.model.model_validate(stored) == state


CODED = ("theme", "country", "country_of_work", "language", "level", "type", "category")
"""Fields of the samples whose values are codes of the vocabulary."""


@pytest.mark.parametrize(("kind", "state"), STATES, ids=IDS)
def test_a_code_of_a_newer_vocabulary_is_read(kind: Kind[Any], state: BaseModel) -> None:
    """While a deployment rolls, and after it was rolled back: one stored profile must not fail every page of a list."""
    stored = state.model_dump(mode="json")
    planted = [(inner, name) for inner in _each(stored) for name in CODED if isinstance(inner.get(name), str)]
    for number, (inner, name) in enumerate(planted):
        inner[name] = f"Z{number:02}"
    read = kind.model.model_validate(stored).model_dump(mode="json")
    assert [inner[name] for inner in _each(read) for name in CODED if isinstance(inner.get(name), str)] == [
        inner[name] for inner, name in planted
    ]


def test_a_caller_who_names_a_code_of_no_vocabulary_is_refused() -> None:
    profile = {**examples.EXPERT["profile"], "country_of_work": "ZZ"}
    with pytest.raises(ValidationError, match="country"):
        ExpertDetails.model_validate({**examples.EXPERT, "profile": profile})


@pytest.mark.parametrize("state", [samples.contact(), samples.staff(), samples.delegation(), samples.expert()])
def test_a_state_that_cannot_be_read_is_refused_without_a_word_of_it(state: BaseModel) -> None:
    """The error stands in logs, and on standard error where nothing masks it."""
    stored = state.model_dump(mode="json")
    with pytest.raises(ValidationError) as refused:
        type(state).model_validate({name: ["Quetzal"] for name in stored})
    assert "Quetzal" not in str(refused.value)


def test_a_caller_who_misspells_a_field_is_told() -> None:
    with pytest.raises(ValidationError, match="extra"):
        ExpertDetails.model_validate({**examples.EXPERT, "profil": {}})


def test_final_terms_say_all_a_search_needs() -> None:
    said = announce.terms_finalised(samples.terms())
    assert said.activity.onsite.first_day.isoformat() == examples.ACTIVITY["onsite"]["first_day"]
    assert [p.number for p in said.positions] == [1, 2]
    assert said.positions[0].languages[0].model_dump() == {"language": "en", "level": "C1"}
    assert len({p.position_id for p in said.positions}) == 2


def test_an_experts_profile_is_announced_whole() -> None:
    said = announce_expert.expert_submitted(samples.expert()).model_dump(mode="json")
    profile = examples.EXPERT["profile"]
    for name in ("category", "country_of_work", "themes", "languages", "summary", "method_skills"):
        assert said[name] == profile[name], name
    assert said["assignments"] == [{**done, "institution_id": None} for done in profile["assignments"]]
    assert not {"given_name", "family_name", "email", "person", "phone"} & set(said)


def test_an_experts_contact_falls_back_to_the_languages_of_the_profile() -> None:
    expert = samples.expert()
    assert announce_expert.expert_recorded(expert).languages == ("en", "es")
    silent = expert.model_copy(update={"person": expert.person.model_copy(update={"languages": ()})})
    assert announce_expert.expert_recorded(silent).languages == ("en", "fr")


def _settings(**given: Any) -> RegistrationSettings:
    return RegistrationSettings(kafka="a:1", mongodb="mongodb://a", issuer="http://i.test", **given)


def test_the_limits_of_the_settings_are_those_decided_by() -> None:
    assert _settings().policy == samples.POLICY
    assert _settings(eligible_groups="SSA, LAC").policy.eligible_groups == ("SSA", "LAC")


@pytest.mark.parametrize("given", [{"eligible_groups": "MARS"}, {"days_per_expert_warn": 40}, {"eligible_groups": ""}])
def test_settings_that_make_no_sense_are_refused(given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        _settings(**given)
