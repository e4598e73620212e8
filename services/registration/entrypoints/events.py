"""What registration listens to. Its own requests lead to actions, which mobilise with final terms; everything about a
case goes into its timeline."""

from __future__ import annotations

from typing import Any

from services.registration.application.await_final_terms import await_final_terms
from services.registration.application.mobilise_action import mobilise_action
from services.registration.application.office import Office
from services.registration.application.open_action import open_action
from services.registration.application.pass_over import pass_over
from services.registration.application.tell_timeline import tell_timeline
from shared.contracts import topics
from shared.contracts.catalogue import contracts_on
from shared.contracts.events.requests import RequestApproved, RequestRejected, RequestSubmitted
from shared.contracts.events.terms_of_reference import TermsDrafted, TermsFinalised
from shared.contracts.topics import Topic
from shared.messaging.event import Event
from shared.messaging.subscription import Subscription

FOLLOWED = (
    topics.REQUESTS,
    topics.ACTIONS,
    topics.TERMS_OF_REFERENCE,
    topics.POSITIONS,
    topics.TEAMS,
)
"""The topics a timeline is made from; every event on them carries the id of its request."""


def subscriptions(office: Office) -> tuple[Subscription, ...]:
    """Every subscription of the service."""
    return (_actions(office), _mobilisation(office), *(_timeline(office, topic) for topic in FOLLOWED))


def _actions(office: Office) -> Subscription:
    async def approved(event: Event[RequestApproved]) -> None:
        await open_action(office, event.data.request_id, event.cause())

    async def other(event: Event[Any]) -> None:
        await pass_over(office, event.data.request_id, event.cause())

    return Subscription(
        concern="actions",
        topic=topics.REQUESTS,
        handles={RequestApproved: approved},
        passes_over={
            RequestSubmitted: "an action begins with the approval",
            RequestRejected: "no action follows a rejection",
        },
        advances=other,
    )


def _mobilisation(office: Office) -> Subscription:
    async def final(event: Event[TermsFinalised]) -> None:
        await mobilise_action(office, event.data.action_id, event.cause())

    async def other(event: Event[Any]) -> None:
        await await_final_terms(office, event.data.action_id, event.cause())

    return Subscription(
        concern="mobilisation",
        topic=topics.TERMS_OF_REFERENCE,
        handles={TermsFinalised: final},
        passes_over={TermsDrafted: "an action mobilises with final terms"},
        advances=other,
    )


def _timeline(office: Office, topic: Topic) -> Subscription:
    async def tell(event: Event[Any]) -> None:
        await tell_timeline(office, event.data.request_id, event.data, event.envelope, event.cause())

    return Subscription(
        concern=f"timeline-{topic.aggregate}",
        topic=topic,
        handles={contract.model: tell for contract in contracts_on(topic)},
    )
