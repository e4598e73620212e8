"""A search: what was asked, what was answered, and why; kept so that a selection can be audited."""

from __future__ import annotations

import base64
import json
import zlib
from datetime import date
from typing import Any

from pydantic import TypeAdapter, field_serializer, field_validator

from services.matching.domain.ranking import Ranking
from services.matching.domain.requirement import Frozen, Requirement
from shared.contracts.events.searches import Stage

_RANKING = TypeAdapter(Ranking)


class Search(Frozen):
    """One search. Officers alone see it; an indicative one holds nobody and is never shown to experts.

    The ranking with all its reasons is kept packed (zlib, base64): for 200 experts 75 KB of JSON become 9 KB, and
    nothing is ever searched for inside it.
    """

    search_id: str
    requirement: Requirement
    ranking: Ranking
    created_on: date

    @field_serializer("ranking")
    def _pack(self, ranking: Ranking) -> str:
        return base64.b64encode(zlib.compress(_RANKING.dump_json(ranking), 6)).decode()

    @field_validator("ranking", mode="before")
    @classmethod
    def _unpack(cls, kept: Any) -> Any:
        return json.loads(zlib.decompress(base64.b64decode(kept))) if isinstance(kept, str) else kept

    @property
    def stage(self) -> Stage:
        """indicative or binding."""
        return self.requirement.stage

    @property
    def empty(self) -> bool:
        """True when nobody passes."""
        return not self.ranking.candidates
