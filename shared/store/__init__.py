"""One document per decision: load, decide, compare-and-set; with outbox, duplicate guard, answers and deadlines.

`Store.change` is the way in. `Documents` is the port to a database, with a MongoDB adapter and a twin in memory.
"""

from shared.store.announced import Announced
from shared.store.causes import Answer, Cause, Command, DeadlinePassed, Happened, Origin, Step
from shared.store.deadlines import Alarm, Deadlines
from shared.store.document import Decision, Kind, OfCase, Outcome, Page, Restated, Stored, Tombstone
from shared.store.documents import Documents
from shared.store.errors import AnswerLetGo, KeyReused, ObjectTooLarge, SequenceGap, StoreAway, StoreFault, TooManyKeys
from shared.store.forgetting import Forgetting
from shared.store.memory import MemoryDocuments
from shared.store.mongo import MongoDocuments
from shared.store.part import Filters, Part, everybody, existing, find_part, find_seen
from shared.store.store import Store

__all__ = [
    "Alarm",
    "Announced",
    "Answer",
    "AnswerLetGo",
    "Cause",
    "Command",
    "DeadlinePassed",
    "Deadlines",
    "Decision",
    "Documents",
    "Filters",
    "Forgetting",
    "Happened",
    "KeyReused",
    "Kind",
    "MemoryDocuments",
    "MongoDocuments",
    "ObjectTooLarge",
    "OfCase",
    "Origin",
    "Outcome",
    "Page",
    "Part",
    "Restated",
    "SequenceGap",
    "Step",
    "Store",
    "StoreAway",
    "StoreFault",
    "Stored",
    "Tombstone",
    "TooManyKeys",
    "everybody",
    "existing",
    "find_part",
    "find_seen",
]
