"""The single changes of a requirement that are tried, in this fixed order, when a list is empty.

The first four are those of domain §7.7, in its order; the last two are ours, so that a minimum nobody reaches is not
answered by four changes that bring nobody.
"""

from __future__ import annotations

from dataclasses import dataclass

from services.matching.domain.policy import Policy
from services.matching.domain.requirement import LEVELS, RANK_OF_LEVEL, LanguageNeed, Requirement
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
    if requirement.min_years and requirement.stage == "binding":
        changes.append(
            Relaxed(
                "years",
                "No minimum of years is asked for.",
                (requirement.model_copy(update={"min_years": 0}),),
                frozenset({"years_below_minimum"}),
            )
        )
    lower = tuple(map(_a_level_lower, requirement.languages))
    if lower != requirement.languages:
        changes.append(
            Relaxed(
                "languages",
                "One level less in each language would do.",
                (requirement.model_copy(update={"languages": lower}),),
                frozenset({"language_below_minimum"}),
            )
        )
    return tuple(changes)


def _a_level_lower(need: LanguageNeed) -> LanguageNeed:
    """As C1 may be waived to B2 (domain §4.2); the lowest level stays, so that a language asked for is spoken."""
    return need.model_copy(update={"level": LEVELS[max(RANK_OF_LEVEL[need.level] - 2, 0)]})


def _adjacent(requirement: Requirement) -> Requirement:
    whole = tuple(theme for theme in map(theme_of, requirement.themes) if theme not in requirement.themes)
    return requirement.model_copy(update={"themes": (*requirement.themes, *dict.fromkeys(whole))})
