"""Events between services: subscriptions and handlers, the consumer with its parking lot, the relay, the topics.

The `Assembly` of a service (`shared/runtime/assembly.py`) makes one `part.Messaging`, hands `messaging.relay.nudge` to
its stores and its `subscription.Subscription`s to `messaging.listen`. Handlers get an `event.Event` and raise what
`errors` offers. Only this package publishes and commits. Nothing is imported here, so that what needs an event's type
alone does not load a Kafka client.
"""
