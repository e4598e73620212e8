"""Find whose inbox a caller may read."""

from __future__ import annotations

from services.notifications.application.stores import Stores
from services.notifications.domain.reader import Reader, mismatch, trusted_unseen
from shared.errors import Forbidden, unbound


async def find_reader(stores: Stores, reader: Reader) -> str | None:
    """The id of the reader's own contact; None while nobody has told of it, so that nothing is theirs yet.

    Forbidden where the token names nobody, or somebody the caller is not. Raises StoreAway.
    """
    if reader.contact_id is None:
        raise unbound("expert")  # anybody else without a claim is taken for the contact of their subject's id
    stored = await stores.contacts.read(reader.contact_id)
    if stored is None:
        return reader.contact_id if trusted_unseen(reader) else None
    if why := mismatch(reader, stored.state):
        raise Forbidden(why, mend="Sign in as yourself; where that is what you did, tell the facility's desk.")
    return reader.contact_id
