"""Write `roster-200.json`: 200 sample experts from a fixed seed, the same bytes each time.

    python -m examples.generate_roster

Nobody in it exists. Besides a general spread, some seats are reserved for the fields of work, languages and origins the
three example requests ask for, so that each of their positions has a choice of people.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from examples import roster_sources as source
from examples.roster_wording import Phrases, read_phrases, strongest, summary
from shared.vocabulary import label, level_rank, sub_themes, themes

SEED = 2026
SIZE = 200
FILE = Path(__file__).with_name("roster-200.json")
OPEN_UNTIL = 560  # days; the examples' windows end at most 60 + 366 + 61 days after the day of a run
BOTH_MODES = ["on_site", "remote"]
LATEST_YEAR = 2025
LATEST_EMPLOYER_YEAR = 2022  # well over the two years a conflict check looks back


@dataclass(frozen=True)
class Seat:
    """What is fixed about an expert before chance decides the rest; empty strings leave it to chance."""

    countries: str = ""
    category: str = ""
    field: str = ""
    language: str = ""
    region: str = ""
    core: str = ""


RESERVED: tuple[tuple[int, Seat], ...] = (
    (10, Seat("IE FI SE NL DK DE BE EE IT PL", "eu_public", "outreach", "en", "SSA", "J05 E07")),
    (8, Seat("IE FI SE DE GH KE ZA PT", "", "services", "en", "SSA", "D07 B08")),
    (10, Seat("ES ES ES ES ES IT PT FR BE ES", "eu_public", "disability", "es", "LAC", "D02 E01")),
    (10, Seat("CO PE CL CR UY MX EC CO CL MX", "non_eu_public", "disability", "es", "LAC", "D02 F06")),
    (10, Seat("FR FR FR BE BE BE LU RO FR BE", "eu_public", "administration", "fr", "SSA", "E01 D05")),
    (8, Seat("FR BE FR SN CI MA TN BE", "", "evidence", "fr", "SSA", "F05 E05")),
)


def build() -> dict[str, Any]:
    """The whole roster."""
    rng = Random(SEED)  # noqa: S311 - sample data, nothing secret
    seats = [_one_country(seat, number) for count, seat in RESERVED for number in range(count)]
    seats += [_drawn_country(rng) for _ in range(SIZE - len(seats))]
    rng.shuffle(seats)
    phrases = read_phrases()
    return {
        "sample": True,
        "remark": "Invented by examples/generate_roster.py. No person or employer in this file exists.",
        "seed": SEED,
        "experts": [_expert(rng, seat, number + 1, phrases) for number, seat in enumerate(seats)],
    }


def text(roster: dict[str, Any]) -> str:
    """The file's content: one expert a line."""
    head = {key: value for key, value in roster.items() if key != "experts"}
    lines = ",\n".join(json.dumps(expert, ensure_ascii=False) for expert in roster["experts"])
    return json.dumps(head, ensure_ascii=False)[:-1] + f', "experts": [\n{lines}\n]}}\n'


def _one_country(seat: Seat, number: int) -> Seat:
    country = seat.countries.split()[number]
    origin = "eu_public" if country in source.EU else "non_eu_public"
    return Seat(country, seat.category or origin, seat.field, seat.language, seat.region, seat.core)


def _drawn_country(rng: Random) -> Seat:
    inside = rng.random() < 0.83
    pool = source.EU if inside else source.BEYOND
    country = _weighted(rng, {code: weight for code, (weight, _) in pool.items()})
    column = 0 if inside else 1
    weights = {"eu_public": 54, "eu_mandated": 15} if inside else {"non_eu_public": 74}
    weights |= {name: int(row[column]) for name, row in source.OTHER_EMPLOYERS.items()}
    return Seat(country, _weighted(rng, weights))


def _weighted(rng: Random, weights: dict[str, int]) -> str:
    return rng.choices(list(weights), weights=list(weights.values()))[0]


