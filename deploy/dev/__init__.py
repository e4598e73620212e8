"""`make dev`: the embedded stack, up until Ctrl-C, with what a developer needs to talk to it in build/dev.json."""
