"""A rate at which the chain saturates is named only where it was seen."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks.__main__ import saturated


def step(rate: int, done: float, missing: int = 0) -> dict[str, Any]:
    return {"rate": rate, "done_per_second": done, "missing": missing}


@pytest.mark.parametrize(
    ("last", "most", "said"),
    [
        (step(40, 39.2), None, "not reached up to 40/s"),
        (step(40, 32.0), None, "not reached up to 40/s"),
        (step(40, 31.9), 31.9, "at 31.9/s"),
        (step(40, 21.0), 29.5, "at 29.5/s"),
        (step(40, 39.2, missing=1), 39.2, "at 39.2/s"),
    ],
)
def test_it_is_the_most_that_got_done_and_null_where_the_last_rate_keeps_up(
    last: dict[str, Any], most: float | None, said: str
) -> None:
    found = saturated([step(20, 19.8), step(30, 29.5), last])
    assert found == {"saturates_at_per_second": most, "saturation": said}
