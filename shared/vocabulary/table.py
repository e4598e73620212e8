"""Rows and labels of the reference data files: read once, on first use."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

LABEL_LANGUAGES = ("en", "fr", "es")


class UnknownCode(ValueError):
    """No such code in this list. A ValueError, so that a pydantic validator turns it into a fault of the input."""

    def __init__(self, kind: str, code: str) -> None:
        super().__init__(f"no {kind.replace('_', ' ')} has the code {code!r}")
        self.kind = kind
        self.code = code


@dataclass(frozen=True, slots=True)
class Labels:
    """One thing's name in the three languages of the reference data."""

    en: str
    fr: str
    es: str

    def say(self, language: str) -> str:
        """The name in `language` (ISO 639-1, a region suffix is ignored), in English where there is none."""
        return {"fr": self.fr, "es": self.es}.get(language.replace("_", "-").split("-")[0].lower(), self.en)


@cache
def rows(name: str) -> tuple[Mapping[str, str], ...]:
    """The rows of data file `name` (without suffix), in file order."""
    text = resources.files(__package__).joinpath("data", f"{name}.csv").read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))


def labels(row: Mapping[str, str], prefix: str = "") -> Labels:
    """The three labels of a row."""
    return Labels(en=row[f"{prefix}en"], fr=row[f"{prefix}fr"], es=row[f"{prefix}es"])
