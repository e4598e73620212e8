"""The development issuer: its tokens verify, its key stays, bad input is explained."""

from __future__ import annotations

import json
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from deploy.identity.http import app_for
from deploy.identity.tokens import KEY_FILE, Issuer
from shared.clock import ManualClock

URL = "http://127.0.0.1:20001"
NOON = datetime(2026, 3, 4, 12, 0, 0, 500_000, tzinfo=UTC)


@pytest.fixture
def issuer(tmp_path: Path) -> Issuer:
    return Issuer(tmp_path, URL, clock=ManualClock(NOON))


@pytest.fixture
async def client(issuer: Issuer) -> Any:
    transport = httpx.ASGITransport(app_for(issuer))
    async with httpx.AsyncClient(transport=transport, base_url=URL) as client:
        yield client


def verified(token: str, keys: dict[str, Any]) -> dict[str, Any]:
    """The claims, as somebody who knows only the published keys reads them."""
    return jwt.decode(token, KeySet.import_key_set(json.loads(json.dumps(keys))), algorithms=["ES256"]).claims


def test_a_token_verifies_against_the_published_keys_and_says_who_calls(issuer: Issuer) -> None:
    signed = issuer.token("institution", "person-1", institution_id="inst-1", lifetime=timedelta(minutes=5))
    claims = verified(signed.access_token, issuer.jwks())
    noon = int(NOON.timestamp())
    assert claims.pop("jti")
    assert claims == {
        "iss": URL,
        "aud": "entente",
        "sub": "person-1",
        "role": "institution",
        "institution_id": "inst-1",
        "iat": noon,
        "nbf": noon,
        "exp": noon + 300,
    }
    assert signed.expires_at == NOON.replace(microsecond=0) + timedelta(minutes=5)


def test_published_keys_contain_nothing_private(issuer: Issuer) -> None:
    (key,) = issuer.jwks()["keys"]
    assert set(key) == {"kty", "crv", "x", "y", "kid", "use", "alg"}


def test_the_key_survives_a_restart_and_only_its_owner_may_read_it(issuer: Issuer, tmp_path: Path) -> None:
    before = issuer.token("expert", "person-2").access_token
    (tmp_path / KEY_FILE).chmod(0o644)
    again = Issuer(tmp_path, URL)
    assert again.jwks() == issuer.jwks()
    assert verified(before, again.jwks())["sub"] == "person-2"
    assert stat.S_IMODE((tmp_path / KEY_FILE).stat().st_mode) == 0o600
    assert [file.name for file in tmp_path.iterdir()] == [KEY_FILE]


def test_issuers_started_at_once_on_one_directory_share_a_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        keys = list(pool.map(lambda _: Issuer(tmp_path / "new", URL).jwks(), range(8)))
    assert all(key == keys[0] for key in keys)


def test_another_directory_has_another_key(issuer: Issuer, tmp_path: Path) -> None:
    other = Issuer(tmp_path / "other", URL)
    with pytest.raises(JoseError):
        verified(issuer.token("expert", "person-2").access_token, other.jwks())


@pytest.mark.parametrize("content", ["", "{}", "not json", '{"kty": "oct", "k": "c2VjcmV0"}', '["a"]'])
def test_a_spoilt_key_file_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / KEY_FILE).write_text(content)
    with pytest.raises(ValueError, match=KEY_FILE):
        Issuer(tmp_path, URL)


def test_tests_can_mint_expired_and_foreign_tokens(issuer: Issuer) -> None:
    token = issuer.token(
        "officer", "p", lifetime=timedelta(seconds=-1), claims={"iss": "http://elsewhere", "aud": None}
    )
    claims = verified(token.access_token, issuer.jwks())
    assert claims["exp"] == int(NOON.timestamp()) - 1
    assert claims["iss"] == "http://elsewhere"
    assert "aud" not in claims


async def test_discovery_leads_to_the_keys(client: httpx.AsyncClient, issuer: Issuer) -> None:
    found = (await client.get("/.well-known/openid-configuration")).json()
    assert found["issuer"] == URL
    assert (await client.get(found["jwks_uri"])).json() == issuer.jwks()


async def test_a_token_is_bound_to_a_contact(client: httpx.AsyncClient, issuer: Issuer) -> None:
    wanted = {"role": "officer", "subject": "person-4", "contact_id": "stf-1"}
    claims = verified((await client.post("/tokens", json=wanted)).json()["access_token"], issuer.jwks())
    assert (claims["sub"], claims["contact_id"]) == ("person-4", "stf-1")


async def test_a_token_by_http(client: httpx.AsyncClient, issuer: Issuer) -> None:
    wanted = {"role": "expert", "subject": "person-3", "expert_id": "exp-1", "lifetime_seconds": 60}
    answer = await client.post("/tokens", json=wanted)
    assert answer.status_code == 200
    body = answer.json()
    assert (body["token_type"], body["expires_at"]) == ("Bearer", "2026-03-04T12:01:00Z")
    claims = verified(body["access_token"], issuer.jwks())
    assert (claims["sub"], claims["role"], claims["expert_id"]) == ("person-3", "expert", "exp-1")
    assert "institution_id" not in claims


@pytest.mark.parametrize(
    ("body", "pointer", "sentence"),
    [
        ('{"role": "king", "subject": "p"}', "/role", "must be one of institution, expert, officer, operator"),
        ('{"role": "expert"}', "/subject", "`subject` is missing"),
        ('{"role": "expert", "subject": "  "}', "/subject", "at least 1 character"),
        ('{"role": "expert", "subject": "p", "admin": true}', "/admin", "is not known here"),
        (
            '{"role": "expert", "subject": "p", "lifetime_seconds": 0}',
            "/lifetime_seconds",
            "greater than or equal to 1",
        ),
        ('{"role": "expert", ', "", "not valid JSON"),
        ("", "", "body is missing"),
        ("[]", "", "The body:"),
    ],
)
async def test_bad_input_is_refused_with_a_sentence(
    client: httpx.AsyncClient, body: str, pointer: str, sentence: str
) -> None:
    answer = await client.post("/tokens", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert sentence in problem["detail"]
    assert problem["errors"][0]["pointer"] == pointer
