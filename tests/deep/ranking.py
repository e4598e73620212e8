"""One ranking of a large sample roster, as a digest of its bytes.

python -m tests.deep.ranking --experts N --seed S --order K

The digest must not depend on K, the order in which the roster comes, nor on the process and its PYTHONHASHSEED.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import sys
import time
from typing import Any

from pydantic import TypeAdapter

from services.matching.domain.affinity import TextModel
from services.matching.domain.ranking import Ranking, rank
from tests.unit.matching.samples import POLICY, TODAY, binding, roster


def digest(experts: int, seed: int, order: int) -> dict[str, Any]:
    """SHA-256 over every byte of the answer, how many are suitable, and the seconds the ranking took."""
    lines = list(roster(experts, seed))
    random.Random(order).shuffle(lines)
    policy = POLICY.model_copy(update={"threshold": 30})
    requirement = binding(themes=("A", "B"), min_years=3, origin_rule="any")
    model = TextModel.fit(line.expert for line in lines)
    began = time.perf_counter()
    found = rank(requirement, lines, policy, TODAY, model)
    seconds = time.perf_counter() - began
    answer = TypeAdapter(Ranking).dump_json(found)
    return {"digest": hashlib.sha256(answer).hexdigest(), "suitable": found.suitable, "seconds": round(seconds, 3)}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.deep.ranking")
    for name in ("--experts", "--seed", "--order"):
        parser.add_argument(name, type=int, required=True)
    given = parser.parse_args()
    sys.stdout.write(json.dumps(digest(given.experts, given.seed, given.order)) + "\n")
