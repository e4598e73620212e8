"""A newer producer may say more: every model reads a record with unknown fields as if they were not there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from shared.contracts.catalogue import CONTRACTS, Contract
from shared.contracts.catalogue_page import EXAMPLES
from shared.contracts.schema import file_of, record_model

_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)
_unknown = st.dictionaries(
    st.one_of(st.text(min_size=1, max_size=12), st.sampled_from(["model_config", "__class__", "self", "data"])).map(
        lambda name: f"x_{name}"
    ),
    _values,
    min_size=1,
    max_size=3,
)


def objects(model: BaseModel, value: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every JSON object of the record that stands for a model; mappings stay as they are."""
    yield value
    for name in type(model).model_fields:
        inner = getattr(model, name)
        for part, raw in _pairs(inner, value.get(name)):
            yield from objects(part, raw)


def _pairs(inner: Any, raw: Any) -> Iterator[tuple[BaseModel, dict[str, Any]]]:
    if isinstance(inner, BaseModel):
        yield inner, raw
    elif isinstance(inner, tuple):
        yield from ((part, raw[n]) for n, part in enumerate(inner) if isinstance(part, BaseModel))


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract.key)
def test_unknown_fields_are_tolerated_everywhere(contract: Contract) -> None:
    text = (EXAMPLES / file_of(contract)).read_text("utf-8")
    model = record_model(contract)
    plain = model.model_validate_json(text)

    @settings(max_examples=10, deadline=None)
    @given(st.data())
    def tolerated(data: st.DataObject) -> None:
        record = json.loads(text)
        for place in list(objects(plain, record)):
            place.update(data.draw(_unknown))
        assert model.model_validate_json(json.dumps(record)) == plain
        assert contract.model.model_validate(record["data"]).model_dump() == plain.model_dump()["data"]

    tolerated()
