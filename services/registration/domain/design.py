"""The design of an action: one activity with three windows, and the positions it asks experts for."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from services.registration.domain.faults import together, too_long
from services.registration.domain.policy import POSITIONS_MOST, THEMES_PER_POSITION, Policy
from services.registration.domain.values import (
    Kept,
    LanguageLevel,
    LongText,
    Name,
    ShortText,
    Title,
    one_per_language,
)
from shared.contracts.events.terms_of_reference import Mode, OriginRule
from shared.errors import Fault, Invalid
from shared.given import Day, Days, Different, Given
from shared.vocabulary.codes import LanguageCode, ThemeCode, term_code

WorkDays = Annotated[int, Field(ge=0, le=366, description="working days")]


class ActivityDesign(Given):
    """What is done, where and when, in the three windows of published terms of reference."""

    number: Annotated[str, StringConstraints(max_length=7, pattern=r"^[1-9][0-9]?(\.[1-9][0-9]?)?$")] = Field(
        "1", description="n or n.m"
    )
    title: Title
    format: Annotated[str, Field(max_length=40), term_code("format")]
    mode: Mode
    city: Name | None = None
    prep: Days
    onsite: Days
    delivery_due: Day


class PositionDesign(Given):
    """What one expert of the team must bring and do."""

    number: Annotated[int, Field(ge=1, le=POSITIONS_MOST)]
    is_principal: bool
    themes: Annotated[tuple[ThemeCode, ...], Field(min_length=1, max_length=THEMES_PER_POSITION), Different]
    days_prep: WorkDays
    days_onsite: WorkDays
    days_report: WorkDays
    days_total: Annotated[int, Field(ge=1, le=366, description="working days; the sum of the three")]
    min_years: Annotated[float, Field(ge=0, le=50, description="years of experience")] = 0
    languages: Annotated[
        tuple[LanguageLevel, ...], Field(min_length=1, max_length=10), AfterValidator(one_per_language)
    ]
    origin_rule: OriginRule
    accepts_private: bool = False
    required: Annotated[tuple[ShortText, ...], Field(max_length=20)] = ()
    desired: Annotated[tuple[ShortText, ...], Field(max_length=20)] = ()
    tasks: LongText = ""


Positions = Annotated[tuple[PositionDesign, ...], Field(min_length=1, max_length=POSITIONS_MOST)]


class Design(Given):
    """The action as the officer designs it at approval. The request itself stays as it was written."""

    title: Title
    working_language: LanguageCode
    component: Annotated[str, Field(max_length=40), term_code("component")]
    objective: LongText = ""
    activity: ActivityDesign
    positions: Positions


class Warning_(Kept):  # noqa: N801 - `Warning` is Python's own
    """Something that is allowed and worth a second look."""

    pointer: str
    detail: str


def check_design(design: Design, policy: Policy, today: date) -> tuple[Warning_, ...]:
    """The warnings of a design. Invalid, with a fault per place, where it breaks a rule."""
    return check_terms(design.activity, design.positions, policy, today)


def check_terms(
    activity: ActivityDesign, positions: tuple[PositionDesign, ...], policy: Policy, today: date
) -> tuple[Warning_, ...]:
    """The warnings of an activity and its positions. Invalid, with a fault per place, where they break a rule.

    A position's days must fit into the weekdays to come, today among them, from the activity's first to its last day:
    an expert is found only with enough of them free (domain §7.7), so terms over that would search for ever. More days
    on site than the stay has weekdays are warned of only: people do work on a Saturday.

    The days of all positions are at most `days_per_action_most` and warned of above `days_per_action_warn` (§7.3): an
    action has one activity.

    From first to last day are at most `period_days_most`. A preparation that is over is a fault, since nobody chosen
    from now on could do it; one that has begun is warned of. Our rules, no public source.
    """
    workloads = (_workload(i, position, _room(activity, today), policy) for i, position in enumerate(positions))
    faults = together(
        (*_windows(activity, policy, today), *_team(positions), _days_in_all(positions, policy), *workloads)
    )
    if faults:
        raise Invalid("the design breaks a rule", mend="Correct the places named.", faults=faults)
    return tuple(_warnings(activity, positions, policy, today))


def _windows(activity: ActivityDesign, policy: Policy, today: date) -> list[Fault | None]:
    prep, onsite, due = activity.prep, activity.onsite, activity.delivery_due
    early = prep.first_day > onsite.first_day or prep.last_day > onsite.first_day
    return [
        Fault("/activity/prep", "preparation ends after the on-site days begin", "Let it end before they begin.")
        if early
        else None,
        Fault("/activity/delivery_due", "delivery is due before the on-site days end", "Give a later day.")
        if due < onsite.last_day
        else None,
        Fault("/activity/onsite/first_day", f"{onsite.first_day} has passed", "Plan days that lie ahead.")
        if onsite.first_day < today
        else None,
        Fault("/activity/prep/last_day", f"preparation ended on {prep.last_day}", "Plan days that lie ahead.")
        if prep.last_day < today
        else None,
        too_long("/activity", _whole(activity), policy.period_days_most),
    ]


def _team(positions: tuple[PositionDesign, ...]) -> list[Fault | None]:
    numbers = [position.number for position in positions]
    leading = sum(position.is_principal for position in positions)
    expected = list(range(1, len(positions) + 1))
    return [
        Fault("/positions", f"numbers are {numbers}", f"Number the positions {expected}, each once.")
        if sorted(numbers) != expected
        else None,
        Fault("/positions", f"{leading} positions are marked as principal", "Mark exactly one as principal.")
        if leading != 1
        else None,
    ]


def _days_in_all(positions: tuple[PositionDesign, ...], policy: Policy) -> Fault | None:
    days = _sum(positions)
    if days <= policy.days_per_action_most:
        return None
    said = f"{days} working days of all experts together; at most {policy.days_per_action_most} per action"
    return Fault("/positions", said, "Ask for fewer days or fewer experts.")


def _sum(positions: tuple[PositionDesign, ...]) -> int:
    return sum(position.days_total for position in positions)


def _workload(index: int, position: PositionDesign, room: int, policy: Policy) -> Fault | None:
    pointer = f"/positions/{index}/days_total"
    parts = position.days_prep + position.days_onsite + position.days_report
    if position.days_total != parts:
        return Fault(pointer, f"{position.days_total} is not the sum of the parts", f"Give {parts}, or change a part.")
    if position.days_total > policy.days_per_expert_most:
        return Fault(
            pointer,
            f"{position.days_total} working days; at most {policy.days_per_expert_most} per expert and activity",
            "Share the work among more experts or activities.",
        )
    if position.days_total > room:
        return Fault(
            pointer,
            f"{position.days_total} working days do not fit into the {room} weekdays to come from first to last day",
            f"Give at most {room}, or let the windows of the activity reach further.",
        )
    return None


def _whole(activity: ActivityDesign) -> Days:
    """From the first to the last day of all windows."""
    edges = (*_edges(activity.prep), *_edges(activity.onsite), activity.delivery_due)
    return Days(first_day=min(edges), last_day=max(edges))


def _room(activity: ActivityDesign, today: date) -> int:
    """Weekdays of the whole, as far as they are not over: the most that the search can find free (§7.7)."""
    whole = _whole(activity)
    first, last = max(today, whole.first_day), whole.last_day
    return Days(first_day=first, last_day=last).weekdays if first <= last else 0


def _edges(days: Days) -> tuple[date, date]:
    return days.first_day, days.last_day


def _warnings(
    activity: ActivityDesign, positions: tuple[PositionDesign, ...], policy: Policy, today: date
) -> list[Warning_]:
    found = [
        Warning_(
            pointer=f"/positions/{i}/days_total",
            detail=f"{p.days_total} working days are more than the usual {policy.days_per_expert_warn} per expert",
        )
        for i, p in enumerate(positions)
        if p.days_total > policy.days_per_expert_warn
    ]
    if (days := _sum(positions)) > policy.days_per_action_warn:
        usual = policy.days_per_action_warn
        found.append(
            Warning_(
                pointer="/positions",
                detail=f"{days} working days of all experts together are more than the usual {usual} per action",
            )
        )
    stay = activity.onsite.weekdays
    found += [
        Warning_(
            pointer=f"/positions/{i}/days_onsite",
            detail=f"{p.days_onsite} working days on site are more than the {stay} weekdays of the on-site days",
        )
        for i, p in enumerate(positions)
        if p.days_onsite > stay
    ]
    if activity.mode != "remote" and activity.onsite.length > policy.onsite_days_warn:
        found.append(
            Warning_(
                pointer="/activity/onsite",
                detail=f"{activity.onsite.length} days on site are more than the usual {policy.onsite_days_warn}",
            )
        )
    if activity.prep.first_day <= today:
        found.append(
            Warning_(
                pointer="/activity/prep/first_day",
                detail=f"preparation is under way since {activity.prep.first_day}: less of it is left",
            )
        )
    return found
