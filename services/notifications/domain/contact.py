"""A person or office as it can be reached now, kept from the compacted topic of contacts."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from services.notifications.domain.recipients import FACILITY, Holder, at_institution, in_country

SUPPORTED = ("en", "fr", "es")
"""Languages the wording exists in; the first one is the fallback."""


class Contact(BaseModel):
    """What is needed to reach somebody. Erasure empties it: nothing of the person stays but the id."""

    model_config = ConfigDict(frozen=True)

    contact_id: str
    kind: str
    name: str
    email: str
    languages: tuple[str, ...] = ()
    functions: tuple[str, ...] = ()
    institution_id: str | None = None
    countries: tuple[str, ...] = ()
    active: bool = True
    erased: bool = False

    @property
    def language(self) -> str:
        """The first of the person's languages that the wording exists in, else English."""
        return next((code for code in map(_plain, self.languages) if code in SUPPORTED), SUPPORTED[0])

    @property
    def holds(self) -> tuple[Holder, ...]:
        """The functions the person answers for, each with its scope. None for somebody no longer active."""
        if not self.active or self.erased:
            return ()
        if self.kind == "staff":
            return tuple(Holder(function, FACILITY) for function in self.functions)
        if self.kind == "institution_contact" and self.institution_id:
            return tuple(Holder(function, at_institution(self.institution_id)) for function in self.functions)
        if self.kind == "delegation":
            return tuple(Holder("eu_delegation", in_country(country)) for country in self.countries)
        return ()


def forgotten(contact_id: str) -> Contact:
    """What stays of a person after erasure."""
    return Contact(contact_id=contact_id, kind="erased", name="", email="", active=False, erased=True)


def _plain(language: str) -> str:
    return language.replace("_", "-").split("-")[0].lower()
