"""Every refusal of a service says how to mend it: an empty `mend` leaves the caller alone with a no."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from shared import errors

ROOT = Path(__file__).resolve().parents[3]
REFUSALS = {
    name for name, found in vars(errors).items() if isinstance(found, type) and issubclass(found, errors.Problem)
}


def without_mend(source: str) -> list[int]:
    """The lines on which a refusal is made without a mend."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in REFUSALS
        and not any(given.arg in ("mend", None) for given in node.keywords)
    ]


def test_a_refusal_without_a_mend_is_found() -> None:
    assert without_mend('raise Refused("no")\nraise NotFound("none", mend="List them.")') == [1]


@pytest.mark.parametrize("service", ["matching", "notifications", "registration"])
def test_every_refusal_says_how_to_mend_it(service: str) -> None:
    sources = sorted((ROOT / "services" / service).rglob("*.py"))
    assert len(sources) > 10
    found = {str(path.relative_to(ROOT)): without_mend(path.read_text(encoding="utf-8")) for path in sources}
    assert {place: lines for place, lines in found.items() if lines} == {}
