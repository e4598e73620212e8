"""Restart after restart under load: an upgrade as its callers see it."""
