"""Who speaks for a case, remembered from the request's submission.

Later events of a case name the institution only. The request named two people, and those two are meant: another focal
point of the same institution has no part in it.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from services.notifications.domain.recipients import Holder, at_institution


class Case(BaseModel):
    """One request: what people call it, and whom its institution named."""

    model_config = ConfigDict(frozen=True)

    request_id: str
    reference: str
    institution_id: str
    focal_point_id: str
    signatory_id: str

    def named(self, function: str) -> str | None:
        """The contact named for a function of this case, or None where the case names nobody for it."""
        return {"focal_point": self.focal_point_id, "signatory": self.signatory_id}.get(function)

    def instead(self, function: str) -> Holder:
        """Whoever holds the function at the case's institution: told where the person named for it has left."""
        return Holder(function, at_institution(self.institution_id))
