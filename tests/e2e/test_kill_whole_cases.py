"""`kill -9` of every service between approval and complete teams."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support import kills

pytestmark = [pytest.mark.embedded, pytest.mark.long, pytest.mark.stand_ins]  # on real servers: make chaos


@pytest.mark.timeout(240)
async def test_whole_cases_survive_kills(tmp_path: Path, record_property: Callable[[str, object], None]) -> None:
    """Each service is killed once. The seed is printed; ENTENTE_SEED=<seed> makes the same load and kills."""
    plan = kills.Plan(seed=kills.seed_of_run(), requests=6, kills_per_service=1, whole_cases=3, experts=60)
    record_property("seed", plan.seed)
    made = await kills.run(plan, tmp_path)
    sys.stdout.write(f"seed {plan.seed}: {made.figures}\n")
    replay = f"ENTENTE_SEED={plan.seed}, logs in {tmp_path}/logs"
    assert not made.wrong, f"{len(made.wrong)} wrong ({replay}):\n" + "\n".join(made.wrong[:20])
    assert sum(made.figures["positions"].values()) == 2 * plan.whole_cases
