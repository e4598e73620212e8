"""The FastAPI application every service starts from: problems, body checks, correlation, metrics, health."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Depends, FastAPI, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware

from shared import __version__
from shared.errors import Problem
from shared.runtime.health import Checks, health_router
from shared.runtime.http.bodies import Bodies
from shared.runtime.http.docs import add_docs
from shared.runtime.http.middleware import Correlated, Headed, LastResort, Measured
from shared.runtime.http.openapi import complete
from shared.runtime.http.problems import on_http, on_invalid, on_problem
from shared.runtime.http.queries import known_queries
from shared.runtime.identity import TokenVerifier
from shared.runtime.metrics import CONTENT_TYPE, Metrics
from shared.runtime.settings import Settings

EXAMPLE = (
    "# HELP entente_outbox_depth Documents with announcements not yet confirmed\n# TYPE entente_outbox_depth gauge\n"
)


def create_app(
    service_name: str,
    description: str,
    settings: Settings,
    metrics: Metrics,
    checks: Checks,
    *,
    verifier: TokenVerifier,
    routers: Sequence[APIRouter] = (),
    tags: Sequence[dict[str, Any]] = (),
) -> FastAPI:
    """The application of one service with its `routers`, plus /health/live, /health/ready, /metrics, /docs and
    /openapi.json. Every error it answers with is an application/problem+json; nothing of the inside is told.

    `verifier` tells who calls; it is kept in `app.state.verifier`.
    """
    app = FastAPI(
        title=f"Entente {service_name}",
        description=description,
        version=__version__,
        openapi_tags=list(tags) or None,
        redirect_slashes=False,
        docs_url=None,
        redoc_url=None,
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
        middleware=[
            Middleware(Headed),
            Middleware(Correlated, service=service_name),
            Middleware(Measured, metrics=metrics),
            Middleware(LastResort),
            Middleware(Bodies, limit=settings.body_limit_bytes),
        ],
        dependencies=[Depends(known_queries)],
        exception_handlers={Problem: on_problem, RequestValidationError: on_invalid, HTTPException: on_http},
    )
    app.state.verifier = verifier
    app.include_router(health_router(service_name, checks))
    app.include_router(_metrics_router(metrics))
    for router in routers:
        app.include_router(router)
    add_docs(app)
    complete(app)
    return app


def _metrics_router(metrics: Metrics) -> APIRouter:
    router = APIRouter(tags=["operations"])

    @router.get(
        "/metrics",
        summary="Metrics in Prometheus' text format",
        description="Every metric with its type and meaning; the reference page lists them.",
        response_class=Response,
        response_model=None,
        responses={200: {"content": {"text/plain": {"schema": {"type": "string"}, "example": EXAMPLE}}}},
    )
    async def read_metrics() -> Response:
        return Response(metrics.render(), media_type=CONTENT_TYPE)

    return router
