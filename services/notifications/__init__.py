"""Notifications: who must be told, how they are reached, and what became of it.

Owns       contacts (kept from the compacted topic), the people each case names, and deliveries: one document per
           event, recipient and channel (`application/stores.py`).
Decides    which event tells whom what (`domain/catalogue.py`, the table), who that is (`domain/recipients.py`,
           `domain/notice.py`), when a mail is tried again (`domain/retrying.py`).
Offers     one's own inbox, and the deliveries for officers and operators (`entrypoints/http`).
Listens to contacts, institutions, experts, requests, actions, terms of reference, searches, positions, teams
           (`entrypoints/events.py`).
Announces  nothing yet.
Sends      mail, straight after the event and again by deadline (`application/send_delivery.py`,
           `entrypoints/sender.py`), worded in en, fr and es (`templates/`).
"""
