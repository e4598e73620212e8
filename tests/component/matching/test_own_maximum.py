"""An expert's own maximum of days and assignments, where several offers are open at once."""

from __future__ import annotations

from datetime import date

import pytest

from shared.contracts.events.requests import Period
from tests.support import matching_events as say
from tests.support.matching_world import World


@pytest.mark.parametrize(
    ("most", "beyond"),
    [
        ({"assignments": 1}, "With this one it would be 2 assignments; your own maximum is 1."),
        ({"days_12m": 29}, "With this one it would be 30 days; your own maximum is 29."),
    ],
)
async def test_an_own_maximum_holds_where_several_offers_are_open_at_once(
    opened: World, most: dict[str, int], beyond: str
) -> None:
    await opened.hear(say.expert("exp_1", days_last_12m=0))
    given = {"entries": [say.WHOLE_YEAR], "own_maximum": most}
    path = "/experts/exp_1/availability"
    assert (await opened.call("PUT", path, "expert", "exp_1", body=given, if_match="*")).status_code == 200
    july = Period(first_day=date(2030, 7, 8), last_day=date(2030, 7, 19))
    await opened.open(say.position("pos_july", 1, is_principal=True), tor_id="tor_july", onsite=july)
    await opened.approve()
    await opened.approve("pos_july")
    here, there = await opened.asked(), await opened.asked("pos_july")
    assert (here["expert_id"], there["expert_id"]) == ("exp_1", "exp_1")
    assert (await opened.answer(there, "acceptance", key="first")).status_code == 200
    refused = await opened.answer(here, "acceptance")
    assert refused.status_code == 409
    assert refused.json()["type"].endswith("cannot-hold")
    assert refused.json()["detail"] == beyond
    assert refused.json()["mend"].startswith("Decline this offer"), "or its end would read as a silence"
    assert await opened.holds("exp_1") == [("2030-06-03", "offered"), ("2030-07-08", "accepted")]
    await opened.call("PUT", path, "expert", "exp_1", body={**given, "own_maximum": {"assignments": 0}}, if_match="*")
    assert (await opened.answer(there, "acceptance")).status_code == 200, "what was accepted stays so"
    await opened.decline()
    assert await opened.holds("exp_1") == [("2030-07-08", "accepted")]
