"""Experts: who they are, what they bring, which areas the pool manager has vetted them for, and what they would change.

What an expert changes in an active profile waits until an officer has looked at it; the active one counts until then.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterable
from datetime import date, datetime
from typing import Literal

from services.registration.domain.expert_profile import ExpertProfile, areas_of, check_days, taken_back, with_days
from services.registration.domain.person import Person
from services.registration.domain.transitions import Table, after
from services.registration.domain.values import Id, Kept, Reason
from shared.errors import Fault, Invalid, Refused
from shared.given import Given

ExpertStatus = Literal[
    "registered", "incomplete", "submitted", "under_review", "changes_requested", "vetted",
    "active", "stale", "dormant", "suspended", "removed",
]  # fmt: skip
ExpertAction = Literal[
    "submit", "revise", "activate", "accept_pending_version", "refuse_pending_version",
    "confirm", "go_stale", "go_dormant", "suspend", "remove",
]  # fmt: skip

TRANSITIONS: Table[ExpertStatus, ExpertAction] = {
    ("registered", "submit"): "submitted",
    ("submitted", "revise"): "submitted",
    ("active", "revise"): "active",
    ("submitted", "activate"): "active",
    ("active", "activate"): "active",
    ("active", "accept_pending_version"): "active",
    ("active", "refuse_pending_version"): "active",
    ("active", "go_stale"): "stale",
    ("stale", "confirm"): "active",
    ("stale", "go_dormant"): "dormant",
    ("active", "suspend"): "suspended",
    ("suspended", "activate"): "active",
    ("suspended", "remove"): "removed",
    ("dormant", "activate"): "active",
    ("dormant", "remove"): "removed",
}
"""Rows that no function below takes are drawn and reached by nothing yet."""


class ExpertDetails(Given):
    """What is entered about an expert: the person and the profile."""

    person: Person
    profile: ExpertProfile


class Vetted(Kept):
    """An area the pool manager has vetted the expert for."""

    theme: str
    vetted_by: Id
    valid_until: date


class PendingVersion(Kept):
    """What an expert would have instead of their active profile; an officer takes or refuses it.

    It says nothing of the days of assignment: those that are on record when it is taken stay.
    """

    profile: ExpertProfile
    submitted_at: datetime


class Refusal(Given):
    """Why a pending version is refused, in words for the expert."""

    reason: Reason


class RefusalRecord(Kept):
    """A refusal as recorded."""

    refusal: Refusal
    by: Id
    at: datetime


class Expert(Kept):
    """An expert as stored; `registered_by` is the subject of the caller who entered the profile.

    `refused` is the latest refusal of a pending version; it stays until the expert's next edit or a version is taken.
    """

    id: Id
    status: ExpertStatus
    person: Person
    profile: ExpertProfile
    registered_by: Id
    vetted_areas: tuple[Vetted, ...] = ()
    barred: bool = False
    pending: PendingVersion | None = None
    refused: RefusalRecord | None = None


def submit(id_: str, details: ExpertDetails, registered_by: str, today: date, *, by_officer: bool) -> Expert:
    """A newly entered profile. Invalid where a date of the past lies in the future."""
    check_days(details.profile, today)
    profile = with_days(details.profile, 0, by_officer)
    status = after(TRANSITIONS, "the profile", "registered", "submit")
    return Expert(id=id_, status=status, person=details.person, profile=profile, registered_by=registered_by)


def revise(expert: Expert, details: ExpertDetails, now: datetime, *, by_officer: bool) -> Expert:
    """The expert with new details. Invalid where a date of the past lies in the future.

    An officer's details count at once, and what is pending stays so. An expert's own count at once until the profile
    is active; from then on the profile they hand in is pending, in the place of an earlier one, and only how to reach
    them and what they take back counts at once. An area that the profile no longer claims is no longer vetted.
    """
    status = after(TRANSITIONS, "the profile", expert.status, "revise")
    check_days(details.profile, now.date())
    profile = with_days(details.profile, expert.profile.days_last_12m or 0, by_officer)
    reached = expert.model_copy(update={"status": status, "person": details.person})
    if by_officer:
        less = taken_back(expert.profile, profile).keys()
        return _claiming(reached, profile).model_copy(update={"pending": _narrowed(expert.pending, profile, less)})
    if status == "active":
        return _proposing(reached, profile, now)
    return _claiming(reached, profile)


def _claiming(expert: Expert, profile: ExpertProfile) -> Expert:
    areas = areas_of(profile)
    vetted = tuple(area for area in expert.vetted_areas if area.theme in areas)
    return expert.model_copy(update={"profile": profile, "vetted_areas": vetted})


def _proposing(expert: Expert, profile: ExpertProfile, now: datetime) -> Expert:
    active = expert.profile.model_copy(update=taken_back(expert.profile, profile))
    pending = None
    if profile != active:
        kept_as_recorded = profile.model_copy(update={"days_last_12m": None})
        pending = PendingVersion(profile=kept_as_recorded, submitted_at=now)
    return expert.model_copy(update={"profile": active, "pending": pending, "refused": None})


def _narrowed(pending: PendingVersion | None, by: ExpertProfile, fields: Iterable[str]) -> PendingVersion | None:
    """What an officer has just taken back must not come again with the version that waits."""
    if pending is None:
        return None
    less = taken_back(pending.profile, by)
    profile = pending.profile.model_copy(update={name: less[name] for name in fields if name in less})
    return pending.model_copy(update={"profile": profile})


def activate(expert: Expert, areas: tuple[str, ...], by: str, today: date, months: int) -> Expert:
    """The expert vetted for `areas` until `months` from today; areas vetted earlier stay until their own day.

    Invalid for an area that the profile does not claim.
    """
    status = after(TRANSITIONS, "the profile", expert.status, "activate")
    return _vetted(expert.model_copy(update={"status": status}), areas, by, today, months)


def accept_pending(expert: Expert, areas: tuple[str, ...], by: str, today: date, months: int) -> Expert:
    """The expert with the pending version as their profile, vetted for `areas` as by `activate`.

    Areas vetted earlier stay until their own day where the new profile claims them. Refused where nothing is pending;
    Invalid for an area that it does not claim, and where no vetted area would be left.
    """
    status = after(TRANSITIONS, "the profile", expert.status, "accept_pending_version")
    profile = _waiting(expert).profile.model_copy(update={"days_last_12m": expert.profile.days_last_12m})
    taken = expert.model_copy(update={"status": status, "pending": None, "refused": None})
    vetted = _vetted(_claiming(taken, profile), areas, by, today, months)
    if not vetted.vetted_areas:
        fault = Fault("/vetted_areas", "no vetted area of before is claimed any more", "Name an area to vet.")
        raise Invalid("an active profile is vetted for at least one area", mend=fault.mend, faults=(fault,))
    return vetted


def refuse_pending(expert: Expert, refusal: Refusal, by: str, now: datetime) -> Expert:
    """The expert with their active profile as it was, and why nothing was taken. Refused where nothing is pending."""
    status = after(TRANSITIONS, "the profile", expert.status, "refuse_pending_version")
    _waiting(expert)
    refused = RefusalRecord(refusal=refusal, by=by, at=now)
    return expert.model_copy(update={"status": status, "pending": None, "refused": refused})


def _waiting(expert: Expert) -> PendingVersion:
    if expert.pending is None:
        raise Refused(
            "the profile has no pending version", mend="Read it again: what waited has been decided or taken back."
        )
    return expert.pending


def _vetted(expert: Expert, areas: tuple[str, ...], by: str, today: date, months: int) -> Expert:
    claimed = areas_of(expert.profile)
    if unknown := [area for area in areas if area not in claimed]:
        raise Invalid(
            f"not among the themes of the profile: {', '.join(unknown)}",
            mend="Vet only what the profile claims, or have the profile revised first.",
            faults=tuple(
                Fault(f"/vetted_areas/{areas.index(area)}", f"{area} is not claimed", "Name a theme of the profile.")
                for area in unknown
            ),
        )
    until = months_later(today, months)
    kept = tuple(area for area in expert.vetted_areas if area.theme not in areas and area.valid_until >= today)
    new = tuple(Vetted(theme=area, vetted_by=by, valid_until=until) for area in areas)
    return expert.model_copy(update={"vetted_areas": kept + new})


def months_later(day: date, months: int) -> date:
    """The same day so many months later, or the last day of that month where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
