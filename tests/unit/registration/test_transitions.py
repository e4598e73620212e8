"""The status machines: every status is drawn, and what the tables do not allow is refused with a way out."""

from __future__ import annotations

from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.registration.domain import action, expert, institution, request, terms
from services.registration.domain.transitions import after
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


def reachable(table: Any, start: str) -> set[str]:
    """Every status that some sequence of actions leads to, the first one included."""
    found = {start}
    while more := {to for (frm, _), to in table.items() if frm in found} - found:
        found |= more
    return found


@pytest.mark.parametrize("name", MACHINES)
def test_every_status_is_in_the_table(name: str) -> None:
    module, start, statuses, actions = MACHINES[name]
    assert reachable(module.TRANSITIONS, start) == set(get_args(statuses)) - NOT_DRAWN_YET.get(name, set())
    assert {a for _, a in module.TRANSITIONS} <= set(get_args(actions))


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
