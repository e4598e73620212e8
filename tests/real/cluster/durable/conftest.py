"""What only a cluster of three can show of planted defects, collected on the one that ENTENTE_CLUSTER names.

`make defects REAL=1` starts it. With their elections these tests alone take minutes: no part of `make test-real`.
"""

import os

from tests.support.cluster_of_three import cluster_of_three
from tests.unit.messaging.conftest import quiet

__all__ = ["cluster_of_three", "quiet"]

collect_ignore_glob = [] if os.environ.get("ENTENTE_CLUSTER") else ["test_*.py"]
