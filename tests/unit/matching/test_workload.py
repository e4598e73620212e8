"""What an expert does and is asked: derived from the calendar as of a day, nothing twice and nothing for ever."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.matching.domain.calendar import Hold, HoldState, prune
from services.matching.domain.requirement import Window
from services.matching.domain.workload import Workload, workload
from tests.unit.matching.samples import NOON, TODAY, calendar, expert

NOTHING = expert(days_last_12m=0)


def hold(number: int, start: date, state: HoldState = "accepted", *, days: int = 8, length: int = 11) -> Hold:
    return Hold(
        offer_id=f"off_{number}",
        activity_id=f"act_{number}",
        position_id=f"pos_{number}",
        window=Window(start=start, end=start + timedelta(days=length)),
        days=days,
        state=state,
        expires_at=NOON,
        held_on=start - timedelta(days=60),
        released_because="declined" if state == "released" else None,
    )


def test_an_assignment_counts_from_its_acceptance_until_a_year_after_its_end() -> None:
    ended = TODAY - timedelta(days=364)
    time = calendar(
        holds=(
            hold(1, ended - timedelta(days=11)),
            hold(2, ended - timedelta(days=12)),  # ended a day too long ago
            hold(3, date(2030, 6, 3), "booked"),
            hold(4, date(2030, 7, 1), "offered"),
            hold(5, date(2030, 8, 1), "released"),
        )
    )
    assert workload(NOTHING, time, TODAY).days == 16
    assert workload(NOTHING, time, TODAY).assignments == 1
    assert workload(NOTHING, time, TODAY, apart_from="pos_3").days == 8
    assert workload(NOTHING, time, TODAY + timedelta(days=1)).days == 8


def test_of_the_two_totals_the_larger_counts() -> None:
    time = calendar(holds=(hold(1, date(2030, 6, 3)),))
    assert [workload(expert(days_last_12m=n), time, TODAY).days for n in (0, 7, 8, 9)] == [8, 8, 8, 9]


def test_mobilised_is_who_has_begun() -> None:
    time = calendar(holds=(hold(1, date(2030, 2, 25)), hold(2, date(2030, 3, 2)), hold(3, TODAY, "released")))
    assert workload(NOTHING, time, TODAY).last_mobilised_on == date(2030, 2, 25)
    assert workload(NOTHING, time, date(2030, 3, 2)).last_mobilised_on == date(2030, 3, 2)
    assert workload(NOTHING, calendar(), TODAY) == Workload(days=0, assignments=0, offers=0, last_mobilised_on=None)


def test_offers_count_for_a_year_and_those_taken_back_never() -> None:
    taken_back = hold(2, date(2030, 6, 3), "released").model_copy(update={"released_because": "withdrawn"})
    first = hold(1, date(2030, 3, 20), "released")
    time = calendar(holds=(first, taken_back))
    assert first.held_on is not None
    assert workload(NOTHING, time, TODAY).offers == 1
    assert workload(NOTHING, time, first.held_on + timedelta(days=364)).offers == 1
    assert workload(NOTHING, time, first.held_on + timedelta(days=365)).offers == 0


STATES: list[HoldState] = ["offered", "accepted", "booked", "released"]


@given(
    holds=st.lists(st.tuples(st.integers(0, 900), st.sampled_from(STATES), st.integers(1, 20)), max_size=8),
    looks=st.lists(st.integers(0, 1200), max_size=6),
    day=st.integers(0, 1200),
)
def test_pruning_changes_no_figure(holds: list[tuple[int, HoldState, int]], looks: list[int], day: int) -> None:
    start = date(2030, 1, 1)
    made = tuple(hold(n, start + timedelta(days=at), state, days=days) for n, (at, state, days) in enumerate(holds))
    whole = pruned = calendar(holds=made)
    for look in sorted(look for look in looks if look <= day):
        pruned = prune(pruned, start + timedelta(days=look))
    today = start + timedelta(days=day)
    assert workload(NOTHING, pruned, today) == workload(NOTHING, whole, today)
