"""Tokens: what is trusted, what is refused and why, and how the issuer's keys are kept."""

from __future__ import annotations

import asyncio
import base64
import hmac
import json
import time
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OKPKey, RSAKey

from shared.clock import ManualClock
from shared.errors import Away, Unauthenticated
from shared.runtime.identity import Caller, Role, TokenVerifier
from shared.runtime.jwks import JwksKeys
from tests.support.eventually import eventually
from tests.support.tokens import AUDIENCE, ISSUER, StaticKeys, TestIssuer

ISSUED = TestIssuer()
VERIFIER = ISSUED.verifier()
NOW = int(time.time())
"""When this file was read. A long run comes to its tests much later: nothing here may depend on minutes."""
HOURS = 36_000


async def refused(authorization: str | None, verifier: TokenVerifier = VERIFIER) -> str:
    with pytest.raises(Unauthenticated) as error:
        await verifier.caller(authorization)
    assert error.value.mend
    return error.value.detail


def part(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def unsigned(header: dict[str, Any], signature: str = "") -> str:
    claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": "per_1", "role": "operator", "exp": NOW + 3600}
    return f"Bearer {part(header)}.{part(claims)}.{signature}"


async def test_a_valid_token_names_the_caller() -> None:
    assert await VERIFIER.caller(f"Bearer {ISSUED.token('officer', 'per_7')}") == Caller("per_7", Role.OFFICER)
    asked = await VERIFIER.caller(
        f"bearer {ISSUED.token('institution', 'per_8', institution_id='ins_1', expert_id='x')}"
    )
    assert asked == Caller("per_8", Role.INSTITUTION, institution_id="ins_1")
    expert = await VERIFIER.caller(f"Bearer  {ISSUED.token('expert', 'per_9', expert_id='exp_1')} ")
    assert expert == Caller("per_9", Role.EXPERT, expert_id="exp_1")


@pytest.mark.parametrize(
    ("role", "claims", "contact"),
    [
        ("officer", {"contact_id": "stf_1"}, "stf_1"),
        ("officer", {}, "per_1"),
        ("institution", {"institution_id": "ins_1", "contact_id": "con_1"}, "con_1"),
        ("expert", {"expert_id": "exp_1", "contact_id": "con_1"}, "exp_1"),
        ("expert", {"contact_id": "con_1"}, None),
    ],
)
async def test_a_token_says_as_which_contact_its_caller_is_reached(
    role: str, claims: dict[str, str], contact: str | None
) -> None:
    caller = await VERIFIER.caller(f"Bearer {ISSUED.token(role, 'per_1', **claims)}")
    assert caller.reached_as == contact


@pytest.mark.parametrize(
    ("claims", "word"),
    [
        ({"exp": NOW - 31}, "expired"),
        ({"exp": None}, "exp"),
        ({"exp": "tomorrow"}, "exp"),
        ({"nbf": NOW + HOURS}, "not valid yet"),
        ({"iat": NOW + HOURS}, "future"),
        ({"iss": "http://other.test"}, "not from"),
        ({"iss": None}, "not from"),
        ({"aud": "somebody-else"}, "not meant for"),
        ({"aud": None}, "not meant for"),
        ({"aud": {"a": 1}}, "not meant for"),
        ({"sub": None}, "sub"),
        ({"sub": "x" * 81}, "sub"),
        ({"sub": "a\nb"}, "sub"),
        ({"role": None}, "no role"),
        ({"role": "king"}, "no role"),
        ({"role": ["officer"]}, "no role"),
        ({"role": "institution", "institution_id": ""}, "institution_id"),
        ({"role": "expert", "expert_id": 7}, "expert_id"),
        ({"kid": "other"}, "does not publish"),
    ],
)
async def test_a_wrong_claim_is_refused_and_named(claims: dict[str, Any], word: str) -> None:
    said: dict[str, Any] = {"role": "officer", **claims}
    assert word in await refused(f"Bearer {ISSUED.token(**said)}")


async def test_newcomers_are_bound_to_nothing_yet() -> None:
    for role in (Role.INSTITUTION, Role.EXPERT):
        assert await VERIFIER.caller(f"Bearer {ISSUED.token(role.value, 'per_9')}") == Caller("per_9", role)


async def test_clocks_may_differ_by_thirty_seconds() -> None:
    early_or_late: tuple[dict[str, Any], ...] = ({"exp": int(time.time()) - 10}, {"nbf": int(time.time()) + 20})
    for claims in early_or_late:
        assert (await VERIFIER.caller(f"Bearer {ISSUED.token(**claims)}")).subject == "per_1"


async def test_the_clock_is_a_port() -> None:
    clock = ManualClock(datetime.fromtimestamp(NOW + 7200, UTC))
    verifier = TokenVerifier(ISSUER, AUDIENCE, StaticKeys(ISSUED.jwks()), clock)
    assert "expired" in await refused(f"Bearer {ISSUED.token()}", verifier)


@pytest.mark.parametrize(
    "authorization",
    [
        None, "", "Bearer", "Bearer ", "Basic dXNlcjpwYXNz", "Bearer garbage", "Bearer a.b.c", "Bearer ...",
        "Bearer " + "x" * 9000, "Bearer \x00", "Bearer é.è.à", unsigned({}), unsigned({"alg": "none"}),
        unsigned({"alg": "None"}), unsigned({"alg": "none", "kid": "test-1"}, "AAAA"), unsigned({"alg": "ES256"}),
        unsigned({"alg": ["ES256"]}), unsigned({"alg": "ES256", "kid": {"a": 1}}, "AAAA"), unsigned([], "AAAA"),  # type: ignore[arg-type]
        unsigned({"alg": "ES256", "kid": "test-1"}, "AAAA"), unsigned({"alg": "ES256", "kid": "test-1", "crit": ["x"]}),
        unsigned({"alg": "ES256", "kid": "test-1", "b64": False, "crit": ["b64"]}, "AAAA"),
        unsigned({"alg": "RS256", "kid": "test-1"}, "AAAA"), unsigned({"alg": "HS256", "kid": "test-1"}, "AAAA"),
    ],
)  # fmt: skip
async def test_what_is_no_trusted_token_is_refused(authorization: str | None) -> None:
    assert await refused(authorization)


async def test_a_changed_or_foreign_signature_is_refused() -> None:
    head, body, signature = ISSUED.token("expert", expert_id="exp_1").split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    forged = part({**claims, "role": "operator"})
    assert "signature" in await refused(f"Bearer {head}.{forged}.{signature}")
    assert "signature" in await refused(f"Bearer {TestIssuer().token()}")


async def test_a_token_signed_with_the_public_key_as_a_secret_is_refused() -> None:
    head, body = unsigned({"alg": "HS256", "kid": "test-1"}).removeprefix("Bearer ").split(".")[:2]
    secret = ISSUED.key.as_pem(private=False)
    signature = hmac.digest(secret, f"{head}.{body}".encode(), "sha256")
    token = f"{head}.{body}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"
    assert "algorithm" in await refused(f"Bearer {token}")


@pytest.mark.parametrize(
    ("algorithm", "key"),
    [
        ("RS256", RSAKey.generate_key(2048, {"kid": "k"})),
        ("ES256", ECKey.generate_key("P-256", {"kid": "k"})),
        ("Ed25519", OKPKey.generate_key("Ed25519", {"kid": "k"})),
        ("EdDSA", OKPKey.generate_key("Ed25519", {"kid": "k"})),
    ],
)
@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
async def test_three_kinds_of_keys_are_accepted(algorithm: str, key: Any) -> None:
    verifier = TokenVerifier(ISSUER, AUDIENCE, StaticKeys(dict(KeySet([key]).as_dict(private=False))))
    claims = {"iss": ISSUER, "aud": [AUDIENCE, "x"], "sub": "per_1", "role": "officer", "exp": NOW + HOURS}
    for header in ({"alg": algorithm, "kid": "k"}, {"alg": algorithm}):
        token = jwt.encode(dict(header), claims, key, algorithms=[algorithm])
        assert (await verifier.caller(f"Bearer {token}")).role is Role.OFFICER


class Issuer:
    """An issuer's JWKS address that counts its readers and can go away."""

    def __init__(self) -> None:
        self.issuers = [ISSUED]
        self.reads = 0
        self.away = False
        self.hangs = False
        self.now = 0.0
        transport = httpx.MockTransport(self._answer)
        self.source = JwksKeys(ISSUER, transport=transport, monotonic=lambda: self.now)
        self.verifier = TokenVerifier(ISSUER, AUDIENCE, self.source)

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        assert str(request.url) == f"{ISSUER}/jwks"
        self.reads += 1
        if self.hangs:
            await asyncio.Event().wait()
        if self.away:
            raise httpx.ConnectError("refused")
        return httpx.Response(200, json={"keys": [key for i in self.issuers for key in i.jwks()["keys"]]})


async def test_keys_are_read_when_first_needed_and_kept_ten_minutes() -> None:
    issuer = Issuer()
    token = f"Bearer {ISSUED.token()}"
    assert issuer.reads == 0
    for _ in range(5):
        await issuer.verifier.caller(token)
    assert issuer.reads == 1
    issuer.now = 599.0
    await issuer.verifier.caller(token)
    assert issuer.reads == 1
    issuer.now = 601.0
    await issuer.verifier.caller(token)
    assert issuer.reads == 1, "the keys that are there are used at once"
    await eventually(lambda: issuer.reads == 2, what="the keys are read again beside that")
    for _ in range(5):
        await issuer.verifier.caller(token)
    assert issuer.reads == 2


async def test_an_issuer_that_hangs_keeps_nobody_waiting_whose_key_is_known() -> None:
    issuer = Issuer()
    token = f"Bearer {ISSUED.token()}"
    await issuer.verifier.caller(token)
    issuer.hangs, issuer.now = True, 601.0
    async with asyncio.timeout(1):
        await issuer.verifier.caller(token)


async def test_a_new_key_is_found_and_forged_key_ids_are_no_load_on_the_issuer() -> None:
    issuer = Issuer()
    await issuer.verifier.caller(f"Bearer {ISSUED.token()}")
    new = TestIssuer(kid="test-2")
    issuer.issuers.append(new)
    issuer.now = 11.0
    assert (await issuer.verifier.caller(f"Bearer {new.token()}")).subject == "per_1"
    assert issuer.reads == 2
    for _ in range(20):
        assert "does not publish" in await refused(f"Bearer {ISSUED.token(kid='forged')}", issuer.verifier)
    assert issuer.reads == 2
    issuer.now = 22.0
    await refused(f"Bearer {ISSUED.token(kid='forged')}", issuer.verifier)
    assert issuer.reads == 3


async def test_an_issuer_that_is_away_is_a_503_without_keys_and_no_matter_with_them() -> None:
    issuer = Issuer()
    issuer.away = True
    with pytest.raises(Away):
        await issuer.verifier.caller(f"Bearer {ISSUED.token()}")
    issuer.away = False
    issuer.now = 1.0
    await issuer.verifier.caller(f"Bearer {ISSUED.token()}")
    issuer.away = True
    issuer.now = 700.0
    assert (await issuer.verifier.caller(f"Bearer {ISSUED.token()}")).subject == "per_1"
