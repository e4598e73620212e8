"""An institution as far as conflicts of interest need to know it."""

from __future__ import annotations

from services.matching.domain.requirement import Frozen


class Institution(Frozen):
    """How far its verification has come, and to whom it belongs."""

    institution_id: str
    country: str
    status: str
    parent_institution_id: str | None = None
    identity_known: bool = False

    @property
    def verified(self) -> bool:
        """True while an officer's finding stands that says which body it is.

        As an employer, a body found ineligible to ask is as well known as an eligible one where its identity was
        established on evidence (our rule, no public source). Without, it may be anybody, the asking institution under
        a second id too: it fails closed (domain §11.5), as a suspended one and one that waits for verification do.
        """
        return self.status == "eligible" or (self.status == "ineligible" and self.identity_known)