def _expert(rng: Random, seat: Seat, number: int, phrases: Phrases) -> dict[str, Any]:
    country = seat.countries
    field_name = seat.field or _weighted(rng, {name: field.weight for name, field in source.FIELDS.items()})
    field = source.FIELDS[field_name]
    years_total = rng.randint(6, 34) if not seat.field else rng.randint(10, 30)
    expertise = _themes(rng, field, seat.core, years_total)
    spoken = _languages(rng, country, seat.language)
    region = seat.region or rng.choice(list(source.DESTINATIONS))
    assignments = _assignments(rng, expertise, region, years_total, bool(seat.field), phrases)
    employer, employer_type = _employer(rng, seat.category, field)
    title = rng.choice(field.titles)
    skills = _picked(rng, field.skills.split(), rng.randint(1, 3))
    countries = sorted({entry["country"] for entry in assignments} | set(_extra_countries(rng, region)))
    contact_languages = _contact_languages(spoken)
    return {
        "key": f"E{number:03}",
        "given_name": "Sample",
        "family_name": f"Expert {number:03}",
        "email": f"expert{number:03}@example.org",
        "languages_contact": contact_languages,
        "country_of_work": country,
        "nationalities": _nationalities(rng, country),
        "employer_name": f"Sample {employer} ({country})",
        "employer_country": country,
        "employer_type": employer_type,
        "employer_since": _employed_since(rng, years_total),
        "expert_category": seat.category,
        "position_title": title,
        "employer_consent": _employer_consent(rng, seat),
        "themes": expertise,
        "years_total": years_total,
        "languages": spoken,
        "assignments": assignments,
        "countries_experience": countries,
        "method_skills": skills,
        "summary": summary(rng, contact_languages[0], title, years_total, expertise, assignments, skills, phrases),
        "consent_to_contact": bool(seat.field) or rng.random() >= 0.03,
        "general_declaration_on_offset_days": _declared(rng, seat),
        "days_last_12m": _weighted_days(rng),
        "availability": _availability(rng, bool(seat.field)),
        "excluded_countries": [] if seat.field or rng.random() >= 0.08 else [rng.choice(source.SELDOM_ACCEPTED)],
    }


def _picked(rng: Random, pool: list[str], count: int) -> list[str]:
    left = list(pool)
    return sorted(left.pop(rng.randrange(len(left))) for _ in range(min(count, len(pool))))


def _themes(rng: Random, field: source.Field, core: str, years_total: int) -> list[dict[str, Any]]:
    chosen: list[str] = core.split()
    own = [code for code in field.themes.split() if code not in chosen]
    while own and len(chosen) < 2 + rng.randint(1, 3):
        chosen.append(own.pop(min(rng.randrange(len(own)), rng.randrange(len(own)))))
    everything = [entry.code for entry in themes() if entry.parent]
    for _ in range(rng.choice((0, 0, 1, 1, 2, 3))):
        near = sub_themes(chosen[0][0]) if rng.random() < 0.6 else tuple(everything)
        code = rng.choice(near)
        if code not in chosen:
            chosen.append(code)
    entries = []
    for place, code in enumerate(chosen):
        strong = place < 2
        years = rng.randint(min(4, years_total), max(4, int(years_total * (0.8 if strong else 0.4))))
        level = rng.choice((3, 3, 4, 4, 2)) if strong else rng.choice((1, 2, 2, 3))
        if core and place < len(core.split()):
            level = max(level, 3)
        entries.append({"code": code, "level": level, "years": min(years, years_total)})
    return sorted(entries, key=lambda entry: str(entry["code"]))


def _languages(rng: Random, country: str, needed: str) -> list[dict[str, str]]:
    tongues = (source.EU | source.BEYOND)[country][1].split()
    native = needed if needed in tongues else rng.choice(tongues)
    levels: dict[str, str] = {native: "native"}
    if needed and needed not in levels:
        levels[needed] = rng.choice(("C1", "C1", "C2"))
    if "en" not in levels and rng.random() < 0.93:
        levels["en"] = _weighted(rng, {"B1": 10, "B2": 30, "C1": 40, "C2": 20})
    wanted = rng.randint(1, 3)
    near = source.NEIGHBOUR_LANGUAGES.get(country, "").split()
    while len(levels) - 1 < wanted:
        pool = near if near and rng.random() < 0.65 else source.WIDELY_LEARNT.split()
        code = rng.choice(pool)
        if code not in levels:
            levels[code] = _weighted(rng, {"A2": 15, "B1": 25, "B2": 25, "C1": 25, "C2": 10})
        elif all(other in levels for other in pool):
            wanted -= 1
    return [{"language": code, "level": level} for code, level in levels.items()]


