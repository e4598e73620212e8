"""FOR DEVELOPMENT ONLY: signs tokens for any role, in process. Tests use it without HTTP."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from shared.clock import Clock, SystemClock
from shared.ids import new_id

AUDIENCE = "entente"
ALGORITHM = "ES256"
KEY_FILE = "signing-key.json"
DEFAULT_LIFETIME = timedelta(hours=8)  # a working day in front of the demo


class TokenRole(StrEnum):
    """What a caller can be."""

    INSTITUTION = "institution"
    EXPERT = "expert"
    OFFICER = "officer"
    OPERATOR = "operator"


@dataclass(frozen=True)
class SignedToken:
    """A signed token and the instant (UTC, whole seconds) from which it is refused."""

    access_token: str
    expires_at: datetime


class Issuer:
    """Signs tokens in the name of `url` with the key kept in `directory`.

    The key (ES256) is made at first use, readable by its owner alone, and stays: tokens outlive a restart, and
    two issuers started at once on one directory share one key. Raises ValueError when the file is no such key.
    """

    def __init__(self, directory: Path, url: str, *, clock: Clock | None = None) -> None:
        self.url = url.rstrip("/")
        self._clock = clock or SystemClock()
        self._key = _kept_key(directory)

    def token(
        self,
        role: TokenRole | str,
        subject: str,
        *,
        institution_id: str | None = None,
        expert_id: str | None = None,
        contact_id: str | None = None,
        lifetime: timedelta = DEFAULT_LIFETIME,
        claims: Mapping[str, Any] | None = None,
    ) -> SignedToken:
        """A token for `subject` in `role`; `claims` replace or add any claim, None removes one.

        A lifetime of zero or less gives a token that has expired already: tests need those too.
        Raises ValueError for an unknown role.
        """
        issued = self._clock.now().replace(microsecond=0)
        expires = issued + lifetime
        content: dict[str, Any] = {
            "iss": self.url,
            "aud": AUDIENCE,
            "sub": subject,
            "role": TokenRole(role).value,
            "institution_id": institution_id,
            "expert_id": expert_id,
            "contact_id": contact_id,
            "iat": int(issued.timestamp()),
            "nbf": int(issued.timestamp()),
            "exp": int(expires.timestamp()),
            "jti": new_id("tok"),
            **(claims or {}),
        }
        content = {name: value for name, value in content.items() if value is not None}
        header = {"alg": ALGORITHM, "kid": self._key.kid}
        return SignedToken(jwt.encode(header, content, self._key, algorithms=[ALGORITHM]), expires)

    def jwks(self) -> dict[str, list[dict[str, Any]]]:
        """The public key, as RFC 7517 writes a set of keys."""
        public = self._key.as_dict(private=False)
        return {"keys": [{**public, "kid": self._key.kid, "use": "sig", "alg": ALGORITHM}]}


def _kept_key(directory: Path) -> ECKey:
    directory.mkdir(parents=True, exist_ok=True)
    file = directory / KEY_FILE
    if not file.exists():
        made = ECKey.generate_key("P-256", auto_kid=True)
        # mkstemp makes it 0600; linking shows it whole or not at all, and lets the first of two starters win
        number, part = tempfile.mkstemp(dir=directory, prefix=".", suffix=".part")
        with os.fdopen(number, "w", encoding="utf-8") as output:
            json.dump(made.as_dict(private=True), output)
        with suppress(FileExistsError):
            os.link(part, file)
        Path(part).unlink()
    file.chmod(0o600)
    try:
        key = ECKey.import_key(json.loads(file.read_text(encoding="utf-8")))
    except (ValueError, TypeError, KeyError, JoseError) as error:
        raise ValueError(f"{file} is not a signing key; delete it to get a new one") from error
    if not key.is_private or key.curve_name != "P-256":
        raise ValueError(f"{file} is not a private P-256 key; delete it to get a new one")
    key.ensure_kid()
    return key
