"""docker-compose.yml tried from outside: `make compose-smoke` starts it, scales it, plays the demo's story, ends it."""
