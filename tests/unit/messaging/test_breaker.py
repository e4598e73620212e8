"""Many keys parked in a short time stop the consumer; few, or slowly, or behind older ones, do not."""

from __future__ import annotations

from datetime import timedelta

from shared.clock import ManualClock
from shared.messaging.breaker import Breaker, BreakerPolicy
from tests.support.messages import START


def made(**policy: object) -> tuple[Breaker, ManualClock]:
    clock = ManualClock(START)
    return Breaker(BreakerPolicy(**policy), clock), clock  # type: ignore[arg-type]


def test_twenty_keys_and_more_than_a_fifth_trip_it() -> None:
    breaker, _ = made()
    breaker.handled(76)
    for key in range(19):
        breaker.parked(failed=f"k{key}")
    assert breaker.tripped() is None
    breaker.parked(failed="k19")
    assert breaker.tripped() is not None


def test_exactly_a_fifth_does_not() -> None:
    breaker, _ = made()
    breaker.handled(80)
    for key in range(20):
        breaker.parked(failed=f"k{key}")
    assert breaker.tripped() is None


def test_one_key_with_a_thousand_events_does_not() -> None:
    breaker, _ = made()
    for _ in range(1000):
        breaker.parked(failed="k")
    assert breaker.tripped() is None


def test_events_behind_keys_that_failed_long_ago_do_not() -> None:
    breaker, _ = made()
    for _ in range(1000):
        breaker.parked()
    assert breaker.tripped() is None


def test_what_happened_before_the_window_is_forgotten() -> None:
    breaker, clock = made()
    for key in range(19):
        breaker.parked(failed=f"k{key}")
    clock.advance(timedelta(minutes=5, seconds=1))
    breaker.parked(failed="k19")
    assert breaker.tripped() is None


def test_it_keeps_a_bounded_number_of_slices() -> None:
    breaker, clock = made()
    for _ in range(10_000):
        breaker.handled()
        clock.advance(timedelta(seconds=1))
    assert len(breaker._slices) <= 101
