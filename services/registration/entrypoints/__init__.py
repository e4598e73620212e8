"""How registration is reached: over HTTP by people, through Kafka by events. Both only translate."""
