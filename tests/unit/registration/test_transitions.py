"""The status machines: what the tables allow, what has a route today, and what nothing reaches yet."""

from __future__ import annotations

from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.registration.domain import action, expert, institution, request, terms
from services.registration.domain.transitions import after, reachable
from shared.errors import Refused

MACHINES: dict[str, tuple[Any, str, Any, Any]] = {
    "institution": (institution, "registered", institution.InstitutionStatus, institution.InstitutionAction),
    "request": (request, "draft", request.RequestStatus, request.RequestAction),
    "action": (action, "design", action.ActionStatus, action.ActionAction),
    "terms": (terms, "draft", terms.TermsStatus, terms.TermsAction),
    "expert": (expert, "registered", expert.ExpertStatus, expert.ExpertAction),
}
NOT_DRAWN_YET = {"expert": {"incomplete", "under_review", "changes_requested", "vetted"}}
"""States without any row: the review of a profile has not been cut into steps yet."""

REACHED_TODAY = {
    "institution": {"registered", "verification_pending", "eligible", "ineligible"},
    "request": {"draft", "submitted", "approved", "rejected"},
    "action": {"design"},
    "terms": {"draft", "final"},
    "expert": {"registered", "submitted", "active"},
}


@pytest.mark.parametrize("name", MACHINES)
def test_every_status_is_in_the_table(name: str) -> None:
    module, start, statuses, actions = MACHINES[name]
    assert reachable(module.TRANSITIONS, start) == set(get_args(statuses)) - NOT_DRAWN_YET.get(name, set())
    assert {a for _, a in module.TRANSITIONS} <= set(get_args(actions))


@pytest.mark.parametrize("name", MACHINES)
def test_what_has_a_route_reaches_what_is_said_here(name: str) -> None:
    module, start, _, _ = MACHINES[name]
    offered = {row: to for row, to in module.TRANSITIONS.items() if row[1] in module.OFFERED}
    assert reachable(offered, start) == REACHED_TODAY[name]


@given(name=st.sampled_from(sorted(MACHINES)), data=st.data())
def test_whatever_is_not_in_the_table_is_refused_with_a_way_out(name: str, data: st.DataObject) -> None:
    module, _, statuses, actions = MACHINES[name]
    status = data.draw(st.sampled_from(get_args(statuses)))
    done = data.draw(st.sampled_from(get_args(actions)))
    expected = module.TRANSITIONS.get((status, done))
    if expected is not None:
        assert after(module.TRANSITIONS, "it", status, done) == expected
    else:
        with pytest.raises(Refused) as refused:
            after(module.TRANSITIONS, "it", status, done)
        assert refused.value.mend


def test_a_decided_request_has_no_way_back_today() -> None:
    offered = {row for row in request.TRANSITIONS if row[1] in request.OFFERED}
    assert not [row for row in offered if row[0] in ("approved", "rejected")]
