"""What only real servers can show. Collected where there are some; the header of the report says so where not.

Records are published and members killed by the dozen here: the members' own log lines are left out.
"""

from tests.unit.messaging.conftest import quiet

__all__ = ["quiet"]
