"""Searches and their reasons, for officers."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field
from starlette.responses import JSONResponse

from services.matching.application.explain_candidate import explain_candidate
from services.matching.application.list_searches import list_searches
from services.matching.application.read_search import read_search
from services.matching.application.stores import Stores
from services.matching.domain.search import Search
from services.matching.entrypoints.http import examples
from services.matching.entrypoints.http.reading import Asked, ByPosition, ByRequest, PathId
from shared.contracts.events.searches import Stage
from shared.runtime.http.answers import page_of, shows
from shared.runtime.http.commands import shown
from shared.runtime.http.paging import Listed, listed
from shared.runtime.identity import Caller, Role, allow
from shared.store import Stored

_officer = allow(Role.OFFICER)


class EvidenceView(BaseModel):
    """What a part's points rest on: the passage of the request, the line of the profile."""

    asked: str
    held: str


class PartView(BaseModel):
    """One part of the score."""

    part: str
    points: int = Field(description="thousandths of a point")
    of: int = Field(description="the most this part can give, thousandths of a point")
    evidence: list[EvidenceView]


class CandidateView(BaseModel):
    """Somebody on the list."""

    expert_id: str
    rank: int
    score: int = Field(description="thousandths of a point, at most 100,000")
    band: int = Field(description="people of one band count as equal; inside, turns decide")
    parts: list[PartView]
    warnings: list[dict[str, Any]]


class ExclusionView(BaseModel):
    """Why somebody is not on the list."""

    code: str
    sentence: str
    values: dict[str, str]


class SearchLine(BaseModel):
    """A search in short."""

    search_id: str
    version: int
    stage: Stage
    request_id: str
    position_id: str | None
    created_on: date
    considered: int
    suitable: int
    emptied_by: dict[str, int] = Field(description="rule -> experts it left out, most first")


class SearchView(SearchLine):
    """A search with all its reasons."""

    requirement: dict[str, Any]
    candidates: list[CandidateView]
    exclusions: dict[str, list[ExclusionView]] = Field(description="expert id -> every rule that failed")
    relaxations: list[dict[str, Any]] = Field(description="for an empty list: one change and whom it alone would bring")
    algorithm_version: str
    inputs_digest: str


class Explanation(BaseModel):
    """Why an expert is, or is not, on a list."""

    search_id: str
    expert_id: str
    on_the_list: bool
    rank: int | None = Field(None, description="null off the list")
    score: int | None = Field(None, description="thousandths of a point, the sum of the parts; null off the list")
    parts: list[PartView]
    exclusions: list[ExclusionView]


def line(stored: Stored[Search]) -> SearchLine:
    """A search in short."""
    return SearchLine(**_line(stored))


def _line(stored: Stored[Search]) -> dict[str, Any]:
    search = stored.state
    return {
        "search_id": search.search_id,
        "version": stored.version,
        "stage": search.stage,
        "request_id": search.requirement.request_id,
        "position_id": search.requirement.position_id,
        "created_on": search.created_on,
        "considered": search.ranking.considered,
        "suitable": search.ranking.suitable,
        "emptied_by": search.ranking.emptied_by,
    }


def part_view(part: Any) -> PartView:
    """One part of a score with what it rests on."""
    held = [EvidenceView(asked=e.asked, held=e.found) for e in part.evidence]
    return PartView(part=part.part, points=part.points, of=part.of, evidence=held)


def exclusion_view(exclusion: Any) -> ExclusionView:
    """One failed rule with its sentence."""
    return ExclusionView(code=exclusion.code, sentence=exclusion.sentence, values=exclusion.values)


def view(stored: Stored[Search]) -> SearchView:
    """A search with all its reasons."""
    ranking = stored.state.ranking
    return SearchView(
        **_line(stored),
        requirement=stored.state.requirement.model_dump(mode="json"),
        candidates=[
            CandidateView(
                expert_id=c.expert_id,
                rank=c.rank,
                score=c.score,
                band=c.band,
                parts=[part_view(p) for p in c.parts],
                warnings=[{"code": w.code, "sentence": w.sentence, "values": w.values} for w in c.warnings],
            )
            for c in ranking.candidates
        ],
        exclusions={id_: [exclusion_view(e) for e in reasons] for id_, reasons in ranking.exclusions},
        relaxations=[{"code": r.code, "sentence": r.sentence, "would_pass": r.would_pass} for r in ranking.relaxations],
        algorithm_version=ranking.algorithm_version,
        inputs_digest=ranking.inputs_digest,
    )


def searches_router(stores: Stores) -> APIRouter:
    """GET /searches, /searches/{id}, /searches/{id}/candidates/{expert_id}."""
    router = APIRouter(tags=["searches"])

    @router.get(
        "/searches",
        summary="Searches, newest first",
        description="In short: how many were considered, how many suit, which rules left out how many.",
        response_model=Listed[SearchLine],
        responses=shows(page_of(examples.SEARCH_LINE), etag=False),
    )
    async def find(
        part: Asked,
        _caller: Annotated[Caller, Depends(_officer)],
        request_id: ByRequest = None,
        position_id: ByPosition = None,
        stage: Annotated[
            Stage | None,
            Query(description="indicative: for a request; binding: for a position of final terms of reference"),
        ] = None,
    ) -> Listed[SearchLine]:
        asked = {"request_id": request_id, "position_id": position_id, "stage": stage}
        return listed(await list_searches(stores.searches, asked, part), line)

    @router.get(
        "/searches/{search_id}",
        summary="A search with every point and every exclusion",
        description="The id of an indicative search is its request's, that of the first binding one its position's; "
        "those made again have ids of their own, the latest of which the position names.",
        response_model=SearchView,
        responses=shows(examples.SEARCH_VIEW, 404),
    )
    async def read(search_id: PathId, _caller: Annotated[Caller, Depends(_officer)]) -> JSONResponse:
        return shown(await read_search(stores.searches, search_id), view)

    @router.get(
        "/searches/{search_id}/candidates/{expert_id}",
        summary="Why this expert",
        description="Or why not: every part of the score with what it rests on, or every rule that left them out. "
        "Experts read why they were asked at their offer.",
        responses=shows(examples.EXPLANATION, 404, etag=False),
    )
    async def explain(
        search_id: PathId, expert_id: PathId, _caller: Annotated[Caller, Depends(_officer)]
    ) -> Explanation:
        found = await explain_candidate(stores, search_id, expert_id)
        listed_as = found.candidate
        return Explanation(
            search_id=search_id,
            expert_id=expert_id,
            on_the_list=listed_as is not None,
            rank=listed_as.rank if listed_as else None,
            score=listed_as.score if listed_as else None,
            parts=[part_view(p) for p in listed_as.parts] if listed_as else [],
            exclusions=[exclusion_view(e) for e in found.exclusions],
        )

    return router
