"""An institution as far as conflicts of interest need to know it."""

from __future__ import annotations

from services.matching.domain.requirement import Frozen


class Institution(Frozen):
    """Whether it is verified, and to whom it belongs."""

    institution_id: str
    country: str
    status: str
    parent_institution_id: str | None = None

    @property
    def verified(self) -> bool:
        """True once an officer has found it eligible."""
        return self.status == "eligible"
