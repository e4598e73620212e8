"""Sample positions on their way: opened, with an approved list, with an open offer."""

from __future__ import annotations

from datetime import timedelta

from services.matching.domain.offering import offer
from services.matching.domain.position import Position, ShortlistLine
from services.matching.domain.shortlisting import approve_shortlist, begin_search, shortlisted
from tests.unit.matching.samples import NOON, binding

DUE = NOON + timedelta(days=7)


def blank() -> Position:
    return Position(
        position_id="pos_1",
        tor_id="tor_1",
        action_id="acn_1",
        action_code="2030-01",
        activity_id="act_1",
        request_id="req_1",
        institution_id="ins_asks",
        country="NG",
        title="Sample",
        number=1,
        requirement=binding(),
    )


def lines(*experts: str) -> tuple[ShortlistLine, ...]:
    return tuple(ShortlistLine(expert_id=e, rank=n, score=90_000 - n) for n, e in enumerate(experts, 1))


def approved(*experts: str) -> Position:
    position, _ = begin_search(blank())
    position, _ = shortlisted(position, "sea_1", lines(*experts), NOON)
    position, _ = approve_shortlist(position, "off_sir", NOON)
    return position


def offered(*experts: str) -> Position:
    return offer(approved(*experts), experts[0], "off_1", NOON, DUE)[0]
