"""Sample output for the interface's documentation. Nobody and nothing in it is real."""

from __future__ import annotations

from typing import Any

Example = dict[str, Any]

NOTICE: Example = {
    "id": "dlv_018f",
    "version": 1,
    "type": "request_received",
    "priority": "N",
    "subject": "REQ-2031-0001: we have received your request",
    "text": "Dear Ada Sample,\n\nyour request has reached us.\n",
    "language": "en",
    "state": "delivered",
    "occurred_at": "2031-01-10T09:00:00Z",
    "opened_at": None,
    "event_id": None,
    "event_type": "request.submitted",
    "case_id": "req_018f",
}
OPENING: Example = {"id": "dlv_018f", "version": 2, "state": "opened", "opened_at": "2031-01-10T09:05:00Z"}
DELIVERY: Example = {
    "id": "dlv_018e",
    "version": 2,
    "event_id": "evt_018f",
    "event_type": "request.submitted",
    "type": "request_received",
    "row": 1,
    "priority": "N",
    "recipient": "con_018f",
    "role": "focal_point",
    "stands_in": False,
    "channel": "mail",
    "state": "failed",
    "waiting_for": None,
    "attempts": 1,
    "failure": "550 no such mailbox",
    "next_look_at": None,
    "case_id": "req_018f",
    "occurred_at": "2031-01-10T09:00:00Z",
    "created_at": "2031-01-10T09:00:00Z",
    "sent_at": None,
    "opened_at": None,
}
TRIED_AGAIN: Example = {
    **DELIVERY,
    "version": 3,
    "state": "queued",
    "attempts": 0,
    "next_look_at": "2031-01-10T10:00:30Z",
}
RETRIES: Example = {"id": "rty_018f", "looked_at": 100, "queued": 72, "next": "1925715600000~dlv_018e", "version": 1}
