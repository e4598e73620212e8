"""Terms with every text full, in a script of three bytes a letter: edited all day under keys, then made final."""

from __future__ import annotations

from services.registration.domain.policy import POSITIONS_MOST
from services.registration.entrypoints.http import examples
from shared.store.size import size_of
from tests.component.registration.front import Body, Front

EDITS = 120
LONG, SHORT = "务" * 5000, ["务" * 500] * 20


def full(n: int) -> Body:
    """Terms whose texts are as long as they may be."""
    title = f"{n:03d}{'务' * 197}"
    first, other = examples.POSITIONS
    texts = {"required": SHORT, "desired": SHORT, "tasks": LONG}
    positions = [{**first, **texts}, *({**other, **texts, "number": n} for n in range(2, POSITIONS_MOST + 1))]
    deliverable = {"name": title, "language": "en", "author_position": 1}
    return {
        "activity": {**examples.ACTIVITY, "title": title},
        "positions": positions,
        "background": LONG,
        "objectives": LONG,
        "deliverables": [deliverable] * 20,
    }


async def test_full_terms_are_edited_120_times_under_keys_and_made_final(front: Front) -> None:
    terms = await front.terms()
    path = f"/terms-of-reference/{terms['id']}"
    for n in range(EDITS):
        key = {"If_Match": f'"{n + 1}"', "Idempotency_Key": f"edit-{n}"}
        answer = await front.call("PUT", path, front.officer, full(n), **key)
        assert answer.status_code == 200, (n, answer.text[:300])
    repeat = await front.call("PUT", path, front.officer, full(EDITS - 1), **key)
    assert (repeat.status_code, repeat.json()) == (200, answer.json())
    old = {"If_Match": '"1"', "Idempotency_Key": "edit-0"}
    let_go = await front.call("PUT", path, front.officer, full(0), **old)
    assert (let_go.status_code, let_go.json()["type"].rpartition(":")[2]) == (409, "idempotency-answer-let-go")
    document = await front.service.stores["terms_of_reference"].documents.get(terms["id"])
    assert document is not None
    assert size_of(document["state"]) > 340_000
    assert size_of(document) < 1_500_000
    newest = {"If_Match": answer.headers["etag"], "Idempotency_Key": "final"}
    final = await front.done("POST", f"{path}/finalisation", front.officer, **newest)
    assert final["status"] == "final"
    await front.bus.settle()
    assert front.bus.types("registration.terms_of_reference") == ["tor.drafted", "tor.finalised"]
