"""Matching: who could do it, and who does.

Owns       the roster as it needs it, availability, searches with their reasons, positions and offers, holds, teams.
Offers     availability, searches ("why"), positions and the approval of their lists, offers and their answers, teams
           (`entrypoints/http`).
Listens to institutions, experts, requests, terms of reference, and its own positions (`entrypoints/events.py`).
Announces  match.*, position.*, shortlist.*, assignment.*, deadline.*, availability.*, team.complete
           (`application/announce.py`).
"""
