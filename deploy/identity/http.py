"""FOR DEVELOPMENT ONLY: the issuer over HTTP."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from fastapi import Depends, FastAPI
from fastapi.exceptions import RequestValidationError
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware

from deploy.identity.tokens import ALGORITHM, DEFAULT_LIFETIME, Issuer, TokenRole
from shared.errors import Problem, Unfit
from shared.runtime.http.bodies import Bodies
from shared.runtime.http.docs import add_docs
from shared.runtime.http.middleware import Correlated, Headed, LastResort
from shared.runtime.http.openapi import complete
from shared.runtime.http.problems import on_http, on_invalid, on_problem
from shared.runtime.http.queries import known_queries
from shared.runtime.identity import LONGEST_ID, is_id

BODY_LIMIT_BYTES = 10_000
"""Who a token is for fits into a tenth of it."""
LONGEST = timedelta(days=30)


def _as_services_take_it(id_: str) -> str:
    """No token is signed that each of them refuses; the length is looked at before."""
    if not is_id(id_):
        raise Unfit("holds a character that cannot be printed, such as a no-break space", "Use printable characters.")
    return id_


Identifier = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_ID),
    AfterValidator(_as_services_take_it),
]


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
    """The application that answers for `issuer`; it refuses as every service does."""
    app = FastAPI(
        title="Entente's development issuer",
        description="**For development only**: any role to anybody.",
        redirect_slashes=False,
        docs_url=None,
        redoc_url=None,
        middleware=[
            Middleware(Headed),
            Middleware(Correlated, service="identity"),
            Middleware(LastResort),
            Middleware(Bodies, limit=BODY_LIMIT_BYTES),
        ],
        dependencies=[Depends(known_queries)],
        exception_handlers={Problem: on_problem, RequestValidationError: on_invalid, HTTPException: on_http},
    )

    @app.get(
        "/.well-known/openid-configuration",
        summary="Where the keys are",
        description="OpenID Connect Discovery, as far as this issuer goes.",
    )
    async def configuration() -> dict[str, Any]:
        return {
            "issuer": issuer.url,
            "jwks_uri": f"{issuer.url}/jwks",
            "token_endpoint": f"{issuer.url}/tokens",
            "id_token_signing_alg_values_supported": [ALGORITHM],
            "subject_types_supported": ["public"],
            "response_types_supported": ["token"],
        }

    @app.get("/jwks", summary="The public key", description="A set of keys as RFC 7517 writes it.")
    async def jwks() -> dict[str, Any]:
        return issuer.jwks()

    @app.post(
        "/tokens",
        summary="A token for any role and subject",
        description="Nothing is kept: the same call gives another token, and none is taken back before it expires.",
    )
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

    add_docs(app)
    complete(app)
    return app
