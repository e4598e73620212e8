"""FOR DEVELOPMENT ONLY: the issuer over HTTP."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from deploy.identity.tokens import ALGORITHM, DEFAULT_LIFETIME, Issuer, TokenRole

LONGEST = timedelta(days=30)
Identifier = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class TokenRequest(BaseModel):
    """Who the token is for."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"role": "officer", "subject": "sample-officer-1"}]},
    )

    role: TokenRole = Field(description="What the caller may be.")
    subject: Identifier = Field(description="The person's id.")
    institution_id: Identifier | None = Field(default=None, description="Binds the token to an institution.")
    expert_id: Identifier | None = Field(default=None, description="Binds the token to an expert.")
    contact_id: Identifier | None = Field(
        default=None, description="Binds the token to a contact, whose inbox it opens; the subject's when not given."
    )
    lifetime_seconds: int = Field(
        default=int(DEFAULT_LIFETIME.total_seconds()),
        ge=1,
        le=int(LONGEST.total_seconds()),
        description="Seconds until it expires: 1 to 2592000 (30 days); 28800 (8 hours) when not given.",
    )


class TokenAnswer(BaseModel):
    """A signed token, to be sent as `Authorization: Bearer …`."""

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - a word of RFC 6750
    expires_at: datetime = Field(description="From this instant (UTC) it is refused.")


def app_for(issuer: Issuer) -> FastAPI:
    """The application that answers for `issuer`."""
    app = FastAPI(title="Entente's development issuer", description="**For development only**: any role to anybody.")
    app.add_exception_handler(RequestValidationError, _refuse)

    @app.get("/.well-known/openid-configuration", summary="Where the keys are")
    async def configuration() -> dict[str, Any]:
        return {
            "issuer": issuer.url,
            "jwks_uri": f"{issuer.url}/jwks",
            "token_endpoint": f"{issuer.url}/tokens",
            "id_token_signing_alg_values_supported": [ALGORITHM],
            "subject_types_supported": ["public"],
            "response_types_supported": ["token"],
        }

    @app.get("/jwks", summary="The public key")
    async def jwks() -> dict[str, Any]:
        return issuer.jwks()

    refused: dict[int | str, dict[str, Any]] = {
        422: {"description": "What is wrong, as problem+json", "content": {"application/problem+json": {}}}
    }

    @app.post("/tokens", summary="A token for any role and subject", responses=refused)
    async def tokens(wanted: TokenRequest) -> TokenAnswer:
        signed = issuer.token(
            wanted.role,
            wanted.subject,
            institution_id=wanted.institution_id,
            expert_id=wanted.expert_id,
            contact_id=wanted.contact_id,
            lifetime=timedelta(seconds=wanted.lifetime_seconds),
        )
        return TokenAnswer(access_token=signed.access_token, expires_at=signed.expires_at)

    return app


async def _refuse(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    faults = [_fault(found) for found in error.errors()]
    problem = {
        "type": "about:blank",
        "title": "The token cannot be made",
        "status": 422,
        "detail": " ".join(fault["detail"] for fault in faults),
        "errors": faults,
    }
    return JSONResponse(problem, status_code=422, media_type="application/problem+json")


def _fault(found: dict[str, Any]) -> dict[str, str]:
    """One validation error as a sentence that names the field."""
    place = [str(part) for part in found["loc"][1:]]
    pointer = "/" + "/".join(place) if place and found["type"] != "json_invalid" else ""
    field = f"`{'.'.join(place)}`"
    kinds = {
        "json_invalid": "The body is not valid JSON: send an object such as "
        '{"role": "officer", "subject": "sample-officer-1"}.',
        "missing": f"{field} is missing." if place else "The body is missing: send a JSON object.",
        "extra_forbidden": f"{field} is not known here; known are {', '.join(TokenRequest.model_fields)}.",
        "enum": f"{field} must be one of {', '.join(TokenRole)}.",
    }
    said = str(found["msg"])
    sentence = kinds.get(found["type"], f"{field if place else 'The body'}: {said[:1].lower()}{said[1:]}.")
    return {"pointer": pointer, "detail": sentence}
