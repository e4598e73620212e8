"""The terminal against a running system."""
