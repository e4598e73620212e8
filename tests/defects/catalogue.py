"""Every known defect. A new one is added where its code lives; its name is what `--only` takes."""

from __future__ import annotations

from tests.defects.in_interfaces import DEFECTS as IN_INTERFACES
from tests.defects.in_matching import DEFECTS as IN_MATCHING
from tests.defects.in_messaging import DEFECTS as IN_MESSAGING
from tests.defects.in_notifications import DEFECTS as IN_NOTIFICATIONS
from tests.defects.in_offers import DEFECTS as IN_OFFERS
from tests.defects.in_parking import DEFECTS as IN_PARKING
from tests.defects.in_real import DEFECTS as IN_REAL
from tests.defects.in_registration import DEFECTS as IN_REGISTRATION
from tests.defects.in_store import DEFECTS as IN_STORE
from tests.defects.in_terminal import DEFECTS as IN_TERMINAL

DEFECTS = (
    *IN_MESSAGING,
    *IN_PARKING,
    *IN_STORE,
    *IN_OFFERS,
    *IN_MATCHING,
    *IN_REGISTRATION,
    *IN_NOTIFICATIONS,
    *IN_INTERFACES,
    *IN_TERMINAL,
)

ON_REAL_SERVERS = IN_REAL
"""Those that need a real cluster; `--real`."""
