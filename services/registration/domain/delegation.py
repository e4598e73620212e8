"""EU Delegations: an office with its mailbox and the countries it covers."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from services.registration.domain.person import Languages
from services.registration.domain.values import Email, Id, Kept, Title
from shared.given import Different, Given
from shared.vocabulary.codes import CountryCode


class DelegationDetails(Given):
    """What is entered about an EU Delegation."""

    name: Title
    email: Email
    countries: Annotated[tuple[CountryCode, ...], Field(min_length=1, max_length=60), Different]
    languages: Languages = ()


class Delegation(Kept):
    """An EU Delegation as stored."""

    id: Id
    details: DelegationDetails
