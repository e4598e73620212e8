"""An institution as far as conflicts of interest need to know it."""

from __future__ import annotations

from services.matching.domain.requirement import Frozen


class Institution(Frozen):
    """How far its verification has come, and to whom it belongs."""

    institution_id: str
    country: str
    status: str
    parent_institution_id: str | None = None

    @property
    def verified(self) -> bool:
        """True while an officer's finding stands, whichever it is: what it decides is who may ask for assistance.

        As an employer an ineligible body is as well known as an eligible one. A suspended one is in doubt and stays
        out, as one that waits for its verification does. Our rule, no public source.
        """
        return self.status in ("eligible", "ineligible")
