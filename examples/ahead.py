"""Move an example's dates: ahead of the day of a run, by whole years, or later by days; its sources stay."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

LEAD = timedelta(days=60)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def years_ahead(example: dict[str, Any], today: date) -> int:
    """The smallest number of whole years that puts the first window at least 60 days after `today`."""
    first = min(_dates(_movable(example)))
    years = 0
    while _later(first, years) < today + LEAD:
        years += 1
    return years


def ahead(example: dict[str, Any], today: date) -> dict[str, Any]:
    """A copy of the example with all dates moved by the same number of years; those under `source` stay."""
    years = years_ahead(example, today)
    return _moved_example(example, lambda day: _later(day, years))


def later(example: dict[str, Any], by: timedelta) -> dict[str, Any]:
    """A copy of the example with the days of its request and its action moved."""
    return _moved_example(example, lambda day: day + by)


def _moved_example(example: dict[str, Any], move: Callable[[date], date]) -> dict[str, Any]:
    moved: dict[str, Any] = {key: _moved(value, move) for key, value in _movable(example).items()}
    return {key: moved.get(key, value) for key, value in example.items()}


def _movable(example: dict[str, Any]) -> dict[str, Any]:
    return {key: example[key] for key in ("request", "action")}


def _later(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February in a year without one
        return date(day.year + years, 2, 28)


def _is_day(value: Any) -> bool:
    return isinstance(value, str) and _DAY.fullmatch(value) is not None


def _moved(value: Any, move: Callable[[date], date]) -> Any:
    if isinstance(value, dict):
        return {key: _moved(entry, move) for key, entry in value.items()}
    if isinstance(value, list):
        return [_moved(entry, move) for entry in value]
    return move(date.fromisoformat(value)).isoformat() if _is_day(value) else value


def _dates(value: Any) -> list[date]:
    if isinstance(value, dict):
        return [day for entry in value.values() for day in _dates(entry)]
    if isinstance(value, list):
        return [day for entry in value for day in _dates(entry)]
    return [date.fromisoformat(value)] if _is_day(value) else []
