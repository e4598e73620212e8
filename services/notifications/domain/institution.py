"""What an institution comes for: to ask for assistance, or to have its staff proposed as experts."""

from __future__ import annotations

from services.notifications.domain.recipients import Facts, in_the_union

LENDING = frozenset({"expert_employer", "collaborating_institution", "consortium_member"})
"""Roles of institutions (domain §5.1) whose staff may be proposed."""


def asks(facts: Facts) -> bool:
    """Whether it may ask for assistance once it is verified: a partner of a country that registration admits.

    Where an event does not say it, as before it was announced: without roles it is taken for a partner, and outside
    the Union every country for admitted.
    """
    admitted = facts.get("may_ask")
    if admitted is None:
        admitted = not in_the_union(facts["country"])
    return "partner" in (facts.get("roles") or ("partner",)) and admitted


def lends(facts: Facts) -> bool:
    """Whether it hears that its staff may be proposed: where its role says so, and where it may not ask."""
    return not LENDING.isdisjoint(facts.get("roles") or ()) or not asks(facts)
