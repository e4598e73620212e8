"""None of its own: registration reaches its database and Kafka through `shared.store` and `shared.messaging`."""
