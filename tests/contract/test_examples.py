"""Every contract has an example, kept by hand, that says everything the event can say."""

from __future__ import annotations

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from shared.contracts.catalogue import CONTRACTS, Contract
from shared.contracts.catalogue_page import EXAMPLES
from shared.contracts.freeze import SCHEMAS
from shared.contracts.schema import file_of, record_model

every_contract = pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract.key)


def example(contract: Contract) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((EXAMPLES / file_of(contract)).read_text("utf-8"))
    return found


@every_contract
def test_an_example_is_accepted_by_the_model_and_loses_nothing(contract: Contract) -> None:
    given = example(contract)
    read = record_model(contract).model_validate(given)
    assert read.model_dump(mode="json") == given


@every_contract
def test_an_example_is_accepted_by_the_frozen_schema(contract: Contract) -> None:
    schema = json.loads((SCHEMAS / file_of(contract)).read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
    assert [f"{error.json_path}: {error.message}" for error in validator.iter_errors(example(contract))] == []


@every_contract
def test_an_example_names_every_field(contract: Contract) -> None:
    assert set(example(contract)["data"]) == set(contract.model.model_fields)


def test_no_example_is_left_of_a_contract_that_is_gone() -> None:
    kept = {str(path.relative_to(EXAMPLES)) for path in EXAMPLES.rglob("*.json")}
    assert kept == {file_of(contract) for contract in CONTRACTS}


def test_examples_have_ids_of_their_own() -> None:
    """Two events that exclude each other may stand at one place of the sequence; types never share a record."""
    records = [(example(c)["event_id"], example(c)["sequence"], example(c)["aggregate"]["id"]) for c in CONTRACTS]
    by_id = dict[str, set[tuple[int, str]]]()
    for event_id, sequence, aggregate in records:
        by_id.setdefault(event_id, set()).add((sequence, aggregate))
    assert all(len(places) == 1 for places in by_id.values())
