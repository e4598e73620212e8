"""An issuer of tokens for tests: signs what it is told to sign, and publishes its keys."""

from __future__ import annotations

import time
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from shared.runtime.identity import TokenVerifier

ISSUER = "http://issuer.test"
AUDIENCE = "entente"


class StaticKeys:
    """A fixed set of keys, as JWKS data (`{"keys": [...]}`)."""

    def __init__(self, jwks: dict[str, Any]) -> None:
        self._keys = KeySet.import_key_set({"keys": list(jwks["keys"])})

    async def keys(self, *, unknown: bool = False) -> KeySet:
        return self._keys


class TestIssuer:
    """Signs tokens with one key of its own."""

    __test__ = False

    def __init__(self, issuer: str = ISSUER, kid: str = "test-1") -> None:
        self.issuer = issuer
        self.key = ECKey.generate_key("P-256", {"kid": kid, "use": "sig"})

    def jwks(self) -> dict[str, Any]:
        return dict(KeySet([self.key]).as_dict(private=False))

    def verifier(self) -> TokenVerifier:
        return TokenVerifier(self.issuer, AUDIENCE, StaticKeys(self.jwks()))

    def token(self, role: str = "officer", subject: str = "per_1", **claims: Any) -> str:
        """A valid token for an hour. Claims given as None are left out; `alg` and `kid` go into the header."""
        header = {"alg": claims.pop("alg", "ES256"), "kid": claims.pop("kid", self.key.kid)}
        now = int(time.time())
        said: dict[str, Any] = {
            "iss": self.issuer, "aud": AUDIENCE, "sub": subject, "role": role, "iat": now, "exp": now + 3600,
        }  # fmt: skip
        said.update(claims)
        return jwt.encode(header, {k: v for k, v in said.items() if v is not None}, self.key, algorithms=["ES256"])

    def headers(self, role: str = "officer", subject: str = "per_1", **claims: Any) -> dict[str, str]:
        """The Authorization header with a valid token."""
        return {"Authorization": f"Bearer {self.token(role, subject, **claims)}"}
