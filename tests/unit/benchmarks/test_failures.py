"""`make bench` ends badly on what must not be, and well on an aim that is missed."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks.__main__ import failures

SOUND: dict[str, Any] = {
    "rest_mb": {"matching": {"mb": 99.0, "ok": True}},
    "chain": {"missing": 0, "ratio_to_floors": {"receipt": {"p50": 100.0}}},
    "drain": {"guarded_write": {"ratio": 3.1}},
    "growth": {
        "stored": [1_000, 20_000],
        "few": {"missing": 0},
        "many": {"missing": 0},
        "ratio_many_to_few": {"offer": 1.1},
        "grows_from": 1.5,
        "grows": [],
    },
}
GROWN = {**SOUND["growth"], "ratio_many_to_few": {"offer": 1.6}, "grows": ["offer"]}


def test_a_missed_aim_is_told_and_no_failure() -> None:
    assert failures(SOUND) == []


@pytest.mark.parametrize(
    ("part", "value", "said"),
    [
        ("rest_mb", {"matching": {"mb": 300.0, "ok": False}}, "matching holds 300.0 MB at rest"),
        ("chain", {"missing": 2}, "chain: 2 effects are missing"),
        ("drain", {"guarded_write": {"ratio": 2.9}}, "batches drain 2.9 times as fast as single events, not 3"),
        ("growth", {**SOUND["growth"], "many": {"missing": 1}}, "growth, many: 1 effects are missing"),
        (
            "growth",
            GROWN,
            "offer grows: 1.6 times with 20,000 finished cases stored what it is with 1,000, not under 1.5",
        ),
    ],
)
def test_what_must_not_be_fails(part: str, value: dict[str, Any], said: str) -> None:
    assert failures({**SOUND, part: value}) == [said]
