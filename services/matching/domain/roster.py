"""A line of the roster: an expert and their calendar, with what every ranking would otherwise work out again."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date

from services.matching.domain.calendar import Calendar
from services.matching.domain.expert import RosterExpert, ThemeLevel
from services.matching.domain.requirement import RANK_OF_LEVEL
from services.matching.domain.themes import theme_of


@dataclass(frozen=True, slots=True)
class RosterLine:
    """Made by `line_of`; kept as long as neither the expert nor the calendar changes."""

    expert: RosterExpert
    calendar: Calendar
    language_ranks: dict[str, int]
    """Language -> 1 (A1) to 7 (native)."""
    claimed: dict[str, ThemeLevel]
    """Sub-theme code -> the highest level claimed for it."""
    vetted: dict[str, date]
    """Code vetted, and theme of each -> the last day of the longest vetting in it: who is vetted in "A02" is so in
    part of "A"."""
    vetted_wholly: dict[str, date]
    """Theme vetted as a whole ("A") -> its last day: it covers every sub-theme of the theme."""
    worked_in: frozenset[str]
    """Every country of work, experience or assignment."""
    digest: str
    """SHA-256 over the expert and the calendar."""

    def vetted_until(self, asked: str) -> date:
        """The last day on which the expert counts as vetted in a theme or sub-theme; date.min for never.

        "A01" is met by a vetting in "A01" or in the whole of "A"; "A" by one in "A" or in any part of it. It opens the
        door and gives no points: those come from the themes the profile claims, so a whole theme earns none by itself.
        """
        whole = self.vetted_wholly.get(theme_of(asked), date.min)
        return max(self.vetted.get(asked, date.min), whole)


def line_of(expert: RosterExpert, calendar: Calendar | None = None) -> RosterLine:
    """Join an expert and their calendar; without one, nothing is declared and nothing held."""
    calendar = calendar if calendar is not None else Calendar(expert_id=expert.expert_id)
    if calendar.expert_id != expert.expert_id:
        raise ValueError(f"calendar of {calendar.expert_id} joined to expert {expert.expert_id}")
    ranks: dict[str, int] = {}
    for skill in expert.languages:
        ranks[skill.language] = max(ranks.get(skill.language, 0), RANK_OF_LEVEL[skill.level])
    claimed: dict[str, ThemeLevel] = {}
    for theme in expert.themes:
        known = claimed.get(theme.code)
        if known is None or (theme.level, theme.years) > (known.level, known.years):
            claimed[theme.code] = theme
    vetted: dict[str, date] = {}
    wholly: dict[str, date] = {}
    for area in expert.vetted_areas:
        whole, until = theme_of(area.theme), area.valid_until or date.max
        for code in {area.theme, whole}:
            vetted[code] = max(vetted.get(code, date.min), until)
        if area.theme == whole:
            wholly[whole] = max(wholly.get(whole, date.min), until)
    content = f"{expert.model_dump_json()}\n{calendar.model_dump_json()}"
    return RosterLine(
        expert=expert,
        calendar=calendar,
        language_ranks=ranks,
        claimed=claimed,
        vetted=vetted,
        vetted_wholly=wholly,
        worked_in=frozenset(
            (expert.country_of_work, *expert.countries_experience, *(a.country for a in expert.assignments))
        ),
        digest=hashlib.sha256(content.encode()).hexdigest(),
    )
