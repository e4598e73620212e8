"""The way of one request, as docs/one-request.md tells it, leads through files that there are."""

from __future__ import annotations

import re

from deploy.embedded.process import ROOT

STEPS = (ROOT / "docs" / "one-request.md").read_text().partition("## 1.")[2]
NAMED = re.findall(r"`([a-z_]+(?:/[a-z_.]+)+|[a-z_]+\.py)`", STEPS)


def test_what_the_first_file_is_said_to_hold_stands_there() -> None:
    route = (ROOT / "services/registration/entrypoints/http/requests.py").read_text()
    for words in ("caller: Institution", "write: Writing", "write.cause("):
        assert words in route
        assert f"`{words}" in STEPS


def test_every_file_on_the_way_is_named_by_its_whole_path_and_is_there() -> None:
    assert len(NAMED) > 20
    assert [path for path in NAMED if not (ROOT / path).exists()] == []
