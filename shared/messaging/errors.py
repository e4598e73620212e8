"""What a handler may raise to say what is to be done, and what messaging itself reports."""

from __future__ import annotations

from shared.errors import Away


class Permanent(Exception):
    """This event can never be handled as it is: it is parked at once, with the reason."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Transient(Exception):
    """Handling this event may work in a moment: it is tried again a few times, then parked."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Stopped(Exception):
    """Something is wrong with more than one event: the consumer stops, commits nothing further and turns red."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class BrokerAway(Away):
    """Kafka did not confirm. The record may or may not be there; publishing it again is safe."""

    kind, title = "broker-away", "The broker is not reachable at the moment"


class LotFull(Away):
    """The parking lot has no room for more events of one key. Nothing of this try was kept; it may be repeated, and
    works once an operator has redriven or discarded some."""

    kind, title = "parking-lot-full", "The parking lot has no room for more events of a key"

    def __init__(self, id_: str, key: str) -> None:
        super().__init__(
            f"the parking lot has no room for more events of {key[:80]}",
            mend=f"entente parked show {id_}; then redrive or discard what blocks it.",
        )


class Refused(Exception):
    """Kafka does not have the record and will not take it as it is, however often it is tried."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