def _contact_languages(spoken: list[dict[str, str]]) -> list[str]:
    fit = [entry for entry in spoken if entry["language"] in ("en", "fr", "es") and level_rank(entry["level"]) >= 4]
    fit.sort(key=lambda entry: -level_rank(entry["level"]))
    return [entry["language"] for entry in fit] or ["en"]


def _assignments(
    rng: Random,
    expertise: list[dict[str, Any]],
    region: str,
    years_total: int,
    seasoned: bool,
    phrases: Phrases,
) -> list[dict[str, Any]]:
    best = strongest(expertise)
    found = []
    for _ in range(rng.randint(2, 6) if seasoned else rng.choice((0, 0, 1, 1, 2, 3, 4, 6))):
        where = region if rng.random() < 0.7 else rng.choice(list(source.DESTINATIONS))
        country = rng.choice(source.DESTINATIONS[where].split())
        code = str(best[min(rng.randrange(len(best)), rng.randrange(len(best)))]["code"])
        found.append(
            {
                "title": f"Mission to {label('country', country)}: {phrases[code][rng.choice(('en', 'en_other'))]}",
                "country": country,
                "year": rng.randint(max(2010, LATEST_YEAR - years_total), LATEST_YEAR),
                "themes": [code],
                "role": rng.choice(source.ROLES),
            }
        )
    return sorted(found, key=lambda entry: (-int(str(entry["year"])), str(entry["title"])))


def _extra_countries(rng: Random, region: str) -> list[str]:
    return _picked(rng, source.DESTINATIONS[region].split(), rng.choice((0, 0, 1, 2)))


def _employer(rng: Random, category: str, field: source.Field) -> tuple[str, str]:
    if category in source.OTHER_EMPLOYERS:
        return source.OTHER_EMPLOYERS[category][2], source.OTHER_EMPLOYERS[category][3]
    return rng.choice(source.MANDATED_EMPLOYERS if category == "eu_mandated" else field.employers)


def _employed_since(rng: Random, years_total: int) -> str:
    year = rng.randint(max(2005, LATEST_YEAR - years_total), LATEST_EMPLOYER_YEAR)
    return f"{year}-{rng.randint(1, 12):02}-01"


def _nationalities(rng: Random, country: str) -> list[str]:
    if rng.random() < 0.9:
        return [country]
    other = rng.choice(list(source.EU))
    return [country] if other == country else [country, other]


def _employer_consent(rng: Random, seat: Seat) -> str:
    if seat.field:
        return rng.choice(("yes", "by_assignment"))
    return _weighted(rng, {"yes": 45, "by_assignment": 47, "no": 8})


def _declared(rng: Random, seat: Seat) -> int:
    """Days before the run; a declaration older than twelve months no longer counts."""
    return -rng.randint(380, 500) if not seat.field and rng.random() < 0.05 else -rng.randint(10, 300)


def _weighted_days(rng: Random) -> int:
    return rng.choice((0, 0, 0, rng.randint(5, 20), rng.randint(10, 35), rng.randint(20, 66)))


def _availability(rng: Random, reserved: bool) -> list[dict[str, Any]]:
    """Stretches in days after the run, both ends included, in order, none overlapping another."""
    chance = 0.0 if reserved else rng.random()
    if chance < 0.6:
        return [_stretch(0, OPEN_UNTIL)]
    if chance < 0.85:
        start = rng.randint(20, 430)
        end = start + rng.randint(10, 60)
        return [_stretch(0, start - 1), _stretch(start, end, "unavailable"), _stretch(end + 1, OPEN_UNTIL)]
    if chance < 0.95:
        return [_stretch(0, rng.randint(90, 330))]
    return [_stretch(0, OPEN_UNTIL, modes=["remote"])]


def _stretch(start: int, end: int, kind: str = "available", modes: list[str] | None = None) -> dict[str, Any]:
    return {"from_days": start, "to_days": end, "kind": kind, "modes": modes or BOTH_MODES}


if __name__ == "__main__":
    FILE.write_text(text(build()), encoding="utf-8")
