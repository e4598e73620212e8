"""Who calls, in which role: a bearer token checked against its issuer's keys, and the rule of each route."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from shared.clock import Clock, SystemClock
from shared.errors import Forbidden, Unauthenticated
from shared.runtime.jwks import KeySource

ALGORITHMS = ("RS256", "ES256", "Ed25519", "EdDSA")
"""Asymmetric only: a shared secret could be used by any service to forge a caller, and `none` by anybody. The last two
are the new (RFC 9864) and the old name of the same."""

LEEWAY_SECONDS = 30
"""Tolerated difference of clocks; default, no public source."""

KNOWN_TOKENS = 1000
"""Signatures found good are remembered for so many tokens, until the keys are read again; claims are always checked."""

LONGEST_TOKEN = 8192
LONGEST_ID = 80
"""Characters of an id in a token; what events and stores take (`shared.contracts.envelope.Id`)."""

ROLES = "__allowed_roles__"
"""Attribute of what `allow` gives: the roles it lets in."""


class Role(StrEnum):
    """In which capacity somebody calls."""

    INSTITUTION = "institution"
    EXPERT = "expert"
    OFFICER = "officer"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class Caller:
    """The person behind a request. An institution's caller has `institution_id`, an expert `expert_id`; None while
    they are bound to none yet: newcomers register themselves. `contact_id` is the claim that binds anybody but an
    expert to a contact; None where the issuer has none."""

    subject: str
    role: Role
    institution_id: str | None = None
    expert_id: str | None = None
    contact_id: str | None = None

    @property
    def reached_as(self) -> str | None:
        """The id under which the caller is known as a contact: an expert's profile; the claim `contact_id` for anybody
        else, or the subject where the issuer gives none. None for an expert without a profile."""
        return self.expert_id if self.role is Role.EXPERT else self.contact_id or self.subject


class TokenVerifier:
    """Checks tokens of one issuer for one audience."""

    def __init__(self, issuer: str, audience: str, keys: KeySource, clock: Clock | None = None) -> None:
        self._issuer = issuer
        self._audience = audience
        self._keys = keys
        self._clock = clock or SystemClock()
        self._known: dict[str, tuple[object, dict[str, Any]]] = {}

    async def caller(self, authorization: str | None) -> Caller:
        """The caller named by an Authorization header.

        Raises Unauthenticated, saying what is wrong and how to mend it, and Away where the issuer's keys are needed
        and cannot be read.
        """
        if not authorization:
            raise Unauthenticated("no token was sent", mend="Send 'Authorization: Bearer <token>'.")
        scheme, _, token = authorization.partition(" ")
        token = token.strip()
        if scheme.lower() != "bearer" or not token:
            raise Unauthenticated(
                "the Authorization header holds no bearer token", mend="Send 'Authorization: Bearer <token>'."
            )
        if len(token) > LONGEST_TOKEN:
            raise Unauthenticated("the token is too long", mend=f"Use a token of at most {LONGEST_TOKEN} characters.")
        return _caller(self._checked(await self._decoded(token)))

    async def _decoded(self, token: str) -> dict[str, Any]:
        from joserfc.errors import InvalidKeyIdError

        keys = await self._keys.keys() if token in self._known else None
        if keys is not None and self._known[token][0] is keys:
            return self._known[token][1]
        self._refuse_header(_header(token))
        try:
            return self._verified(token, await self._keys.keys())
        except InvalidKeyIdError:
            pass
        try:
            return self._verified(token, await self._keys.keys(unknown=True))
        except InvalidKeyIdError:
            raise Unauthenticated(
                "the token is signed with a key its issuer does not publish",
                mend=f"Get a new token from {self._issuer}.",
            ) from None

    def _verified(self, token: str, keys: Any) -> dict[str, Any]:
        claims = _verified(token, keys)
        if len(self._known) >= KNOWN_TOKENS:
            self._known.pop(next(iter(self._known)))
        self._known[token] = (keys, claims)
        return claims

    def _refuse_header(self, header: dict[str, Any]) -> None:
        if header.get("alg") not in ALGORITHMS:
            raise Unauthenticated(
                "the token is not signed with an accepted algorithm",
                mend=f"Use a token signed with one of {', '.join(ALGORITHMS)}.",
            )
        if not isinstance(header.get("kid", ""), str):
            raise _unreadable()

    def _checked(self, claims: dict[str, Any]) -> dict[str, Any]:
        from joserfc.errors import ClaimError, ExpiredTokenError
        from joserfc.jwt import JWTClaimsRegistry

        registry = JWTClaimsRegistry(
            now=int(self._clock.now().timestamp()),
            leeway=LEEWAY_SECONDS,
            iss={"essential": True, "value": self._issuer},
            aud={"essential": True, "value": self._audience},
            exp={"essential": True},
            sub={"essential": True},
        )
        try:
            registry.validate(claims)
        except ExpiredTokenError:
            raise Unauthenticated("the token has expired", mend=f"Get a new token from {self._issuer}.") from None
        except ClaimError as error:
            wrong = {
                "iss": f"the token is not from {self._issuer}",
                "aud": f"the token is not meant for {self._audience}",
                "nbf": "the token is not valid yet",
                "iat": "the token was issued in the future",
            }.get(error.claim, f"the token lacks a valid {error.claim}")
            raise Unauthenticated(
                wrong, mend=f"Get a token for audience {self._audience} from {self._issuer}."
            ) from None
        return claims


def _header(token: str) -> dict[str, Any]:
    from joserfc.jws import extract_compact

    try:
        return dict(extract_compact(token.encode()).headers())
    except Exception:  # noqa: BLE001 - whatever a hostile token makes the library raise, it is no token
        raise _unreadable() from None


def _verified(token: str, keys: Any) -> dict[str, Any]:
    from joserfc import jwt
    from joserfc.errors import InvalidKeyIdError

    try:
        return jwt.decode(token, keys, algorithms=list(ALGORITHMS)).claims
    except InvalidKeyIdError:
        raise
    except Exception:  # noqa: BLE001 - whatever a hostile token makes the library raise, it is no token
        raise Unauthenticated(
            "the token's signature does not hold", mend="Send the token as its issuer made it."
        ) from None


def _unreadable() -> Unauthenticated:
    return Unauthenticated("the token cannot be read", mend="Send the token as its issuer made it.")


def _caller(claims: dict[str, Any]) -> Caller:
    try:
        role = Role(claims.get("role", ""))
    except ValueError:
        raise Unauthenticated(
            "the token names no role of this facility", mend=f"Use a token whose role is one of {', '.join(Role)}."
        ) from None
    return Caller(
        _id(claims, "sub"),
        role,
        _bound(claims, "institution_id") if role is Role.INSTITUTION else None,
        _bound(claims, "expert_id") if role is Role.EXPERT else None,
        _bound(claims, "contact_id") if role is not Role.EXPERT else None,
    )


def is_id(value: str) -> bool:
    """Whether a token may name somebody so."""
    return 1 <= len(value) <= LONGEST_ID and value.isprintable()


def _bound(claims: dict[str, Any], name: str) -> str | None:
    return _id(claims, name) if claims.get(name) is not None else None


def _id(claims: dict[str, Any], name: str) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or not is_id(value):
        raise Unauthenticated(
            f"the token's {name} is not an id",
            mend=f"Use a token whose {name} has 1 to {LONGEST_ID} printable characters.",
        )
    return value


_bearer = HTTPBearer(
    auto_error=False, scheme_name="token", bearerFormat="JWT", description="a token of the facility's issuer"
)


def allow(*roles: Role) -> Callable[..., Coroutine[Any, Any, Caller]]:
    """Who may call a route: `caller: Caller = Depends(allow(Role.OFFICER))`. Others get 403, strangers 401."""
    if not roles:
        raise ValueError("name at least one role; a public route has no caller")
    allowed = frozenset(roles)

    async def admitted(
        request: Request, _token: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)] = None
    ) -> Caller:
        verifier: TokenVerifier = request.app.state.verifier
        caller = await verifier.caller(request.headers.get("authorization"))
        if caller.role not in allowed:
            raise Forbidden(
                f"this is not open to role {caller.role}", mend=f"It is open to: {', '.join(sorted(allowed))}."
            )
        return caller

    setattr(admitted, ROLES, allowed)
    return admitted
