"""Settings of registration: what is not set is the policy's own number, and lists are written in two ways."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from services.registration.domain.policy import Policy
from services.registration.settings import RegistrationSettings

NEEDED: dict[str, Any] = {"kafka": ["k:9092"], "mongodb": "mongodb://s", "issuer": "http://i.test"}


def test_what_is_not_set_is_the_policys_own_number() -> None:
    assert RegistrationSettings(**NEEDED).policy == Policy()


@pytest.mark.parametrize("written", ["EU27, SSA", '["EU27", "SSA"]'])
def test_country_groups_are_a_comma_list_or_a_json_list(monkeypatch: pytest.MonkeyPatch, written: str) -> None:
    monkeypatch.setenv("ENTENTE_ELIGIBLE_GROUPS", written)
    assert RegistrationSettings(**NEEDED).policy.eligible_groups == ("EU27", "SSA")


@pytest.mark.parametrize(
    "wrong",
    [
        {"eligible_groups": ""},
        {"eligible_groups": "[]"},
        {"eligible_groups": "EU27,XX"},
        {"database": "a.b"},
        {"days_per_expert_warn": 31},
        {"days_per_action_warn": 121},
    ],
    ids=str,
)
def test_a_wrong_setting_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        RegistrationSettings(**NEEDED, **wrong)
