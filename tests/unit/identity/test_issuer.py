"""The development issuer: its tokens verify, its key stays, bad input is explained."""

from __future__ import annotations

import json
import stat
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from deploy.identity.http import BODY_LIMIT_BYTES, app_for
from deploy.identity.tokens import KEY_FILE, Issuer
from shared.clock import ManualClock
from tests.component.runtime.test_problems import problem

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
        ('{"role": "king", "subject": "p"}', "/role", "'institution', 'expert', 'officer' or 'operator'"),
        ('{"role": "expert"}', "/subject", "it is missing"),
        ('{"role": "expert", "subject": "  "}', "/subject", "fewer than 1 character"),
        (f'{{"role": "expert", "subject": "{"p" * 81}"}}', "/subject", "more than 80 characters"),
        ('{"role": "expert", "subject": "a\u00a0b"}', "/subject", "cannot be printed"),
        ('{"role": "expert", "subject": "p", "expert_id": "e\\tx"}', "/expert_id", "cannot be printed"),
        ('{"role": "expert", "subject": "p", "admin": true}', "/admin", "no such field"),
        (
            '{"role": "expert", "subject": "p", "lifetime_seconds": 0}',
            "/lifetime_seconds",
            "less than 1",
        ),
        ("", "", "there is no body"),
        ("[]", "", "not an object"),
    ],
)
async def test_bad_input_is_refused_with_a_sentence(
    client: httpx.AsyncClient, body: str, pointer: str, sentence: str
) -> None:
    answer = await client.post("/tokens", content=body, headers={"Content-Type": "application/json"})
    told = problem(answer, 422)
    assert sentence in told["detail"]
    assert told["faults"][0]["pointer"] == pointer
    assert told["faults"][0]["mend"]


JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    ("method", "path", "content", "headers", "status"),
    [
        ("POST", "/tokens", b'{"role": "expert", ', JSON, 400),
        ("POST", "/tokens", b'{"role": "expert", "subject": "\xff"}', JSON, 400),
        ("GET", "/token", None, {}, 404),
        ("GET", "/tokens", None, {}, 405),
        ("GET", "/jwks?kid=1", None, {}, 422),
        ("POST", "/tokens", b"x" * (BODY_LIMIT_BYTES + 1), JSON, 413),
        ("POST", "/tokens", b"role=expert", {"Content-Type": "application/x-www-form-urlencoded"}, 415),
    ],
)
async def test_every_refusal_is_a_problem_as_in_every_service(
    client: httpx.AsyncClient, method: str, path: str, content: bytes | None, headers: dict[str, str], status: int
) -> None:
    told = problem(await client.request(method, path, content=content, headers=headers), status)
    assert told["correlation_id"]


async def test_a_body_that_is_streamed_is_cut_off_at_the_limit(client: httpx.AsyncClient) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent < 100 * BODY_LIMIT_BYTES:
            sent += 1000
            yield b" " * 1000

    problem(await client.post("/tokens", content=endless(), headers=JSON), 413)
    assert sent <= 2 * BODY_LIMIT_BYTES


async def test_a_fault_of_ours_tells_nothing_of_the_inside(
    client: httpx.AsyncClient, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(issuer, "token", lambda *_, **__: 1 / 0)
    told = problem(await client.post("/tokens", json={"role": "officer", "subject": "p"}), 500)
    assert "zero" not in str(told)


async def test_its_page_and_its_refusals_are_documented(client: httpx.AsyncClient) -> None:
    assert (await client.get("/docs")).status_code == 200
    document = (await client.get("/openapi.json")).json()
    told = document["paths"]["/tokens"]["post"]["responses"]
    assert {"400", "413", "415", "422", "500"} <= set(told)
    (media_type, body), *others = told["422"]["content"].items()
    assert (media_type, others) == ("application/problem+json", [])
    assert body["schema"] == {"$ref": "#/components/schemas/ProblemBody"}
