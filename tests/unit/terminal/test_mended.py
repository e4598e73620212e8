"""A value that the service takes is not refused by the terminal, and none goes out that it would refuse as too long."""

from __future__ import annotations

from pathlib import Path

import pytest
from annotated_types import MaxLen

from deploy.terminal.commands.parked import LONGEST, _value
from deploy.terminal.failing import Failed
from shared.runtime.operations import MENDED_BYTES
from shared.runtime.parked import Mending

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "terminal.md").read_text("utf-8")


def test_it_takes_what_the_route_takes_and_the_page_says_how_much() -> None:
    (taken,) = (it.max_length for it in Mending.model_fields["value"].metadata if isinstance(it, MaxLen))
    assert taken == LONGEST
    assert f"\n{LONGEST:,} characters at most, in {MENDED_BYTES:,} bytes" in PAGE


def test_a_value_is_as_long_as_that_and_no_longer(tmp_path: Path) -> None:
    file = tmp_path / "value.json"
    file.write_text("x" * LONGEST)
    assert len(_value(file)) == LONGEST
    file.write_text("x" * (LONGEST + 1))
    with pytest.raises(Failed, match=f"{LONGEST + 1} characters"):
        _value(file)
