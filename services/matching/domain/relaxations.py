"""The single changes of a requirement that are tried, in this fixed order, when a list is empty."""

from __future__ import annotations

from dataclasses import dataclass

from services.matching.domain.policy import Policy
from services.matching.domain.requirement import Requirement
from services.matching.domain.themes import theme_of


@dataclass(frozen=True, slots=True)
class Relaxed:
    """A change, and the requirements it allows; passing one of them is enough."""

    code: str
    sentence: str
    variants: tuple[Requirement, ...]
    mends: frozenset[str]
    """The only rules whose outcome the change can alter: whoever failed another one stays out."""


def relaxed(requirement: Requirement, policy: Policy) -> tuple[Relaxed, ...]:
    """The changes that would change anything for this requirement."""
    changes = [
        Relaxed(
            "adjacent_theme",
            "Neighbouring sub-themes of the same theme would do.",
            (_adjacent(requirement),),
            frozenset({"theme_not_vetted"}),
        )
    ]
    if requirement.needs_presence and requirement.stage == "binding":
        changes.append(
            Relaxed(
                "remote",
                "The work is done remotely.",
                (requirement.model_copy(update={"mode": "remote"}),),
                frozenset({"destination_excluded", "unavailable"}),
            )
        )
    if requirement.span() is not None:
        by = policy.relax_days
        moves = sorted({-by, -(by // 2), by // 2, by} - {0})
        changes.append(
            Relaxed(
                "dates",
                f"The dates move by up to {by} days.",
                tuple(requirement.moved(days) for days in moves),
                frozenset({"unavailable", "too_late"}),
            )
        )
    if requirement.origin_rule != "any" or not requirement.accepts_private:
        changes.append(
            Relaxed(
                "other_categories",
                "Experts of every category are accepted.",
                (requirement.model_copy(update={"origin_rule": "any", "accepts_private": True}),),
                frozenset({"origin", "private_not_accepted"}),
            )
        )
    return tuple(changes)


def _adjacent(requirement: Requirement) -> Requirement:
    whole = tuple(theme for theme in map(theme_of, requirement.themes) if theme not in requirement.themes)
    return requirement.model_copy(update={"themes": (*requirement.themes, *dict.fromkeys(whole))})
