"""What the auditor says: every finding in words, and the counts behind the demo's figures."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Copy:
    """A record that lies on its topic again, `named` by topic, key and sequence. Instants are in milliseconds since
    1970: its producer's of this copy and of the one before, and when it was announced, which is the instant of its
    event; 0 where it says none, as a tombstone does."""

    topic: str
    named: str
    offset: int
    announced: int
    before: int
    published: int

    def __str__(self) -> str:
        return f"{self.named} at offset {self.offset}"


@dataclass(slots=True)
class Findings:
    """Empty lists are the promise kept. `republished` and `mail_repeats` are allowed only where a kill fell;
    `discarded` is what operators decided shall never be handled; `foreign` are documents that no service wrote, in
    collections that belong to one; `undeliverable` are notices of a system at work that no attempt could deliver;
    `unreadable` are records that their consumers park, and batches that nobody can read: what is missing because of
    them is told besides."""

    events: int = 0
    effects: int = 0
    lost: list[str] = field(default_factory=list)
    duplicates: list[str] = field(default_factory=list)
    out_of_order: list[str] = field(default_factory=list)
    pending: list[str] = field(default_factory=list)
    holds_left: list[str] = field(default_factory=list)
    republished: list[Copy] = field(default_factory=list)
    mail_repeats: list[str] = field(default_factory=list)
    discarded: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    undeliverable: list[str] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        """Nothing lost, doubled, out of order or still on its way; no hold left over, nothing put in by others."""
        return self.sound and not self.pending

    @property
    def sound(self) -> bool:
        """As `clean`, but some things may still be on their way: what can be asked of a system that works."""
        return not (self.lost or self.duplicates or self.out_of_order or self.holds_left or self.foreign)

    def counts(self) -> dict[str, int]:
        """The figures alone."""
        return {
            "events": self.events,
            "effects": self.effects,
            "lost": len(self.lost),
            "duplicates": len(self.duplicates),
            "out_of_order": len(self.out_of_order),
            "pending": len(self.pending),
            "holds_left": len(self.holds_left),
            "republished": len(self.republished),
            "mail_repeats": len(self.mail_repeats),
            "discarded": len(self.discarded),
            "foreign": len(self.foreign),
            "undeliverable": len(self.undeliverable),
            "unreadable": len(self.unreadable),
        }

    def as_json(self, most: int = 50) -> dict[str, Any]:
        """The figures and up to `most` findings of each kind in words."""
        kinds = [name for name, value in self.counts().items() if isinstance(getattr(self, name), list) and value]
        return {
            **self.counts(),
            "findings": {kind: [str(said) for said in getattr(self, kind)[:most]] for kind in kinds},
        }
