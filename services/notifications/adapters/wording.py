"""Wording by Jinja2 templates, one folder per message type and one file per language; numbers and dates by Babel.

The first line of a template is its subject, the rest its body; `layout/<language>.txt` puts greeting and close around
it. A name or address is never in a subject.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, get_timezone_gmt, get_timezone_location
from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError, select_autoescape

from services.notifications.application.ports import Text
from services.notifications.domain.case import Case
from services.notifications.domain.contact import SUPPORTED
from services.notifications.domain.delivery import Delivery
from services.notifications.domain.institution import asks, lends
from shared.vocabulary import UnknownCode, label

TEMPLATES = Path(__file__).parent.parent / "templates"
SUBJECT = "Subject: "
LOCALES = {"en": "en_GB", "fr": "fr", "es": "es"}


class JinjaWording:
    """Puts deliveries into words. `zone` is the time zone in which instants are given, and named."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._environment = Environment(
            loader=FileSystemLoader(TEMPLATES),
            undefined=StrictUndefined,
            autoescape=select_autoescape(["html"]),
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )

    def say(
        self, delivery: Delivery, *, name: str, language: str, case: Case | None, names: Mapping[str, str] | None = None
    ) -> Text:
        language = self.language_of(delivery.type, language)
        about_institution = delivery.type.startswith("institution_")
        said = {
            **_filters(language, self._zone),
            **delivery.facts,
            "reference": delivery.facts.get("reference") or (case.reference if case is not None else ""),
            # notices from before the mode was told are kept without it
            "remote": delivery.facts.get("mode") == "remote",
            "asks": about_institution and asks(delivery.facts),
            "lends": about_institution and lends(delivery.facts),
            "role": delivery.role,
            "event": delivery.event_type,
            "names": names or {},
        }
        try:
            subject, _, body = (
                self._environment.get_template(f"{delivery.type}/{language}.txt").render(said).partition("\n")
            )
            layout = self._environment.get_template(f"layout/{language}.txt")
            whole = layout.render(
                body=body.strip(),
                name=name,
                stands_in=delivery.stands_in,
                function=_function(delivery.role, language),
                reference=delivery.facts.get("action_code") or said["reference"],
            )
        except (TemplateError, UnknownCode, KeyError, TypeError) as error:
            raise ValueError(f"{delivery.type}/{language}: {type(error).__name__}: {error}") from error
        if not subject.startswith(SUBJECT):
            raise ValueError(f"{delivery.type}/{language}: the first line is no subject")
        return Text(" ".join(subject.removeprefix(SUBJECT).split()), whole.strip() + "\n", language)

    def language_of(self, type_: str, language: str) -> str:
        """The language itself where this message has a wording in it, else English."""
        return language if language in SUPPORTED and (TEMPLATES / type_ / f"{language}.txt").is_file() else SUPPORTED[0]

    def html(self, text: Text) -> str:
        """The same text as a plain page, for mail readers that prefer it."""
        paragraphs = [part.strip() for part in text.body.split("\n\n") if part.strip()]
        return self._environment.get_template("layout/mail.html").render(
            language=text.language, subject=text.subject, paragraphs=paragraphs
        )


@cache
def _filters(language: str, zone: ZoneInfo) -> dict[str, Any]:
    """The functions a template may call, in one language."""
    locale = LOCALES[language]

    def instant(value: str) -> str:
        """Day and time with the zone's name: Thursday, 5 March 2026, 17:00 (Brussels, UTC+01:00).

        Midnight is 24:00 of the day before: working days end then, and nobody reads Saturday, 00:00 as Friday's end.
        """
        at = datetime.fromisoformat(value).astimezone(zone)
        ends_a_day = at.time() == datetime.min.time()
        on = at.date() - timedelta(days=ends_a_day)
        time = "24:00" if ends_a_day else format_datetime(at, "HH:mm", zone, locale)
        place = get_timezone_location(zone, locale, return_city=True)
        offset = get_timezone_gmt(at, locale=locale).replace("GMT", "UTC")
        return f"{day(on.isoformat())}, {time} ({place}, {offset})"

    def day(value: str) -> str:
        return format_date(date.fromisoformat(value), "full", locale)

    def period(value: dict[str, str]) -> tuple[str, str]:
        """First and last day."""
        days = (date.fromisoformat(value[end]) for end in ("first_day", "last_day"))
        first, last = (format_date(found, "long", locale) for found in days)
        return first, last

    def country(code: str) -> str:
        try:
            return label("country", code, language)
        except UnknownCode:
            return code

    def in_language(value: dict[str, str]) -> str:
        """A name given per language: this one, else English, else any."""
        return value.get(language) or value.get("en") or next(iter(value.values()), "")

    return {
        "instant": instant,
        "day": day,
        "period": period,
        "country_name": country,
        "in_language": in_language,
    }


FUNCTIONS: dict[str, dict[str, str]] = {
    "desk": {"en": "desk", "fr": "guichet", "es": "ventanilla"},
    "manager": {"en": "manager", "fr": "responsable", "es": "responsable"},
    "pool_manager": {"en": "pool manager", "fr": "responsable du vivier", "es": "responsable de la reserva"},
    "adviser": {"en": "adviser", "fr": "conseiller", "es": "asesoría"},
    "logistics": {"en": "logistics", "fr": "logistique", "es": "logística"},
    "communication": {"en": "communication", "fr": "communication", "es": "comunicación"},
    "eu_delegation": {
        "en": "EU Delegation of this country",
        "fr": "délégation de l'UE pour ce pays",
        "es": "Delegación de la UE para este país",
    },
}
"""What the functions that can fall to the desk are called."""


def _function(role: str, language: str) -> str:
    return FUNCTIONS.get(role, {}).get(language, role)
